/** Steps for the principals of a seed. */
import { EnvironmentError } from '../../../model/error.ts';
import { findIdentity, type Identity } from '../../../keyring/identity.ts';
import { IDENTITY_FORMS, iamIdentifier, type IamIdentifier } from '../../../policy/identity.ts';
import { changeIdentity, type IdentityChange } from '../../identities/identity.ts';
import type { SeedPrincipal } from '../seed/document.ts';
import { STACK_TAG } from '../template/stack.ts';
import type { ManagedPolicies } from './managed-policies.ts';
import { isSamePolicy, policyText, skipped, unchanged, type SeedChange, type SeedStep, type StepDeps } from './step.ts';

function nameOf({ Arn }: SeedPrincipal): IamIdentifier {
  const name = iamIdentifier(Arn);
  if (!name) throw new EnvironmentError(`Arn in Principals must be ${IDENTITY_FORMS}, not '${Arn}'`);
  return name;
}

/** A user can be put into a group that is there. */
export function inOrder(principals: readonly SeedPrincipal[]): readonly SeedPrincipal[] {
  const isGroup = (principal: SeedPrincipal): boolean => nameOf(principal).kind === 'group';
  return [...principals.filter(isGroup), ...principals.filter((principal) => !isGroup(principal))];
}

const change = ({ unit, events }: StepDeps, input: IdentityChange): Promise<unknown> =>
  changeIdentity(unit.tx, input, events);

/** Before any policy is written, since policies name the principals that are there. */
export async function planNewPrincipal(principal: SeedPrincipal, deps: StepDeps): Promise<readonly SeedStep[]> {
  const { Arn, Tags, UniqueId } = principal;
  const known = await findIdentity(deps.unit.tx, nameOf(principal));
  if (known) {
    if (known.arn !== Arn) {
      throw new EnvironmentError(`${known.arn} exists: names of identities are unique within an account`);
    }
    checkStack(principal, known, deps);
    if (UniqueId !== undefined && known.uniqueId !== UniqueId) {
      throw new EnvironmentError(`${Arn} exists with another unique ID, ${known.uniqueId}`);
    }
    return [];
  }
  const run = (): Promise<unknown> => change(deps, { Arn, Tags, UniqueId });
  return [{ Action: 'create', Resource: Arn, Detail: 'principal', run }];
}

/** As in CloudFormation: a principal of another stack, or of none, is not taken over. */
function checkStack({ Arn, Tags }: SeedPrincipal, { tags }: Identity, { stack }: StepDeps): void {
  if (!stack || Tags?.[STACK_TAG] === undefined || tags[STACK_TAG] === stack.name) return;
  throw new EnvironmentError(
    `${Arn} exists, and is not of the stack ${stack.name}${tags[STACK_TAG] === undefined ? '' : ` but of ${tags[STACK_TAG]}`}`,
  );
}

export interface PrincipalDeps extends StepDeps {
  readonly managed: ManagedPolicies;
  readonly isNew: boolean;
}

export async function planPrincipal(principal: SeedPrincipal, deps: PrincipalDeps): Promise<readonly SeedStep[]> {
  const { Arn, Tags, Groups = [], TrustPolicy, Policies = [], ManagedPolicyArns = [] } = principal;
  const known = await findIdentity(deps.unit.tx, nameOf(principal));
  const steps: SeedStep[] = [];
  const step = (Action: SeedChange['Action'], Detail: string, input: Omit<IdentityChange, 'Arn'>): void =>
    void steps.push({ Action, Resource: Arn, Detail, run: () => change(deps, { Arn, ...input }) });
  const write = ({ what, input, before, text }: PolicyText): void => {
    if (before !== undefined && isSamePolicy(before, text)) return;
    step(before === undefined ? 'create' : 'update', what, input);
  };

  if (Tags && !isSameMap(Tags, known?.tags ?? {})) step('update', 'tags', { Tags });
  const AddToGroups = [...new Set(Groups)].filter((group) => !known?.groups?.includes(group));
  if (AddToGroups.length > 0) {
    step(deps.isNew ? 'create' : 'update', `groups ${AddToGroups.join(', ')}`, { AddToGroups });
  }
  const boundary = boundaryOf(principal, deps.managed);
  if (boundary !== undefined) {
    const input = { PermissionsBoundary: boundary };
    write({ what: 'permissions boundary', input, before: known?.boundary?.text, text: boundary });
  }
  if (TrustPolicy !== undefined) {
    const text = policyText(TrustPolicy);
    write({ what: 'trust policy', input: { TrustPolicy: text }, before: known?.trustPolicy?.text, text });
  }
  const named = Policies.map(({ PolicyName, PolicyDocument }) => [PolicyName, policyText(PolicyDocument)] as const);
  const unknownArns = ManagedPolicyArns.filter((arn) => deps.managed.find(arn) === undefined);
  const attached = ManagedPolicyArns.flatMap((arn) => {
    const text = deps.managed.find(arn);
    return text === undefined ? [] : [[arn, text] as const];
  });
  for (const [PolicyName, text] of [...named, ...attached]) {
    const before = known?.policies.find((policy) => policy.name === PolicyName)?.text;
    write({ what: `policy ${PolicyName}`, input: { Policy: text, PolicyName }, before, text });
  }
  if (steps.length === 0 && !deps.isNew) steps.push(unchanged(Arn));
  for (const arn of unknownArns) steps.push(skipped(Arn, `managed policy ${arn}: its statements are not known`));
  return steps;
}

/** A policy of a principal: what it is, how it is put, the text that there is, and the one that there is to be. */
interface PolicyText {
  readonly what: string;
  readonly input: Omit<IdentityChange, 'Arn'>;
  readonly before: string | undefined;
  readonly text: string;
}

const isSameMap = (one: { readonly [key: string]: string }, other: { readonly [key: string]: string }): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([key, value]) => Object.hasOwn(other, key) && other[key] === value);

/** A policy, or the ARN of a managed policy, which has to be known: without it, everything would be allowed. */
function boundaryOf({ Arn, PermissionsBoundary }: SeedPrincipal, managed: ManagedPolicies): string | undefined {
  if (PermissionsBoundary === undefined) return undefined;
  if (typeof PermissionsBoundary !== 'string' || !PermissionsBoundary.startsWith('arn:')) {
    return policyText(PermissionsBoundary);
  }
  const text = managed.find(PermissionsBoundary);
  if (text !== undefined) return text;
  throw new EnvironmentError(`the permissions boundary of ${Arn}, ${PermissionsBoundary}, is not known`, [
    'PermissionsBoundary can be the policy itself, or ManagedPolicies can declare it',
  ]);
}
