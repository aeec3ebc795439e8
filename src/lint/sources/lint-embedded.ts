/** Findings and fixes of policies within a file, with places in that file. */
import { Places, printPath, type Range } from '../../policy/text-place.ts';
import { applyEdits, type Edit } from '../core/edit.ts';
import { spanIn, type Finding } from '../core/finding.ts';
import type { LintSettings } from '../core/settings.ts';
import { ruleOf } from '../every-rule.ts';
import { fixText, type Fixed } from '../fix.ts';
import { lint } from '../lint.ts';
import type { ContainerFix, PolicyContainer } from '../run.ts';
import { policiesIn, type EmbeddedPolicy } from './policies-in.ts';
import type { RenderedPolicy } from './rendered-policy.ts';

/** Of a fix that is not applied, because the place of its edits in the file is not known exactly. */
export const BY_HAND = 'fix by hand';

/** @returns undefined for a file that is a policy, or a list of grants, as a whole */
export function containerOf(text: string, name: string): PolicyContainer | undefined {
  const read = keepLast((now: string, account?: string) => policiesIn(now, { name, account }));
  const first = read(text);
  if (!first) return undefined;
  const spanOf = spanIn(text);
  const policiesOf = (now: string, { key, account }: LintSettings) =>
    read(now, key?.account ?? account)?.policies ?? [];
  return {
    count: first.policies.length,
    elsewhere: first.elsewhere.map((start) => spanOf({ start, end: start }).line),
    lint: (input) => lintEmbedded({ ...input, policies: policiesOf(input.text, input.settings) }),
    fix: (input) => fixEmbedded({ ...input, policies: policiesOf(input.text, input.settings) }),
  };
}

/** A file is read, linted and fixed as it is, most often. */
function keepLast<T>(read: (text: string, account?: string) => T): (text: string, account?: string) => T {
  let last: { readonly name: string; readonly answer: T } | undefined;
  return (text, account) => {
    const name = `${account} ${text}`;
    if (last?.name !== name) last = { name, answer: read(text, account) };
    return last.answer;
  };
}

interface EmbeddedInput {
  /** The file. */
  readonly text: string;
  readonly policies: readonly EmbeddedPolicy[];
  readonly settings: LintSettings;
}

/** In the order of the file. */
function lintEmbedded({ text, policies, settings }: EmbeddedInput): readonly Finding[] {
  const spanOf = spanIn(text);
  return policies
    .flatMap((policy) => {
      const [found = [], ...others] = policy.choices.map((rendered) =>
        lint({ text: rendered.text, kind: policy.kind, settings: settingsFor(policy, settings) })
          .filter((finding) => isKnown(finding, rendered))
          .map((finding) => inFile(finding, { policy, rendered, spanOf })),
      );
      const names = others.map((other) => new Set(other.map(nameOf)));
      return found.filter((finding) => names.every((other) => other.has(nameOf(finding))));
    })
    .toSorted((a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
}

/** Policies that can be written in their place are fixed; others stay as they are. */
function fixEmbedded({ text, policies, settings, unsafe, wanted }: ContainerFix & EmbeddedInput): Fixed {
  let count = 0;
  const edits = policies.flatMap((policy): readonly Edit[] => {
    const [rendered] = policy.choices;
    if (!rendered?.written || !policy.isFixable) return [];
    const own = { text: rendered.text, kind: policy.kind, settings: settingsFor(policy, settings) };
    const fixed = fixText({ ...own, unsafe, wanted });
    count += fixed.count;
    const { start, end, encode } = rendered.written;
    return fixed.count === 0 ? [] : [{ start, end, text: encode(fixed.text) }];
  });
  return { text: applyEdits(text, edits), count };
}

const settingsFor = ({ account }: EmbeddedPolicy, settings: LintSettings): LintSettings =>
  settings.account === undefined && account !== undefined ? { ...settings, account } : settings;

const nameOf = ({ code, span }: Finding): string => `${code} ${span.start} ${span.end}`;

const isWithin = ({ start, end }: Range, outer: Range): boolean => outer.start <= start && end <= outer.end;

/** Rests on no value that the file does not tell. */
function isKnown({ code, message, span, secondary, steps }: Finding, rendered: RenderedPolicy): boolean {
  const { unknown, sourceOf, text } = rendered;
  if (unknown.length === 0) return true;
  if (message.includes('unresolved')) return false;
  const places = [span, ...secondary.map((note) => note.span)].map(sourceOf);
  if (places.some((place) => unknown.some((range) => isWithin(place, range)))) return false;
  if (!ruleOf(code)?.prove || steps[0] !== 'Statement') return true;
  const statement = new Places(text).of(steps.slice(0, typeof steps[1] === 'number' ? 2 : 1));
  if (!statement) return true;
  const whole = sourceOf({ start: statement.offset, end: statement.offset + statement.length });
  return !unknown.some((range) => isWithin(range, whole));
}

interface FileDeps {
  readonly policy: EmbeddedPolicy;
  readonly rendered: RenderedPolicy;
  readonly spanOf: ReturnType<typeof spanIn>;
}

function inFile(finding: Finding, { policy, rendered, spanOf }: FileDeps): Finding {
  const { fix, ...rest } = finding;
  const { sourceOf } = rendered;
  const written = policy.isFixable ? rendered.written : undefined;
  const steps = [...policy.steps, ...finding.steps];
  const edits = fix?.edits.map(({ start, end, text }) => ({
    ...sourceOf({ start, end }),
    text: written?.encodePart(text) ?? text,
  }));
  const byHand = fix && !written ? [`${BY_HAND}: ${fix.title}`] : [];
  return {
    ...rest,
    steps,
    path: printPath(steps),
    span: spanOf(sourceOf(finding.span)),
    secondary: finding.secondary.map((note) => ({ ...note, span: spanOf(sourceOf(note.span)) })),
    notes: [...finding.notes, ...byHand],
    ...(fix && edits && written ? { fix: { ...fix, edits } } : {}),
  };
}
