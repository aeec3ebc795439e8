/** Assuming a role: creates temporary credentials, for the command and for the STS endpoint. */
import { KmsError } from '../model/error.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import type { Identity } from '../keyring/identity.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { identityOf, membershipOf } from '../operations/principals/known-callers.ts';
import { tags } from '../model/members.ts';
import { required, string, structure } from '../model/shape.ts';
import { accessRequest } from '../policy/access-request.ts';
import type { RequestAttributes } from '../policy/context.ts';
import { requireAllowed } from '../policy/denial.ts';
import { attachPolicy, type AttachedPolicy } from '../policy/document.ts';
import type { Decision } from '../policy/decision.ts';
import { evaluate } from '../policy/evaluate.ts';
import { tagsOf, text, type Input } from '../policy/input-condition.ts';
import type { Caller } from '../policy/principal.ts';
import type { AccessRequest } from '../policy/request.ts';
import type { InputRules, RequestFacts } from '../policy/request-facts.ts';
import { withValues, type SpecifiedValues } from '../policy/specified-values.ts';
import { checkSessionPolicy } from './session-policy.ts';
import { checkSessionTags } from './session-tags.ts';
import { issueCredentials, type TemporaryCredentials } from './temporary-credentials.ts';

export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  /** In seconds. */
  readonly duration: number;
  readonly policy?: string | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
  /** The external ID that a third party must send (sts:ExternalId). */
  readonly externalId?: string | undefined;
}

/** As a caller asks for it. */
export type RoleQuestion = Omit<RoleRequest, 'roleArn' | 'sessionName'> & {
  readonly roleArn: string | undefined;
  readonly sessionName: string | undefined;
};

export interface AssumedRole {
  readonly arn: string;
  readonly credentials: TemporaryCredentials;
}

interface Deps {
  readonly clock: () => number;
  readonly random: RandomBytes;
}

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
/** In seconds (STS, AssumeRole). */
const DURATION = { min: 900, max: 43_200 } as const;

/** @throws ValidationException, MalformedPolicyDocumentException */
export function checkRoleRequest(question: RoleQuestion): RoleRequest {
  const { roleArn, sessionName, duration, policy, tags, externalId } = question;
  if (roleArn === undefined) throw absent('roleArn');
  if (sessionName === undefined) throw absent('roleSessionName');
  if (roleArn.length > MAX_ROLE_ARN || readPrincipalArn(roleArn)?.form !== 'role')
    throw refused(`${roleArn} is invalid`);
  if (!SESSION_NAME.test(sessionName)) throw refused(`${sessionName} is not a valid session name`);
  if (!(duration >= DURATION.min && duration <= DURATION.max)) {
    throw refused(`The duration must be between ${DURATION.min} and ${DURATION.max} seconds`);
  }
  if (externalId !== undefined && !EXTERNAL_ID.test(externalId))
    throw refused(`${externalId} is not a valid external ID`);
  if (policy !== undefined) checkSessionPolicy(policy);
  if (tags) checkSessionTags(tags);
  return { roleArn, sessionName, duration, policy, tags, externalId };
}

/** AWS STS API reference, AssumeRole. */
const MAX_ROLE_ARN = 2_048;

const absent = (member: string): KmsError =>
  refused(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );

/** @param request has passed checkRoleRequest() */
export function assumeRole(tx: Transaction, request: RoleRequest, { clock, random }: Deps): AssumedRole {
  const { roleArn, sessionName, duration, policy, tags } = request;
  const { partition, account, name } = readPrincipalArn(roleArn)!;
  const arn = `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`;
  return { arn, credentials: issueCredentials(tx, { arn, roleArn, policy, tags }, { clock, random, duration }) };
}

const refused = (text: string): KmsError => new KmsError('ValidationException', text);

/**
 * Whether a caller may assume a role, with sts:AssumeRole and, for tags, sts:TagSession: by the trust policy of
 * the role, or, if it is not known, by the caller's identity policies (policy/evaluate.ts).
 * @param attributes attributes of the request, such as its network and time
 * @throws AccessDeniedException
 */
export async function authorizeAssumeRole(
  tx: Transaction,
  {
    caller,
    request,
    attributes,
  }: { readonly caller: Caller; readonly request: RoleRequest; readonly attributes: RequestAttributes },
): Promise<void> {
  const { roleArn, sessionName, tags, externalId } = request;
  const input = {
    RoleSessionName: sessionName,
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(tags ? { Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) } : {}),
  };
  const call: Decision[] = [];
  for (const action of ['sts:AssumeRole', ...(tags ? ['sts:TagSession'] : [])]) {
    call.push(evaluate(await roleAccessRequest(tx, { caller, action, roleArn, attributes, input })));
  }
  requireAllowed(call);
}

/** What AssumeRole is asked, as far as condition keys are about it. */
const INPUT = structure({
  RoleSessionName: required(string({ min: 2, max: 64 })),
  ExternalId: string({ min: 2, max: 1224 }),
  Tags: tags,
});

const RULES: InputRules = {
  members: INPUT.members,
  conditions: [
    text('sts:RoleSessionName', 'RoleSessionName', { examples: ['session'] }),
    text('sts:ExternalId', 'ExternalId', { examples: ['external-id'] }),
    tagsOf('Tags'),
  ],
  aboutGrants: false,
};

export interface RoleAccess {
  readonly caller: Caller;
  /** `sts:AssumeRole` or `sts:TagSession` */
  readonly action: string;
  readonly roleArn: string;
  readonly attributes: RequestAttributes;
  readonly input: Input;
  /** Values of condition keys that were told by name. */
  readonly conditions?: SpecifiedValues | undefined;
}

/** What the engine is asked of a call that assumes a role. */
export async function roleAccessRequest(
  tx: Transaction,
  { caller, action, roleArn, attributes, input, conditions = {} }: RoleAccess,
): Promise<AccessRequest> {
  const { account } = readPrincipalArn(roleArn)!;
  const role = await identityOf(tx, roleArn);
  const member = await membershipOf(tx, account);
  const facts: RequestFacts = {
    caller,
    action,
    resource: { kind: 'role', arn: roleArn, account },
    attributes: {
      ...attributes,
      resourceAccount: account,
      ...(member ? { resourceOrganization: member } : {}),
      ...(role ? { resourceTags: role.tags } : {}),
    },
    key: undefined,
    input,
    rules: RULES,
  };
  return accessRequest(withValues(facts, conditions), {
    trustPolicy: role && trustPolicyOf(role, roleArn),
    resourceControlPolicies: member?.resourceControlPolicies,
  });
}

/** Within an account a name stands for one role: one of another path is not there, and nobody may assume it. */
function trustPolicyOf({ arn, trustPolicy }: Identity, roleArn: string): AttachedPolicy | undefined {
  if (arn !== roleArn) return attachPolicy('trust policy', '{"Version":"2012-10-17","Statement":[]}');
  const { text: document, boundIds } = trustPolicy ?? {};
  return document === undefined
    ? undefined
    : attachPolicy('trust policy', document, boundIds && new Map(Object.entries(boundIds)));
}
