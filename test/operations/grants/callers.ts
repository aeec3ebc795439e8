/** Callers in two accounts, without policies of their own, and the grants that they make and use. */
import { callerOf, type Caller } from '../../../src/policy/principal.ts';
import type { Service } from '../../../src/pipeline/authorize.ts';
import { callNamed, ACCOUNT, REGION, type Fixture, type TestKey } from '../../support/fixture.ts';

export const OTHER = '444455556666';
export const iam = (resource: string, account = ACCOUNT): string => `arn:aws:iam::${account}:${resource}`;
export const sts = (resource: string, account = ACCOUNT): string => `arn:aws:sts::${account}:${resource}`;

const CALLERS = {
  root: iam('root'),
  alice: iam('user/alice'),
  bob: iam('user/bob'),
  app: sts('assumed-role/App/one'),
  'app again': sts('assumed-role/App/two'),
  deep: iam('role/team/Deep'),
  dan: sts('federated-user/dan'),
  eve: iam('user/eve', OTHER),
  'other root': iam('root', OTHER),
  trail: 'cloudtrail.amazonaws.com',
} as const;
export type CallerName = keyof typeof CALLERS;

export const caller = (name: CallerName): Caller => callerOf(CALLERS[name]);

export interface Given {
  readonly GrantId: string;
  readonly GrantToken: string;
}

/** Makes a grant as the root user, unless somebody else is named. */
export const give = async (home: Pick<Fixture, 'call'>, input: object, name: CallerName = 'root'): Promise<Given> =>
  (await home.call('CreateGrant', input, { caller: caller(name) })) as unknown as Given;

export const listed = async (home: Pick<Fixture, 'call'>, key: TestKey): Promise<Record<string, unknown>[]> =>
  (await home.call('ListGrants', { KeyId: key.id }))['Grants'] as Record<string, unknown>[];

export const SOURCE = `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/example`;

/** A call that a service makes: for somebody, or about a resource. */
export const callFor =
  (home: Fixture, service: Service) =>
  async (operation: string, input: object, name: CallerName = 'root'): Promise<Record<string, unknown>> =>
    (
      await callNamed(home.kms, {
        operation,
        input,
        caller: caller(name),
        region: REGION,
        sourceIp: '127.0.0.1',
        userAgent: 'test',
        service,
      })
    ).output;
