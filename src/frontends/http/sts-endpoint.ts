/** The operations of AWS STS that callers of KMS need, on the same endpoint: the query protocol, answers in XML. */
import { KmsError } from '../../model/error.ts';
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
  if (!row) throw new KmsError('InvalidAction', `Could not find operation ${action} for version 2011-06-15`);
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
      duration: durationOf(form.get('DurationSeconds')),
      policy: form.get('Policy') ?? undefined,
      tags: tagsOf(form),
      externalId: form.get('ExternalId') ?? undefined,
    };
    const { arn, userId, credentials } = await sts.assumeRole(caller, request, where);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials;
    return (
      element('AssumedRoleUser', element('AssumedRoleId', text(userId)) + element('Arn', text(arn))) +
      element(
        'Credentials',
        element('AccessKeyId', text(AccessKeyId)) +
          element('SecretAccessKey', text(SecretAccessKey)) +
          element('SessionToken', text(SessionToken)) +
          element('Expiration', text(`${Expiration.toISOString().slice(0, 19)}Z`)),
      )
    );
  },
  async GetCallerIdentity({ sts, caller, where }) {
    const { arn, userId, account } = await sts.callerIdentity(caller, where);
    return element('Arn', text(arn)) + element('UserId', text(userId)) + element('Account', text(account));
  },
};

/** NaN for a text that is not a whole number. */
const durationOf = (text: string | null): number =>
  text === null ? HOUR : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;

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
