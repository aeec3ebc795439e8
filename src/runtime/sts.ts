/** The operations of AWS STS that give credentials, and GetCallerIdentity. */
import { KmsError } from '../model/error.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import { callEvent, principalId, type CallFacts } from '../audit/event.ts';
import type { Logged } from '../audit/request-parameters.ts';
import { uuid } from '../crypto/uuid.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { assumeRole, authorizeAssumeRole, checkRoleRequest, type RoleQuestion } from '../pipeline/assume-role.ts';
import {
  federationToken,
  sessionToken,
  type FederatedUser,
  type FederationQuestion,
  type SessionQuestion,
  type TemporaryCredentials,
} from '../pipeline/temporary-credentials.ts';
import { loggedError } from '../pipeline/log-call.ts';
import { identify } from '../operations/principals/known-callers.ts';
import type { RequestAttributes } from '../policy/context.ts';
import type { Caller } from '../policy/principal.ts';
import { attributesOf, type CallContext } from '../pipeline/authorize.ts';
import type { FindCaller } from '../pipeline/call-origin.ts';
import type { KmsDeps } from '../pipeline/invoke.ts';
import { authorizeWebIdentity, checkIdentityToken, readIdentityToken } from '../pipeline/web-identity.ts';

export interface CallerIdentity {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

/** The origin of a request. */
type Where = Pick<CallContext, 'sourceIp' | 'userAgent' | 'connection'> & {
  /** undefined, of an unsigned request: the default Region of the keyring. */
  readonly region: string | undefined;
  readonly requestId: string;
};

/** AssumeRole for whoever has a token of an OpenID Connect provider. */
export interface WebIdentityQuestion extends RoleQuestion {
  readonly token: string;
}

export interface WebIdentitySession extends CallerIdentity {
  readonly credentials: TemporaryCredentials;
  readonly subject: string;
  readonly audience: string;
  /** The ARN of the provider. */
  readonly provider: string;
}

export interface Sts {
  assumeRole(
    caller: FindCaller,
    question: RoleQuestion,
    where: Where,
  ): Promise<CallerIdentity & { readonly credentials: TemporaryCredentials }>;
  webIdentity(question: WebIdentityQuestion, where: Where): Promise<WebIdentitySession>;
  callerIdentity(caller: FindCaller, where: Where): Promise<CallerIdentity>;
  sessionToken(caller: FindCaller, question: SessionQuestion, where: Where): Promise<TemporaryCredentials>;
  federationToken(caller: FindCaller, question: FederationQuestion, where: Where): Promise<FederatedUser>;
}

interface StsCall {
  readonly eventName: string;
  readonly requestParameters: Logged | null;
  readonly readOnly: boolean;
}

interface StsResult<T> {
  readonly answer: T;
  readonly responseElements: Logged | null;
}

const identityOf = (arn: string, userId: string, account: string): CallerIdentity => ({ arn, userId, account });

/** The session token is a secret here. */
const logged = ({ AccessKeyId, Expiration }: TemporaryCredentials): Logged => ({
  accessKeyId: AccessKeyId,
  expiration: Expiration.toISOString(),
});

export function createSts({ keyring, clock, random }: KmsDeps): Sts {
  /** Every answer and every refusal has an event. */
  async function answered<T>(
    { eventName, requestParameters, readOnly }: StsCall,
    { find, where }: { readonly find: FindCaller; readonly where: Where },
    work: (tx: Transaction, caller: Caller) => Promise<StsResult<T>>,
  ): Promise<T> {
    const outcome = await keyring.transact(async (tx) => {
      const { account } = tx.settings;
      const caller = await identify(tx, await find(account, tx));
      const log = (ending: Pick<CallFacts, 'error' | 'responseElements'>): void =>
        tx.append(
          callEvent({
            ...ending,
            eventSource: 'sts.amazonaws.com',
            eventName,
            eventId: uuid(random),
            requestId: where.requestId,
            time: keyringTime(tx.settings, clock()),
            region: where.region ?? tx.settings.region,
            identity: caller,
            sourceIp: where.sourceIp,
            userAgent: where.userAgent,
            readOnly,
            account,
            requestParameters,
            tlsDetails: where.connection?.tls,
          }),
        );
      const mark = tx.mark();
      try {
        const { answer, responseElements } = await work(tx, caller);
        log({ responseElements });
        return { answer };
      } catch (error) {
        if (!(error instanceof KmsError)) throw error;
        tx.revert(mark);
        log({ error: loggedError(error), responseElements: null });
        return { error };
      }
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
  }

  function attributesAt(tx: Transaction, caller: Caller, where: Where): RequestAttributes {
    const { region = tx.settings.region, sourceIp, userAgent, connection } = where;
    const home = { account: caller.account ?? tx.settings.account, region };
    const time = keyringTime(tx.settings, clock());
    return attributesOf({ caller, home, time, sourceIp, userAgent, connection });
  }

  return {
    assumeRole(find, question, where) {
      const requestParameters = {
        roleArn: question.roleArn,
        roleSessionName: question.sessionName,
        durationSeconds: question.duration,
      };
      const call = { eventName: 'AssumeRole', requestParameters, readOnly: true };
      return answered(call, { find, where }, async (tx, caller) => {
        const request = checkRoleRequest(question);
        const { roleArn } = request;
        const attributes = attributesAt(tx, caller, where);
        await authorizeAssumeRole(tx, { caller, request, attributes });
        const { arn, credentials } = assumeRole(tx, request, { clock, random });
        const userId = principalId({ kind: 'session', arn, roleArn });
        return {
          answer: { ...identityOf(arn, userId, readPrincipalArn(roleArn)!.account), credentials },
          responseElements: {
            credentials: logged(credentials),
            assumedRoleUser: { assumedRoleId: userId, arn },
          },
        };
      });
    },
    async webIdentity({ token: text, ...question }, where) {
      const request = checkRoleRequest(question);
      const { roleArn, sessionName, duration } = request;
      const requestParameters = { roleArn, roleSessionName: sessionName, durationSeconds: duration };
      const call = { eventName: 'AssumeRoleWithWebIdentity', requestParameters, readOnly: true };
      // whose token it is, is known only if its signature is valid: without that there is no event
      const find: FindCaller = async (_, tx) => (await readIdentityToken(tx, text, roleArn)).caller;
      return answered(call, { find, where }, async (tx, caller) => {
        const token = await readIdentityToken(tx, text, roleArn);
        checkIdentityToken(token, keyringTime(tx.settings, clock()));
        await authorizeWebIdentity(tx, { token, request, attributes: attributesAt(tx, caller, where) });
        const { arn, credentials } = assumeRole(tx, request, { clock, random });
        const { subject, audience } = token.identity;
        const userId = principalId({ kind: 'session', arn, roleArn });
        const account = readPrincipalArn(roleArn)!.account;
        // the documentation says the issuer; recorded answers have the ARN (EKS Best Practices Guide, Identity and Access
        // Management)
        const provider = caller.arn;
        return {
          answer: { ...identityOf(arn, userId, account), credentials, subject, audience, provider },
          responseElements: {
            subjectFromWebIdentityToken: subject,
            audience,
            provider,
            credentials: logged(credentials),
            assumedRoleUser: { assumedRoleId: userId, arn },
          },
        };
      });
    },
    sessionToken(find, question, where) {
      const { duration: durationSeconds, serialNumber } = question;
      const requestParameters = { durationSeconds, serialNumber };
      const call = { eventName: 'GetSessionToken', requestParameters, readOnly: true };
      return answered(call, { find, where }, async (tx, caller) => {
        const credentials = sessionToken(tx, { caller, question, deps: { clock, random } });
        return { answer: credentials, responseElements: { credentials: logged(credentials) } };
      });
    },
    federationToken(find, question, where) {
      const { name, duration: durationSeconds, policy } = question;
      const call = {
        eventName: 'GetFederationToken',
        requestParameters: { name, durationSeconds, policy },
        readOnly: true,
      };
      return answered(call, { find, where }, async (tx, caller) => {
        const attributes = attributesAt(tx, caller, where);
        const answer = federationToken(tx, { caller, question, attributes, deps: { clock, random } });
        const federatedUser = { federatedUserId: answer.userId, arn: answer.arn };
        return { answer, responseElements: { credentials: logged(answer.credentials), federatedUser } };
      });
    },
    callerIdentity(find, where) {
      const call = { eventName: 'GetCallerIdentity', requestParameters: null, readOnly: true };
      return answered(call, { find, where }, async (tx, caller) => ({
        answer: identityOf(caller.arn, principalId(caller), caller.account ?? tx.settings.account),
        responseElements: null,
      }));
    },
  };
}
