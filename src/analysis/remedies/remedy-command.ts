/** Commands that make the changes of a remedy: one for each policy that changes. */
import { parseArn } from '../../model/arn.ts';
import { shellWord } from '../../model/shell-word.ts';
import type { PolicySource } from '../../policy/decision.ts';
import type { AttachedPolicy } from '../../policy/document.ts';
import type { Grant } from '../../policy/grant.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import { jsonText, textToWrite } from './policy-edit.ts';

const commandLine = (...words: readonly string[]): string => ['kms', ...words].map(shellWord).join(' ');

/** A policy where it is attached. */
export interface Attachment {
  readonly policy: AttachedPolicy;
  readonly level: number;
}

/** The policies of one source. */
export function policiesFrom(request: AccessRequest, source: PolicySource): readonly Attachment[] {
  const { caller, keyPolicy, trustPolicy, endpointPolicy, resourceControlPolicies } = request;
  const flat = (policies: readonly (AttachedPolicy | undefined)[] = []): readonly Attachment[] =>
    policies.flatMap((policy) => (policy ? [{ policy, level: 0 }] : []));
  const leveled = (levels: readonly (readonly AttachedPolicy[])[] = []): readonly Attachment[] =>
    levels.flatMap((policies, level) => policies.map((policy) => ({ policy, level })));
  switch (source) {
    case 'keyPolicy':
      return flat([keyPolicy]);
    case 'trustPolicy':
      return flat([trustPolicy]);
    case 'endpointPolicy':
      return flat([endpointPolicy]);
    case 'identityPolicy':
      return flat(caller.identityPolicies);
    case 'permissionsBoundary':
      return flat([caller.boundary]);
    case 'sessionPolicy':
      return flat(caller.sessionPolicies);
    case 'serviceControlPolicy':
      return leveled(caller.serviceControlPolicies);
    case 'resourceControlPolicy':
      return leveled(resourceControlPolicies);
  }
}

interface Edited {
  readonly source: PolicySource;
  readonly before: AccessRequest;
  readonly after: AccessRequest;
}

function editedPolicies({ source, before, after }: Edited): readonly Attachment[] {
  const kept = new Set(policiesFrom(before, source).map(({ policy }) => policy));
  return policiesFrom(after, source).filter(({ policy }) => !kept.has(policy));
}

/** @returns undefined if a command cannot make all of the change */
export function policyCommand(edited: Edited): string | undefined {
  const commands = editedPolicies(edited).map((attachment) => {
    const text = textToWrite(attachment.policy);
    const words = text === undefined ? undefined : WRITES[edited.source](edited.after, { ...attachment, text });
    return words && commandLine(...words);
  });
  return commands.length > 0 && commands.every((one) => one !== undefined) ? commands.join(' && ') : undefined;
}

/** The name that a session policy has which the call's own option gives. */
const SESSION_POLICY_OPTION = '--session-policy';

/** @returns undefined where the change is none of the call's options */
export function policyOptions(edited: Edited): string | undefined {
  const [only, ...more] = editedPolicies(edited);
  if (!only || more.length > 0 || only.policy.name !== SESSION_POLICY_OPTION) return undefined;
  const text = textToWrite(only.policy);
  return text === undefined ? undefined : `${SESSION_POLICY_OPTION} ${shellWord(text)}`;
}

interface Written extends Attachment {
  readonly text: string;
}

/** The words of the command that writes a policy of a source; undefined: none does. */
const WRITES: {
  readonly [S in PolicySource]: (request: AccessRequest, written: Written) => readonly string[] | undefined;
} = {
  keyPolicy: ({ resource: { arn } }, { text }) => ['put-key-policy', ...keyOptions(arn), '--policy', text],
  trustPolicy: ({ resource: { arn } }, { text }) => ['identity', 'put', arn, '--trust-policy', text],
  endpointPolicy({ facts }, { text }) {
    const id = facts?.attributes.vpcEndpointId;
    return id === undefined ? undefined : ['vpc-endpoint', 'put', id, '--policy', text];
  },
  identityPolicy({ caller }, { policy, text }) {
    const { group, name } = policy;
    if (group) return ['identity', 'put', group.arn, '--policy-name', group.policyName, '--policy', text];
    const owner = identityArn(caller);
    return owner === undefined ? undefined : ['identity', 'put', owner, '--policy-name', name, '--policy', text];
  },
  permissionsBoundary({ caller }, { text }) {
    const owner = identityArn(caller);
    return owner === undefined ? undefined : ['identity', 'put', owner, '--permissions-boundary', text];
  },
  sessionPolicy: ({ caller }, { policy: { name }, text }) =>
    caller.kind !== 'session' || name === SESSION_POLICY_OPTION
      ? undefined
      : ['identity', 'put', caller.arn, '--policy-name', name, '--policy', text],
  serviceControlPolicy: ({ caller: { organizationId } }, written) =>
    organizationWords(organizationId, 'SERVICE_CONTROL_POLICY', written),
  resourceControlPolicy: ({ facts }, written) =>
    organizationWords(facts?.key?.organization?.id, 'RESOURCE_CONTROL_POLICY', written),
};

function organizationWords(
  id: string | undefined,
  type: string,
  { policy: { name }, level, text }: Written,
): readonly string[] | undefined {
  if (id === undefined) return undefined;
  const where = ['--organization-id', id, '--level', String(level), '--type', type];
  return ['organization', 'put', ...where, '--policy-name', name, '--policy', text];
}

/** The user, or the role behind a session; undefined: there is no identity that has policies. */
export const identityArn = ({ kind, arn, roleArn }: Caller): string | undefined =>
  kind === 'user' ? arn : kind === 'session' ? roleArn : undefined;

/** A key ARN is refused in another Region than its own. */
const keyOptions = (arn: string): readonly string[] => ['--region', parseArn(arn)?.region ?? '', '--key-id', arn];

export function grantCommand(keyArn: string, { granteePrincipal = '', operations, constraints = {} }: Grant): string {
  const { encryptionContextSubset: pairs } = constraints;
  const bounds = pairs ? ['--constraints', jsonText({ EncryptionContextSubset: pairs })] : [];
  const words = ['--grantee-principal', granteePrincipal, '--operations', ...operations, ...bounds];
  return commandLine('create-grant', ...keyOptions(keyArn), ...words);
}
