/** An explanation as a tree for people to read. */
import { visible } from '../model/visible.ts';
import type { Explanation, Leaf, ExplanationStep } from './explanation.ts';
import type { Change, Remedy } from './remedy.ts';

const TITLE = 24;

export function explanationText(explanation: Explanation): string {
  const { answer, decision, reason, steps, remedies, counterfactuals, awsSays, options, unproved, among } = explanation;
  const { caller, action, resource } = decision.request;
  const verb = answer === 'YES' ? 'can perform' : answer === 'NO' ? 'cannot perform' : 'may be allowed to perform';
  const lines = [
    `${answer.padEnd(5)} ${caller.arn}`,
    `      ${verb} ${action}${placeOf(explanation)}`,
    `      ${reason}`,
    '',
    ...(among === undefined ? [] : [` Steps for ${resource.arn}:`, '']),
    ...steps.flatMap(stepLines),
  ];
  if (counterfactuals.length > 0) {
    const other = decision.outcome === 'allow' ? 'NO' : 'YES';
    lines.push(
      '',
      ` ${other}, if the following is true (not specified):`,
      ...numbered(counterfactuals, ({ text, state }) => state ?? text),
      `    Options that specify it: ${options.join(', ')}`,
    );
  }
  if (remedies.length > 0)
    lines.push(
      '',
      ' Changes that would allow it (smallest first, each verified by simulation):',
      ...numbered(remedies),
    );
  for (const open of unproved) lines.push('', ` Not proved: ${open}`);
  if (awsSays !== undefined) lines.push('', ` Error message of AWS KMS: ${awsSays}`);
  // each of them quotes policies and names
  return `${lines.map(visible).join('\n')}\n`;
}

function placeOf({ among, decision }: Explanation): string {
  const { resource } = decision.request;
  if (among !== undefined) return ` on any of the ${among} below`;
  return resource.kind === 'none' ? '' : ` on ${resource.arn}`;
}

function stepLines({ title, summary, leaves }: ExplanationStep, index: number): readonly string[] {
  return [
    ` ${index + 1} ${title.padEnd(TITLE - 3)} ${summary}`,
    ...leaves.flatMap((leaf, at) => leafLines(leaf, at === leaves.length - 1)),
  ];
}

function leafLines({ name, text, applies, place }: Leaf, isLast: boolean): readonly string[] {
  const mark = applies ? 'yes' : 'no ';
  const where = place ? `  (line ${place.line}, column ${place.column})` : '';
  return [`   ${isLast ? '└' : '├'} ${mark} ${name}`, `   ${isLast ? ' ' : '│'}       ${text}${where}`];
}

const numbered = (
  remedies: readonly Remedy[],
  words: (change: Change) => string = ({ text }) => text,
): readonly string[] =>
  remedies.flatMap(({ changes }, index) =>
    changes.flatMap((change, at) => [
      `   ${at === 0 ? String.fromCharCode(97 + index) : ' '}  ${at === 0 ? '' : 'and '}${words(change)}`,
      ...meansLines(change),
    ]),
  );

/** A longer command is for the JSON answer: a key policy can have 32 KB. */
const MAX_COMMAND = 1000;

function meansLines({ command, callOptions }: Change): readonly string[] {
  const shown =
    command === undefined || command.length <= MAX_COMMAND
      ? command
      : `(a command of ${command.length} characters: Command of this change without --tree)`;
  return [shown, callOptions].flatMap((line) => (line === undefined ? [] : [`      ${line}`]));
}
