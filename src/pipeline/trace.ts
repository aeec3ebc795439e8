/** The trace of a call: the lines of `--debug`, which never contain secrets. */
import type { Decision } from '../policy/decision.ts';
import { stateOf } from '../keyring/key-store.ts';
import type { Target } from '../operations/row/operation.ts';

/** @param logger which part of the program says it: `pipeline`, `unlock` */
export type Trace = (logger: string, message: string) => void;

export function describeTarget(target: Target): string {
  const { request } = target;
  if (target.kind === 'none') return `${request.action} on no key`;
  if (target.kind === 'alias') return `${request.action} on ${target.arn}`;
  const { key, keyStore, arn } = target;
  return `${request.action} on ${arn} (${key.spec}, ${key.usage}, ${stateOf(key, keyStore)})`;
}

/** The deciding statement or grant: `allow through keyPolicy, statement 1`. */
export function describeDecision({ request, by, considered }: Decision): string {
  const through = by.outcome === 'implicitDeny' ? `for want of ${by.missing}` : `through ${by.through}`;
  const because = by.because.map((one) =>
    one.source === 'grant' ? `grant ${one.grant.id}` : `${one.source} statement ${one.statement.index + 1}`,
  );
  const found = because.length === 0 ? '' : `: ${because.join(', ')}`;
  return `${request.caller.arn} ${request.action}: ${by.outcome} ${through}${found}; ${considered.length} considered`;
}
