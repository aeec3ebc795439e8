/** Warnings of the linter about a key policy that is written: a line for each finding of severity `security` or higher. */
import { cut, MAX_QUOTED } from '../../model/cut.ts';
import { visible } from '../../model/visible.ts';
import { lint } from '../../lint/lint.ts';
import { isAtLeast } from '../../lint/run.ts';
import { SEVERITIES } from '../../lint/core/settings.ts';
import { actionRules } from '../../pipeline/action-rules.ts';
import { MAX_KEY_POLICY } from '../../policy/write-check.ts';
import { proverWith } from '../../analysis/prover/prover.ts';

const MAX_LINES = 20;

/** None for a policy that is refused for its size; the most severe of many findings. */
export async function policyWarnings(text: string): Promise<readonly string[]> {
  if (Buffer.byteLength(text) > MAX_KEY_POLICY) return [];
  const prover = proverWith(await actionRules());
  const found = lint({ text, kind: 'key', settings: { prover } }).filter(({ severity }) =>
    isAtLeast(severity, 'security'),
  );
  const worst = found
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .slice(0, MAX_LINES);
  const lines = (found.length > MAX_LINES ? worst : found).map(
    ({ severity, code, message, span }) =>
      `${severity}[${code}] ${visible(cut(message, MAX_QUOTED))} (policy:${span.line}:${span.column})`,
  );
  const more = found.length - lines.length;
  return more > 0 ? [...lines, `${more} more findings: kms lint shows all of them`] : lines;
}
