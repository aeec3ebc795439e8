/** The values of global condition keys for a call; an operation adds its own `kms:` values (spec/policy-semantics.md 4). */
import type { Caller } from './principal.ts';
import type { ContextValues } from './request.ts';

/** The circumstances of a call, apart from who makes it. */
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
  /** The service that calls for the caller: `s3.us-east-1.amazonaws.com`. */
  readonly viaService?: string;
  /** In calls of services: the resource, and its account, that they call for. */
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  /** The account of the key that is used. */
  readonly resourceAccount?: string;
  /** The key's tags; only identity policies see them. */
  readonly resourceTags?: Readonly<Record<string, string>>;
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

  values(): ContextValues {
    return this.#values;
  }
}

export function contextOf(caller: Caller, circumstances: RequestAttributes): ContextBuilder {
  const builder = new ContextBuilder();
  addCaller(builder, caller);
  addCircumstances(builder, circumstances);
  return builder;
}

const PRINCIPAL_TYPES = { root: 'Account', user: 'User', session: 'AssumedRole', federated: 'FederatedUser' } as const;

function addCaller(builder: ContextBuilder, caller: Caller): void {
  if (caller.kind === 'service') {
    builder.set('aws:PrincipalIsAWSService', true).set('aws:PrincipalServiceName', caller.arn);
    builder.set('aws:PrincipalServiceNamesList', [caller.arn]);
    return;
  }
  builder
    .set('aws:PrincipalArn', caller.roleArn ?? caller.arn) // of a session: the role's ARN
    .set('aws:PrincipalAccount', caller.account)
    .set('aws:PrincipalType', PRINCIPAL_TYPES[caller.kind])
    .set('aws:PrincipalIsAWSService', false)
    .set('aws:userid', userId(caller))
    .set('aws:PrincipalOrgID', caller.organizationId)
    .set('aws:PrincipalOrgPaths', caller.organizationPath === undefined ? undefined : [caller.organizationPath])
    .set('kms:CallerAccount', caller.account)
    .setEach('aws:PrincipalTag/', caller.tags);
  if (caller.kind === 'user') builder.set('aws:username', caller.userName);
}

/** Unique id; with the session's name for sessions, the account for root and federated users. */
function userId({ kind, arn, account, uniqueId }: Caller): string | undefined {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  if (kind === 'root') return account;
  if (kind === 'federated') return `${account}:${name}`;
  return kind === 'session' && uniqueId !== undefined ? `${uniqueId}:${name}` : uniqueId;
}

function addCircumstances(builder: ContextBuilder, given: RequestAttributes): void {
  const seconds = Math.floor(given.time.getTime() / 1000);
  builder
    .set('aws:CurrentTime', `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`)
    .set('aws:EpochTime', seconds)
    .set('aws:RequestedRegion', given.region)
    // through a VPC endpoint there is no public address [L10931]
    .set('aws:SourceIp', given.vpcEndpointId === undefined ? given.sourceIp : undefined)
    .set('aws:SourceVpce', given.vpcEndpointId)
    .set('aws:SourceVpc', given.vpcId)
    .set('aws:VpcSourceIp', given.vpcEndpointId === undefined ? undefined : given.sourceIp)
    .set('aws:UserAgent', given.userAgent)
    .set('aws:SecureTransport', given.secureTransport ?? true)
    .set('aws:ViaAWSService', given.viaService !== undefined)
    .set('aws:MultiFactorAuthPresent', given.mfa ? true : undefined)
    .set('aws:MultiFactorAuthAge', given.mfa?.ageInSeconds)
    .set('kms:ViaService', given.viaService)
    .set('aws:SourceArn', given.sourceArn)
    .set('aws:SourceAccount', given.sourceAccount)
    .set('aws:ResourceAccount', given.resourceAccount)
    .setEach('aws:ResourceTag/', given.resourceTags);
}
