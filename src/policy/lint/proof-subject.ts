/** A linted document as provers take it. */
import { readPolicy } from '../document.ts';
import type { ProofSubject, Prover } from './prover.ts';
import type { Subject } from './subject.ts';

/** Whether the rules that need a proof can run: a prover, a document that is JSON, and a known owner. */
export const canProve = ({ settings, faults, root, account, kind }: Subject): boolean =>
  settings.prover !== undefined &&
  kind === 'key' &&
  faults.length === 0 &&
  root?.kind === 'object' &&
  account !== undefined;

/** Only where canProve() holds. */
export function proofSubject({ text, settings, account }: Subject): {
  readonly prover: Prover;
  readonly proof: ProofSubject;
} {
  const owner = account!;
  const proof: ProofSubject = {
    document: readPolicy(text),
    account: owner,
    keyArn: settings.key?.arn ?? `arn:aws:kms:us-east-1:${owner}:key/00000000-0000-0000-0000-000000000000`,
    trustedAccounts: settings.trustedAccounts ?? [],
    principalExists: settings.principalExists,
  };
  return { prover: settings.prover!, proof };
}
