/**
 * The parties of grants: the name of a principal in the index of grants, and the names under which grants of a caller are
 * found.
 */
import type { Home } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { isServiceName, rootArn } from '../../model/principal-arn.ts';
import { accountOf, readPrincipal, type Caller } from '../../policy/principal.ts';

/** The root user's ARN and the bare account ID are the same party; all others have their own names. */
export const partyOf = (principal: string): string =>
  readPrincipal({ type: 'AWS', text: principal }).class === 'account' ? accountOf(principal)! : principal;

/** A session also counts as its role, and every identity as its account. */
export const partiesOf = ({ arn, roleArn, account, kind }: Caller): readonly string[] =>
  [kind === 'root' ? undefined : arn, roleArn, account].filter((party) => party !== undefined);

const PEOPLE: ReadonlySet<string> = new Set(['account', 'user', 'role', 'session', 'federated']);

/** @throws InvalidArnException for a principal that grants cannot have; services are allowed, as in their own members */
export function checkParty(principal: string): void {
  if (isServiceName(principal)) return;
  const { class: kind, byId } = readPrincipal({ type: 'AWS', text: principal });
  if (!PEOPLE.has(kind) || byId) {
    throw invalidParty(principal);
  }
}

export const invalidParty = (principal: string): KmsError =>
  new KmsError('InvalidArnException', `ARN does not refer to a valid principal: ${principal}`);

/** A grantee that grants are looked for by: also the unique ID of one that was deleted. */
export function checkGrantee(grantee: string): void {
  if (!readPrincipal({ type: 'AWS', text: grantee }).byId) checkParty(grantee);
}

/** The principal as it is kept: an account by its root ARN. */
export function partyArn(principal: string, home: Pick<Home, 'region'>): string {
  const { class: kind, account } = readPrincipal({ type: 'AWS', text: principal });
  return kind === 'account' ? rootArn(account!, home.region) : principal;
}
