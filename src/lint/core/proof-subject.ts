/** A linted document as the input of provers. */
import { unknownKeyArn } from '../../model/arn.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { readPolicy } from '../../policy/document.ts';
import type { ProofSubject, Prover } from '../../analysis/prover/questions.ts';
import type { Subject } from './subject.ts';

/** Whether the rules that need a proof can run: a prover, a document that is JSON, and a known owner. */
export const canProve = ({ settings, faults, root, account, kind }: Subject): boolean =>
  settings.prover !== undefined &&
  kind === 'key' &&
  faults.length === 0 &&
  root?.kind === 'object' &&
  account !== undefined;

export interface Provable {
  readonly prover: Prover;
  readonly proof: ProofSubject;
}

const made = new WeakMap<Subject, Provable>();

/** Only if canProve() holds. All rules share the object, with which the prover caches results and its budget. */
export function proofSubject(subject: Subject): Provable {
  let provable = made.get(subject);
  if (!provable) made.set(subject, (provable = provableOf(subject)));
  return provable;
}

function provableOf({ text, settings, account }: Subject): Provable {
  const owner = account!;
  const proof: ProofSubject = {
    document: readPolicy(text),
    account: owner,
    keyArn: settings.key?.arn ?? unknownKeyArn(owner),
    trustedAccounts: settings.trustedAccounts ?? [],
    principalExists: settings.principalExists,
    actionRules: settings.prover!.actionRules,
    budget: new Budget(),
  };
  return { prover: settings.prover!, proof };
}
