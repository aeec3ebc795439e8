/** The operations of AWS STS: AssumeRole and GetCallerIdentity. */
import { KmsError } from '../model/error.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import { callEvent, principalId, type CallFacts } from '../audit/event.ts';
import type { Logged } from '../audit/request-parameters.ts';
import { uuid } from '../crypto/uuid.ts';
import { keyringTime } from '../keyring/root.ts';
import type { Transaction } from '../keyring/transaction.ts';
import {
  assumeRole,
  authorizeAssumeRole,
  checkRoleRequest,
  type RoleCredentials,
  type RoleQuestion,
} from '../pipeline/assume-role.ts';
import { identify } from '../operations/principals/known-callers.ts';
import type { Caller } from '../policy/principal.ts';
import { attributesOf, type CallContext } from '../pipeline/authorize.ts';
import type { FindCaller, KmsDeps } from '../pipeline/invoke.ts';

export interface CallerIdentity {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

/** The origin of a request. */
type Where = Pick<CallContext, 'sourceIp' | 'userAgent' | 'connection'> & {
  readonly region: string;
  readonly requestId: string;
};

export interface Sts {
  assumeRole(
    caller: FindCaller,
    question: RoleQuestion,
    where: Where,
  ): Promise<CallerIdentity & { readonly credentials: RoleCredentials }>;
  callerIdentity(caller: FindCaller, where: Where): Promise<CallerIdentity>;
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
            region: where.region,
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
        log({ error: { code: error.code, message: error.message }, responseElements: null });
        return { error };
      }
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
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
        const { region, sourceIp, userAgent, connection } = where;
        const home = { account: caller.account ?? tx.settings.account, region };
        const time = keyringTime(tx.settings, clock());
        const attributes = attributesOf({ caller, home, time, sourceIp, userAgent, connection });
        await authorizeAssumeRole(tx, { caller, request, attributes });
        const { arn, credentials } = assumeRole(tx, request, { clock, random });
        const userId = principalId({ kind: 'session', arn, roleArn });
        return {
          answer: { ...identityOf(arn, userId, readPrincipalArn(roleArn)!.account), credentials },
          responseElements: {
            credentials: { accessKeyId: credentials.AccessKeyId, expiration: credentials.Expiration.toISOString() },
            assumedRoleUser: { assumedRoleId: userId, arn },
          },
        };
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
