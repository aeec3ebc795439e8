/** The operations of AWS STS that callers of KMS need, on the same endpoint: the query protocol, answers in XML. */
import { KmsError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import type { TemporaryCredentials } from '../../pipeline/temporary-credentials.ts';
import type { Sts } from '../../runtime/sts.ts';
import type { HttpAnswer } from './answer.ts';
import { signerOf, type CallerVerification } from './caller.ts';
import { faultOf } from './fault.ts';
import { queryError, XML_TYPE } from './query-error.ts';
import type { HttpRequest } from './request.ts';
import { parametersOf } from './service.ts';
import { readAuthorization } from './signature.ts';
import { element, text } from './xml.ts';

const NAMESPACE = ' xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const HOUR = 3600;

export interface StsEndpoint {
  readonly sts: Sts;
  readonly verification: CallerVerification;
  readonly requestId: string;
}

export async function answerSts(
  request: HttpRequest,
  { sts, verification, requestId }: StsEndpoint,
): Promise<HttpAnswer> {
  const form = parametersOf(request);
  const action = form.get('Action') ?? '';
  const row = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (action === WEB_IDENTITY) throw refusedToken(form.get('WebIdentityToken'));
  if (!row) throw new KmsError('InvalidAction', `Could not find operation ${action} for version 2011-06-15`);
  // ignored, they would leave a session with more than it was meant to have
  if (form.has('PolicyArns.member.1.arn')) {
    throw new KmsError('ValidationException', 'PolicyArns is not supported: put the policy into Policy');
  }
  const authorization = readAuthorization(request);
  const caller = signerOf(verification, { request, authorization, service: 'sts' });
  const { sourceIp, userAgent, connection } = request;
  const where = { region: authorization.region, sourceIp, userAgent, connection, requestId };
  const result = await row({ form, sts, caller, where });
  const body = element(
    `${action}Response${NAMESPACE}`,
    element(`${action}Result`, result) + element('ResponseMetadata', element('RequestId', text(requestId))),
  );
  return { status: 200, headers: { 'content-type': XML_TYPE }, body };
}

/**
 * The request is not signed: it stands on the token of an identity provider, whose signature only the keys of the provider
 * verify. A keyring has no providers, so it says what AWS says of an account that has none.
 */
const WEB_IDENTITY = 'AssumeRoleWithWebIdentity';

function refusedToken(token: string | null): KmsError {
  const issuer = token === null ? undefined : issuerOf(token);
  return issuer === undefined
    ? new KmsError(
        'InvalidIdentityToken',
        'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
      )
    : new KmsError('InvalidIdentityToken', `No OpenIDConnect provider found in your account for ${issuer}`);
}

/** Of a JSON Web Token (RFC 7519 4.1.1). */
function issuerOf(token: string): string | undefined {
  const [, claims, signature, ...more] = token.split('.');
  if (claims === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return isObject(parsed) && typeof parsed['iss'] === 'string' ? parsed['iss'] : undefined;
  } catch {
    return undefined;
  }
}

interface Asked {
  readonly form: URLSearchParams;
  readonly sts: Sts;
  readonly caller: ReturnType<typeof signerOf>;
  readonly where: Parameters<Sts['callerIdentity']>[1];
}

const ACTIONS: { readonly [action: string]: (asked: Asked) => Promise<string> } = {
  async AssumeRole({ form, sts, caller, where }) {
    const request = {
      roleArn: form.get('RoleArn') ?? undefined,
      sessionName: form.get('RoleSessionName') ?? undefined,
      duration: givenDuration(form.get('DurationSeconds')) ?? HOUR,
      policy: form.get('Policy') ?? undefined,
      tags: tagsOf(form),
      externalId: form.get('ExternalId') ?? undefined,
    };
    const { arn, userId, credentials } = await sts.assumeRole(caller, request, where);
    const user = element('AssumedRoleId', text(userId)) + element('Arn', text(arn));
    return element('AssumedRoleUser', user) + credentialsElement(credentials);
  },
  async GetSessionToken({ form, sts, caller, where }) {
    const question = {
      duration: givenDuration(form.get('DurationSeconds')),
      serialNumber: form.get('SerialNumber') ?? undefined,
      tokenCode: form.get('TokenCode') ?? undefined,
    };
    return credentialsElement(await sts.sessionToken(caller, question, where));
  },
  async GetFederationToken({ form, sts, caller, where }) {
    const question = {
      name: form.get('Name') ?? undefined,
      duration: givenDuration(form.get('DurationSeconds')),
      policy: form.get('Policy') ?? undefined,
      tags: tagsOf(form),
    };
    const { arn, userId, credentials } = await sts.federationToken(caller, question, where);
    const user = element('Arn', text(arn)) + element('FederatedUserId', text(userId));
    return credentialsElement(credentials) + element('FederatedUser', user);
  },
  async GetCallerIdentity({ sts, caller, where }) {
    const { arn, userId, account } = await sts.callerIdentity(caller, where);
    return element('Arn', text(arn)) + element('UserId', text(userId)) + element('Account', text(account));
  },
};

const credentialsElement = ({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }: TemporaryCredentials): string =>
  element(
    'Credentials',
    element('AccessKeyId', text(AccessKeyId)) +
      element('SecretAccessKey', text(SecretAccessKey)) +
      element('SessionToken', text(SessionToken)) +
      element('Expiration', text(`${Expiration.toISOString().slice(0, 19)}Z`)),
  );

/** NaN for a text that is not a whole number. */
const givenDuration = (text: string | null): number | undefined =>
  text === null ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;

/** `Tags.member.1.Key`, `Tags.member.1.Value` ... */
function tagsOf(form: URLSearchParams): { readonly [key: string]: string } | undefined {
  const tags: [string, string][] = [];
  for (let at = 1; form.has(`Tags.member.${at}.Key`); at += 1) {
    tags.push([form.get(`Tags.member.${at}.Key`)!, form.get(`Tags.member.${at}.Value`) ?? '']);
  }
  return tags.length === 0 ? undefined : Object.fromEntries(tags);
}

export const refuseSts = (thrown: unknown, requestId: string): HttpAnswer =>
  queryError(faultOf(thrown), requestId, NAMESPACE);
