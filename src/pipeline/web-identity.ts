/** The tokens of OpenID Connect providers, and which roles their users may assume (STS, AssumeRoleWithWebIdentity). */
import { isSignedBy, readWebToken } from '../crypto/web-token.ts';
import { findIdentityProvider, type IdentityProvider } from '../keyring/identity-provider.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { KmsError } from '../model/error.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import type { WebIdentity } from '../model/principal-id.ts';
import { providerArn, providerName } from '../model/provider-arn.ts';
import type { RequestAttributes } from '../policy/context.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Caller } from '../policy/principal.ts';
import { roleAccessRequest, type RoleRequest } from './assume-role.ts';

/** A token that a key of its provider signed. Whether it is in force and for a client of ours is not checked yet. */
export interface IdentityToken {
  readonly provider: IdentityProvider;
  readonly identity: WebIdentity;
  readonly caller: Caller;
  /** All that the `aud` claim names. */
  readonly audiences: readonly string[];
  readonly hasParty: boolean;
  readonly methods: readonly string[];
  /** In seconds since 1970. */
  readonly issued: number;
  readonly expires: number;
  readonly notBefore: number | undefined;
}

/** In characters (STS, AssumeRoleWithWebIdentity). */
const MAX_TOKEN = 20_000;

/** By how many seconds the clock of a provider may differ. Of AWS it is not known. */
const SKEW = 60;

/** Claims that give a session what it does not get here: without it the session would be another. */
const UNSUPPORTED = ['https://aws.amazon.com/tags', 'https://aws.amazon.com/source_identity'];

/** @throws InvalidIdentityToken */
export async function readIdentityToken(tx: Transaction, token: string, roleArn: string): Promise<IdentityToken> {
  const read = token.length > MAX_TOKEN ? undefined : readWebToken(token);
  const issuer = read?.claims['iss'];
  if (!read || typeof issuer !== 'string') {
    throw invalid('The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)');
  }
  const { partition, account } = readPrincipalArn(roleArn)!;
  // providers are those of the account of the keyring
  const provider = account === tx.settings.account ? await findIdentityProvider(tx, issuer) : undefined;
  if (!provider) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  if (!isSignedBy(read, provider.keys)) throw invalid('The signature of the ID Token is not valid');
  const { sub, exp, iat, nbf, aud, azp, amr = [] } = read.claims;
  const audiences = textsOf(aud);
  const methods = textsOf(amr);
  if (!isName(sub)) throw missing('sub');
  if (!isTime(exp)) throw missing('exp');
  if (!isTime(iat)) throw missing('iat');
  if (!audiences?.length || !audiences.every(isName)) throw missing('aud');
  if (nbf !== undefined && !isTime(nbf)) throw missing('nbf');
  if (azp !== undefined && !isName(azp)) throw missing('azp');
  if (!methods) throw missing('amr');
  for (const claim of UNSUPPORTED) if (read.claims[claim] !== undefined) throw invalid(`${claim} is not supported`);
  // IAM User Guide, "Available keys for AWS OIDC federation": azp, if there is one, is the audience
  const identity = { subject: sub, audience: azp ?? audiences[0]! };
  const arn = providerArn(issuer, { partition, account });
  return {
    provider,
    identity,
    caller: { kind: 'webIdentity', arn, account, webIdentity: identity },
    audiences,
    hasParty: azp !== undefined,
    methods,
    issued: iat,
    expires: exp,
    notBefore: nbf,
  };
}

/**
 * @param now milliseconds since 1970
 * @throws InvalidIdentityToken, ExpiredTokenException
 */
export function checkIdentityToken(token: IdentityToken, now: number): void {
  const { provider, identity, audiences, hasParty, issued, expires, notBefore } = token;
  const seconds = Math.floor(now / 1000);
  // of several audiences, azp tells which is meant (OpenID Connect Core 3.1.3.7)
  if (!provider.clientIds.includes(identity.audience) || (audiences.length > 1 && !hasParty)) {
    throw invalid('Incorrect token audience');
  }
  if (seconds >= expires + SKEW) {
    const times = `current date/time ${seconds} must be before the expiration date/time ${expires}`;
    throw new KmsError('ExpiredTokenException', `Token expired: ${times}`);
  }
  if (issued > seconds + SKEW || (notBefore ?? issued) > seconds + SKEW) throw invalid('The ID Token is not valid yet');
}

/** @throws AccessDeniedException unless the trust policy of the role allows it */
export async function authorizeWebIdentity(
  tx: Transaction,
  {
    token,
    request,
    attributes,
  }: { readonly token: IdentityToken; readonly request: RoleRequest; readonly attributes: RequestAttributes },
): Promise<void> {
  const { caller, identity, provider, audiences, hasParty, methods } = token;
  const { roleArn, sessionName } = request;
  const name = providerName(provider.issuer);
  const decision = evaluate(
    await roleAccessRequest(tx, {
      caller,
      action: 'sts:AssumeRoleWithWebIdentity',
      roleArn,
      attributes,
      input: { RoleSessionName: sessionName },
      conditions: {
        [`${name}:sub`]: [identity.subject],
        [`${name}:aud`]: [identity.audience],
        ...(hasParty ? { [`${name}:oaud`]: audiences } : {}),
        ...(methods.length > 0 ? { [`${name}:amr`]: methods } : {}),
      },
    }),
  );
  if (decision.outcome !== 'allow') {
    throw new KmsError('AccessDeniedException', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
}

const invalid = (text: string): KmsError => new KmsError('InvalidIdentityToken', text);
const missing = (claim: string): KmsError => invalid(`Missing a required claim, or one that is not valid: ${claim}`);

/** SubjectFromWebIdentityToken (STS, AssumeRoleWithWebIdentity) and client IDs (IAM, CreateOpenIDConnectProvider). */
const MAX_NAME = 255;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME;

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const textsOf = (value: unknown): readonly string[] | undefined => {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.every((one) => typeof one === 'string') ? all : undefined;
};
