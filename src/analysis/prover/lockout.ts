/** Whether a caller, or everyone, could not change the key policy any more. */
import { readPrincipal, type Caller } from '../../policy/principal.ts';
import { canReach } from './ask.ts';
import type { PrincipalModel } from './callers.ts';
import { covers } from './model.ts';
import type { SubjectModel } from './subject-model.ts';
import type { ProofSubject } from './questions.ts';
import { KEY_ACTIONS } from './rules.ts';

export const PUT_KEY_POLICY = KEY_ACTIONS.find(({ name }) => name === 'PutKeyPolicy')!;

/** Of a caller whose identity policies are not known, anything is taken to be in them: then nothing is proved. */
export function locksOut({ model, text }: SubjectModel, caller: Caller): boolean {
  const principal: PrincipalModel = { caller, label: caller.arn };
  if (canReach(model, text, { principal, action: PUT_KEY_POLICY }).kind === 'no') return true;
  const { identityPolicies } = caller;
  if (!identityPolicies) return false;
  // what no identity policy gives, delegation does not give either: then only a direct statement counts
  const bare = { ...caller, identityPolicies: identityPolicies.filter(givesSomething) };
  const direct = text.rules.some(
    (rule) =>
      rule.statement.effect === 'Allow' &&
      ['direct', 'role'].includes(covers(model, text, { rule, atom: { principal, action: PUT_KEY_POLICY } }) ?? ''),
  );
  return !direct && caller.kind !== 'root' && bare.identityPolicies.length === 0;
}

const givesSomething = ({ document }: NonNullable<Caller['identityPolicies']>[number]): boolean =>
  document.statements.some(({ effect }) => effect === 'Allow');

export function locksOutAll({ model, text }: SubjectModel, { principalExists }: ProofSubject): boolean {
  if (!model.complete) return false;
  return model.principals.every((principal) => {
    const { named, caller } = principal;
    if (caller.kind === 'service') return true; // no service writes key policies
    if (named && (readPrincipal(named).byId || principalExists?.(named) === false)) return true;
    return canReach(model, text, { principal, action: PUT_KEY_POLICY }).kind === 'no';
  });
}
