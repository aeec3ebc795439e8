/** What of AWS STS goes with the keyring: assuming a role, and telling callers who they are. */
import { readPrincipalArn } from '../api/principal-arn.ts';
import { principalId } from '../audit/event.ts';
import { keyringTime } from '../keyring/root.ts';
import {
  assumeRole,
  authorizeAssumeRole,
  checkRoleRequest,
  type RoleCredentials,
  type RoleRequest,
} from '../operations/assume-role.ts';
import { identify } from '../operations/known-callers.ts';
import { logTool } from '../operations/tool.ts';
import { callerContext, type Circle } from './authorize.ts';
import type { FindCaller, KmsDeps } from './road.ts';

export interface CallerIdentity {
  readonly arn: string;
  readonly userId: string;
  readonly account: string;
}

/** Where a request comes from. */
type Where = Pick<Circle, 'sourceIp' | 'userAgent' | 'connection'> & { readonly region: string };

export interface Sts {
  assumeRole(
    caller: FindCaller,
    request: RoleRequest & Where,
  ): Promise<CallerIdentity & { readonly credentials: RoleCredentials }>;
  callerIdentity(caller: FindCaller): Promise<CallerIdentity>;
}

const identityOf = (arn: string, userId: string, account: string): CallerIdentity => ({ arn, userId, account });

export function createSts({ keyring, clock, random }: KmsDeps): Sts {
  return {
    assumeRole: (find, { region, sourceIp, userAgent, connection, ...request }) =>
      keyring.transact(async (tx) => {
        const caller = await identify(tx, await find(tx.settings.account, tx));
        const { roleArn, sessionName } = request;
        checkRoleRequest(request);
        const home = { account: caller.account ?? tx.settings.account, region };
        const time = keyringTime(tx.settings, clock());
        const context = callerContext({ caller, home, time, sourceIp, userAgent, connection });
        authorizeAssumeRole(caller, request, context);
        const { arn, credentials } = assumeRole(tx, request, { clock, random });
        const role = { kind: 'session', arn, roleArn } as const;
        logTool(
          tx,
          { clock, random, region, caller: () => caller },
          {
            eventName: 'AssumeRole',
            details: { roleArn, roleSessionName: sessionName, accessKeyId: credentials.AccessKeyId },
          },
        );
        return { ...identityOf(arn, principalId(role), readPrincipalArn(roleArn)!.account), credentials };
      }),
    callerIdentity: (find) =>
      keyring.transact(async (tx) => {
        const caller = await find(tx.settings.account, tx);
        return identityOf(caller.arn, principalId(caller), caller.account ?? tx.settings.account);
      }),
  };
}
