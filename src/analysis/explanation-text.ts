/** An explanation as a tree for people to read. */
import { line, plainPaint, printLines, wrapped, type StyledLine, type TextStyle } from '../model/styled-text.ts';
import type { Answer, Explanation, Leaf, ExplanationStep } from './explanation.ts';
import type { Change, Remedy } from './remedies/remedy.ts';

const TITLE = 24;
const EMPTY = line();

export const ANSWER_STYLES: { readonly [answer in Answer]: TextStyle } = {
  YES: 'good',
  NO: 'error',
  MAYBE: 'warning',
};

/** The tree without color, in lines as long as they are. */
export const explanationText = (explanation: Explanation): string =>
  `${printLines(explanationLines(explanation), { paint: plainPaint, columns: undefined })}\n`;

export function explanationLines(explanation: Explanation): readonly StyledLine[] {
  const { answer, decision, reason, steps, remedies, counterfactuals, awsSays, options, unproved, among } = explanation;
  const { caller, action, resource } = decision.request;
  const verb = answer === 'YES' ? 'can perform' : answer === 'NO' ? 'cannot perform' : 'may be allowed to perform';
  const lines = [
    line([ANSWER_STYLES[answer], answer], ' '.repeat(6 - answer.length), ['strong', caller.arn]),
    wrapped(6, `      ${verb} ${action}${placeOf(explanation)}`),
    wrapped(6, `      ${reason}`),
    EMPTY,
    ...(among === undefined ? [] : [wrapped(3, ` Steps for ${resource.arn}:`), EMPTY]),
    ...steps.flatMap(stepLines),
  ];
  if (counterfactuals.length > 0) {
    const other = decision.outcome === 'allow' ? 'NO' : 'YES';
    lines.push(
      EMPTY,
      line(' ', [ANSWER_STYLES[other], other], ', if the following is true (not specified):'),
      ...numbered(counterfactuals, ({ text, state }) => state ?? text),
      wrapped(6, `    Options that specify it: ${options.join(', ')}`),
    );
  }
  if (remedies.length > 0)
    lines.push(
      EMPTY,
      line(' ', ['strong', 'Changes that would allow it'], ' (smallest first, each verified by simulation):'),
      ...numbered(remedies),
    );
  for (const open of unproved) lines.push(EMPTY, wrapped(3, ` Not proved: ${open}`));
  if (awsSays !== undefined) lines.push(EMPTY, wrapped(3, ` Error message of AWS KMS: ${awsSays}`));
  return lines;
}

function placeOf({ among, decision }: Explanation): string {
  const { resource } = decision.request;
  if (among !== undefined) return ` on any of the ${among} below`;
  return resource.kind === 'none' ? '' : ` on ${resource.arn}`;
}

function stepLines({ title, summary, leaves }: ExplanationStep, index: number): readonly StyledLine[] {
  return [
    wrapped(TITLE + 1, ` ${index + 1} `, ['strong', title], ' '.repeat(TITLE - 2 - title.length), summary),
    ...leaves.flatMap((leaf, at) => leafLines(leaf, at === leaves.length - 1)),
  ];
}

function leafLines({ name, text, applies, place }: Leaf, isLast: boolean): readonly StyledLine[] {
  const where = place ? `  (line ${place.line}, column ${place.column})` : '';
  return [
    wrapped(
      9,
      '   ',
      ['frame', isLast ? '└' : '├'],
      ' ',
      applies ? ['good', 'yes'] : ['faint', 'no'],
      `${applies ? '' : ' '} ${name}`,
    ),
    wrapped(11, '   ', ['frame', isLast ? ' ' : '│'], `       ${text}`, ['faint', where]),
  ];
}

const numbered = (
  remedies: readonly Remedy[],
  words: (change: Change) => string = ({ text }) => text,
): readonly StyledLine[] =>
  remedies.flatMap(({ changes }, index) =>
    changes.flatMap((change, at) => [
      wrapped(6, `   ${at === 0 ? String.fromCharCode(97 + index) : ' '}  ${at === 0 ? '' : 'and '}${words(change)}`),
      ...meansLines(change),
    ]),
  );

/** A longer command is for the JSON answer: a key policy can have 32 KB. */
const MAX_COMMAND = 1000;

/** Commands stay whole, to be copied. */
function meansLines({ command, callOptions }: Change): readonly StyledLine[] {
  const shown =
    command === undefined || command.length <= MAX_COMMAND
      ? command
      : `(a command of ${command.length} characters: Command of this change with --output json)`;
  return [shown, callOptions].flatMap((text) => (text === undefined ? [] : [line('      ', ['hint', text])]));
}
