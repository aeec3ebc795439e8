/** What the linter says of a key policy that is about to be written: a line a finding, from `security` upwards. */
import { lint } from '../policy/lint/lint.ts';
import { isAtLeast } from '../policy/lint/run.ts';
import { visible } from '../api/visible.ts';
import { MAX_KEY_POLICY } from '../policy/write-check.ts';
import { prover } from '../policy/proofs/prover.ts';

/** None of a policy that is refused for its size. */
export function policyWarnings(text: string): readonly string[] {
  if (Buffer.byteLength(text) > MAX_KEY_POLICY) return [];
  return lint({ text, kind: 'key', settings: { prover } })
    .filter(({ severity }) => isAtLeast(severity, 'security'))
    .map(
      ({ severity, code, message, span }) =>
        `${severity}[${code}] ${visible(message)} (policy:${span.line}:${span.column})`,
    );
}
