/** The keys, aliases and callers that the tests of operations name. */
import { attachPolicy } from '../../src/policy/document.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { ACCOUNT, fixture, newKey, REGION, type Fixture, type TestKey } from '../support/fixture.ts';

export const DAY = 24 * 60 * 60 * 1000;
export const UNKNOWN = '00000000-0000-4000-8000-000000000000';
export const arnOf = (keyId: string): string => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}`;
export const aliasArnOf = (name: string): string => `arn:aws:kms:${REGION}:${ACCOUNT}:${name}`;

export interface Stage extends Fixture {
  readonly key: TestKey;
  readonly other: TestKey;
}

/** Two keys; `alias/example` is one of the first. */
export async function stage(seed = 'stage'): Promise<Stage> {
  const home = await fixture(seed);
  const [key, other] = [await newKey(home), await newKey(home)];
  await home.call('CreateAlias', { AliasName: 'alias/example', TargetKeyId: key.id });
  return Object.assign(home, { key, other });
}

export type Statement = { readonly [element: string]: unknown };

export const policyOf = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

export const ROOT_MAY: Statement = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};

/** A user of the account, with identity policies of these statements. */
export const userWith = (...statements: readonly Statement[]): Caller =>
  callerOf(
    `arn:aws:iam::${ACCOUNT}:user/alice`,
    statements.length > 0 ? { identityPolicies: [attachPolicy('alice', policyOf(...statements))] } : {},
  );

/** `<key>`, `<other>`, `<arn>` and `<unknown>` in a text. */
export const spelled = (text: string, { key, other }: Stage): string =>
  text
    .replaceAll('<key>', key.id)
    .replaceAll('<other>', other.id)
    .replaceAll('<arn>', key.arn)
    .replaceAll('<other-arn>', other.arn)
    .replaceAll('<unknown>', UNKNOWN);

export const spelledInput = <T>(input: T, on: Stage): T =>
  (typeof input === 'string'
    ? spelled(input, on)
    : Array.isArray(input)
      ? input.map((item: unknown) => spelledInput(item, on))
      : typeof input === 'object' && input !== null && !(input instanceof Uint8Array) && !(input instanceof Date)
        ? Object.fromEntries(Object.entries(input).map(([name, item]) => [name, spelledInput(item as unknown, on)]))
        : input) as T;
