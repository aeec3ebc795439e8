/** Principals without Decrypt that can give it to themselves. */
import { ask, canReach, canReachBy, isAllowed, principalText } from './ask.ts';
import type { PrincipalModel } from './callers.ts';
import { PUT_KEY_POLICY } from './lockout.ts';
import { allowsFor, undenied, withoutIdentityPolicies, type Atom, type Model } from './model.ts';
import type { SubjectModel } from './subject-model.ts';
import type { Access, Escalation } from './questions.ts';
import { KEY_ACTIONS, type Text } from './rules.ts';

const DECRYPT = KEY_ACTIONS.find(({ name }) => name === 'Decrypt')!;
const CREATE_GRANT = KEY_ACTIONS.find(({ name }) => name === 'CreateGrant')!;

/** Those who are named, may not decrypt by the key policy, and can come to it by what it lets them do. */
export function selfEscalation({ model, text }: SubjectModel, found: Escalation[]): void {
  const bare = withoutIdentityPolicies(model);
  const allowed = new Set(
    text.rules.flatMap(({ statement: { effect, principals = [] } }) =>
      effect === 'Allow' ? principals.map((named) => named.text) : [],
    ),
  );
  for (const principal of model.principals) {
    const { named, caller } = principal;
    if (!named || caller.kind === 'service' || !allowed.has(named.text)) continue;
    if (canReach(bare, text, { principal, action: DECRYPT }).kind !== 'no') continue;
    const escalation = byPolicy(bare, text, principal) ?? byOwnGrant(bare, text, principal);
    if (escalation) found.push(escalation);
  }
}

type EscalationStep = (model: Model, text: Text, principal: PrincipalModel) => Escalation | undefined;

function firstWay(
  model: Model,
  text: Text,
  { atom, ...more }: { atom: Atom } & Parameters<typeof canReachBy>[2],
): Access | undefined {
  for (const rule of allowsFor(model, text, atom)) {
    const verdict = canReachBy(model, { text, rule, atom }, more);
    if (verdict.kind === 'yes') return { statement: rule.statement.index, witness: verdict.found };
  }
  return undefined;
}

const byPolicy: EscalationStep = (model, text, principal) => {
  const way = firstWay(model, text, { atom: { principal, action: PUT_KEY_POLICY } });
  return way && { ...way, principal: principalText(principal.caller), path: ['kms:PutKeyPolicy', 'kms:Decrypt'] };
};

/** A grant to itself, made directly and not by a service; no Deny may stand against decryption then. */
const byOwnGrant: EscalationStep = (model, text, principal) => {
  const grantee = principalText(principal.caller);
  const given = { input: { GranteePrincipal: grantee, Operations: ['Decrypt'] }, isDirect: true };
  const way = firstWay(model, text, { atom: { principal, action: CREATE_GRANT }, given });
  if (!way) return undefined;
  const atom = { principal, action: DECRYPT };
  const grant = { id: 'its own', granteePrincipal: grantee, operations: ['Decrypt'] };
  const used = ask(model, {
    atom,
    clauses: undenied(model, text, atom),
    confirm: (request) => isAllowed({ ...request, caller: principal.caller, grants: [grant] }),
  });
  return used.kind === 'yes' ? { ...way, principal: grantee, path: ['kms:CreateGrant', 'kms:Decrypt'] } : undefined;
};
