/**
 * The values of global condition keys for a call; an operation adds its own `kms:` values (IAM User Guide, Policy
 * evaluation logic).
 */
import { principalIdOf } from '../model/principal-id.ts';
import type { Caller } from './principal.ts';
import type { ContextValues } from './context-values.ts';

/** The attributes of a call, apart from who makes it. */
export interface RequestAttributes {
  readonly time: Date;
  /** The Region that the call is made in. */
  readonly region: string;
  readonly sourceIp?: string;
  readonly vpcEndpointId?: string;
  readonly vpcId?: string;
  readonly userAgent?: string;
  readonly secureTransport?: boolean;
  readonly mfa?: { readonly ageInSeconds: number };
  /** The service that calls on behalf of the caller: `s3.us-east-1.amazonaws.com`. */
  readonly viaService?: string;
  /** In calls of services: the resource, and its account, that they call for. */
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  /** The account of the key or alias that is used; of an operation without one that of the caller. */
  readonly resourceAccount?: string;
  /** The organization of that account, where it is not the caller's own. */
  readonly resourceOrganization?: OrganizationPosition;
  /** The key's tags; only identity policies see them. */
  readonly resourceTags?: Readonly<Record<string, string>>;
}

/** The position of an account in its organization. */
export interface OrganizationPosition {
  readonly id: string;
  /** As in aws:PrincipalOrgPaths. */
  readonly path?: string;
}

/** Values under construction: the operation's own keys are set on top. */
export class ContextBuilder {
  readonly #values = new Map<string, readonly string[]>();

  /** @param name in any case. A value that is not there leaves the key absent. */
  set(name: string, value: string | number | boolean | readonly string[] | undefined): this {
    if (value !== undefined) this.#values.set(name.toLowerCase(), Array.isArray(value) ? value : [String(value)]);
    return this;
  }

  /** One key per pair: `aws:PrincipalTag/`, `kms:EncryptionContext:` and their like; '' for whole names. */
  setEach(beginning: string, pairs: Readonly<Record<string, string | readonly string[]>> | undefined): this {
    for (const [name, value] of Object.entries(pairs ?? {})) this.set(beginning + name, value);
    return this;
  }

  /** kms:EncryptionContext:* and kms:EncryptionContextKeys; without pairs all are absent. */
  setEncryptionContext(pairs: Readonly<Record<string, string>> | undefined): this {
    const names = Object.keys(pairs ?? {});
    if (names.length > 0) this.set('kms:EncryptionContextKeys', names);
    return this.setEach('kms:EncryptionContext:', pairs);
  }

  /** aws:ResourceOrgID and aws:ResourceOrgPaths; undefined: the resource's account is in no organization. */
  setResourceOrganization(organization: OrganizationPosition | undefined): this {
    return this.set('aws:ResourceOrgID', organization?.id).set('aws:ResourceOrgPaths', pathsOf(organization));
  }

  values(): ContextValues {
    return this.#values;
  }
}

const pathsOf = (organization: OrganizationPosition | undefined): readonly string[] | undefined =>
  organization?.path === undefined ? undefined : [organization.path];

function organizationOf({ organizationId: id, organizationPath: path }: Caller): OrganizationPosition | undefined {
  return id === undefined ? undefined : { id, ...(path === undefined ? {} : { path }) };
}

export function contextOf(caller: Caller, attributes: RequestAttributes): ContextBuilder {
  const builder = new ContextBuilder();
  addCaller(builder, caller);
  addSession(builder, caller, attributes);
  addAttributes(builder, attributes);
  return builder.setResourceOrganization(
    attributes.resourceOrganization ??
      (attributes.resourceAccount === caller.account ? organizationOf(caller) : undefined),
  );
}

const PRINCIPAL_TYPES = { root: 'Account', user: 'User', session: 'AssumedRole', federated: 'FederatedUser' } as const;

function addCaller(builder: ContextBuilder, caller: Caller): void {
  if (caller.kind === 'service') {
    builder.set('aws:PrincipalIsAWSService', true).set('aws:PrincipalServiceName', caller.arn);
    builder.set('aws:PrincipalServiceNamesList', [caller.arn]);
    return;
  }
  if (caller.kind === 'webIdentity') {
    builder.set('aws:PrincipalIsAWSService', false);
    return;
  }
  builder
    .set('aws:PrincipalArn', caller.roleArn ?? caller.arn) // of a session: the role's ARN
    .set('aws:PrincipalAccount', caller.account)
    .set('aws:PrincipalType', PRINCIPAL_TYPES[caller.kind])
    .set('aws:PrincipalIsAWSService', false)
    .set(
      'aws:userid',
      principalIdOf(caller, () => undefined),
    )
    .set('aws:PrincipalOrgID', caller.organizationId)
    .set('aws:PrincipalOrgPaths', pathsOf(organizationOf(caller)))
    .set('kms:CallerAccount', caller.account)
    .setEach('aws:PrincipalTag/', caller.tags);
  if (caller.kind === 'user') builder.set('aws:username', caller.userName);
}

/**
 * Temporary credentials are those of a session or a federated user, and of a user who was asked for an MFA device when
 * they were made (STS, GetSessionToken). Of long-term access keys these keys are absent, not false (IAM User Guide, "AWS
 * global condition context keys").
 */
function addSession(builder: ContextBuilder, caller: Caller, { time, mfa }: RequestAttributes): void {
  const isTemporary =
    caller.kind === 'session' ||
    caller.kind === 'federated' ||
    caller.tokenIssueTime !== undefined ||
    mfa !== undefined;
  if (caller.kind === 'service' || !isTemporary) return;
  const age = mfa?.ageInSeconds;
  builder
    .set('aws:MultiFactorAuthPresent', mfa !== undefined)
    .set('aws:MultiFactorAuthAge', age)
    .set('aws:TokenIssueTime', dateText(caller.tokenIssueTime ?? new Date(time.getTime() - (age ?? 0) * 1000)));
}

/** Whole seconds: `2026-01-31T12:00:00Z`. */
const dateText = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

function addAttributes(builder: ContextBuilder, given: RequestAttributes): void {
  builder
    .set('aws:CurrentTime', dateText(given.time))
    .set('aws:EpochTime', Math.floor(given.time.getTime() / 1000))
    .set('aws:RequestedRegion', given.region)
    // through a VPC endpoint there is no public address
    .set('aws:SourceIp', given.vpcEndpointId === undefined ? given.sourceIp : undefined)
    .set('aws:SourceVpce', given.vpcEndpointId)
    .set('aws:SourceVpc', given.vpcId)
    .set('aws:VpcSourceIp', given.vpcEndpointId === undefined ? undefined : given.sourceIp)
    .set('aws:UserAgent', given.userAgent)
    .set('aws:SecureTransport', given.secureTransport ?? true)
    .set('aws:ViaAWSService', given.viaService !== undefined)
    .set('kms:ViaService', given.viaService)
    .set('aws:SourceArn', given.sourceArn)
    .set('aws:SourceAccount', given.sourceAccount)
    .set('aws:ResourceAccount', given.resourceAccount)
    .setEach('aws:ResourceTag/', given.resourceTags);
}
