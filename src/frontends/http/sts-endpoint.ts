/** The operations of AWS STS that callers of KMS need, on the same endpoint: the query protocol, answers in XML. */
import { KmsError } from '../../model/error.ts';
import type { FindCaller } from '../../pipeline/call-origin.ts';
import type { RoleQuestion } from '../../pipeline/assume-role.ts';
import { duplicateTags } from '../../pipeline/session-tags.ts';
import type { TemporaryCredentials } from '../../pipeline/temporary-credentials.ts';
import type { Sts } from '../../runtime/sts.ts';
import type { HttpAnswer } from './answer.ts';
import { signerOf, type CallerVerification } from './caller.ts';
import { faultOf } from './fault.ts';
import { namedError, queryError, XML_TYPE } from './query-error.ts';
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
  if (!row && action !== WEB_IDENTITY)
    throw new KmsError('InvalidAction', `Could not find operation ${action} for version 2011-06-15`);
  const { sourceIp, userAgent, connection } = request;
  const origin = { sourceIp, userAgent, connection, requestId };
  if (!row) {
    refuseUnknown(action, form);
    try {
      return answer(action, requestId, await answerWebIdentity(form, sts, { ...origin, region: undefined }));
    } catch (thrown) {
      // the token has an error of its own; ExpiredToken is about credentials (STS, AssumeRoleWithWebIdentity)
      const fault = faultOf(thrown);
      if (fault.code !== 'ExpiredTokenException') throw thrown;
      return namedError(fault, requestId, NAMESPACE);
    }
  }
  const authorization = readAuthorization(request);
  const signer = signerOf(verification, { request, authorization, service: 'sts' });
  const caller: FindCaller = async (account, tx) => {
    const found = await signer(account, tx);
    refuseUnknown(action, form);
    return found;
  };
  const where = { ...origin, region: authorization.region };
  return answer(action, requestId, await row({ form, sts, caller, where }));
}

/** The parameters that are read, of each operation. */
const PARAMETERS: { readonly [action: string]: readonly string[] } = {
  AssumeRole: ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy', 'Tags', 'ExternalId'],
  AssumeRoleWithWebIdentity: ['RoleArn', 'RoleSessionName', 'DurationSeconds', 'Policy', 'WebIdentityToken'],
  GetSessionToken: ['DurationSeconds', 'SerialNumber', 'TokenCode'],
  GetFederationToken: ['Name', 'DurationSeconds', 'Policy', 'Tags'],
};

/** What is ignored would leave a session with more, or with less, than it was meant to have. */
function refuseUnknown(action: string, form: URLSearchParams): void {
  const known = new Set(['Action', 'Version', ...(PARAMETERS[action] ?? [])]);
  for (const parameter of form.keys()) {
    const [name = ''] = parameter.split('.');
    // of the signature of a presigned URL
    if (known.has(name) || /^x-amz-/i.test(name)) continue;
    const instead = name === 'PolicyArns' ? ': put the policy into Policy' : '';
    throw new KmsError('ValidationException', `${name} is not supported${instead}`);
  }
}

function answer(action: string, requestId: string, result: string): HttpAnswer {
  const body = element(
    `${action}Response${NAMESPACE}`,
    element(`${action}Result`, result) + element('ResponseMetadata', element('RequestId', text(requestId))),
  );
  return { status: 200, headers: { 'content-type': XML_TYPE }, body };
}

/** The request is not signed: the token of an OpenID Connect provider says who sends it. */
const WEB_IDENTITY = 'AssumeRoleWithWebIdentity';

async function answerWebIdentity(form: URLSearchParams, sts: Sts, where: Where): Promise<string> {
  const question = { ...roleQuestion(form), token: form.get('WebIdentityToken') ?? '' };
  const { arn, userId, credentials, subject, audience, provider } = await sts.webIdentity(question, where);
  const user = element('AssumedRoleId', text(userId)) + element('Arn', text(arn));
  return (
    element('SubjectFromWebIdentityToken', text(subject)) +
    element('Audience', text(audience)) +
    element('AssumedRoleUser', user) +
    credentialsElement(credentials) +
    element('Provider', text(provider))
  );
}

const roleQuestion = (form: URLSearchParams): RoleQuestion => ({
  roleArn: form.get('RoleArn') ?? undefined,
  sessionName: form.get('RoleSessionName') ?? undefined,
  duration: givenDuration(form.get('DurationSeconds')) ?? HOUR,
  policy: form.get('Policy') ?? undefined,
});

type Where = Parameters<Sts['callerIdentity']>[1];

interface Asked {
  readonly form: URLSearchParams;
  readonly sts: Sts;
  readonly caller: ReturnType<typeof signerOf>;
  readonly where: Where;
}

const ACTIONS: { readonly [action: string]: (asked: Asked) => Promise<string> } = {
  async AssumeRole({ form, sts, caller, where }) {
    const request = {
      ...roleQuestion(form),
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

function givenDuration(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new KmsError('ValidationException', `DurationSeconds must be a number of seconds, not '${text.slice(0, 100)}'`);
}

const TAG_KEY = /^Tags\.member\.(\d+)\.Key$/;

/** `Tags.member.1.Key`, `Tags.member.1.Value` ... */
function tagsOf(form: URLSearchParams): { readonly [key: string]: string } | undefined {
  const tags = new Map<string, string>();
  for (const [name, key] of form) {
    const [, at] = TAG_KEY.exec(name) ?? [];
    if (at === undefined) continue;
    if (tags.has(key)) throw duplicateTags();
    tags.set(key, form.get(`Tags.member.${at}.Value`) ?? '');
  }
  return tags.size === 0 ? undefined : Object.fromEntries(tags);
}

export const refuseSts = (thrown: unknown, requestId: string): HttpAnswer =>
  queryError(faultOf(thrown), requestId, NAMESPACE);
