/**
 * The table of permissions, in the pipeline: what each operation needs where, that it is enough, and that everything else
 * is not. The rows are those of src/policy/actions.ts, which the tests of access hold to the public table.
 */
import { describe, expect, test } from 'vitest';
import { KmsError } from '../../src/model/error.ts';
import { OPERATION_NAMES } from '../../src/operations/index.ts';
import { ACTIONS, type Action } from '../../src/policy/actions.ts';
import { attachPolicy } from '../../src/policy/document.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { policyOf, ROOT_MAY, type Statement } from '../operations/stage.ts';
import { CALLS, OTHER_REGION, readyCall, type ReadyCall } from '../support/calls.ts';
import { ACCOUNT, fixture, REGION, type Fixture } from '../support/fixture.ts';

const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const EVE = 'arn:aws:iam::444455556666:user/Eve';
const ALIASES = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/*`;
const REPLICAS = `arn:aws:kms:${OTHER_REGION}:${ACCOUNT}:key/*`;

/** ReEncrypt has a permission for each side. */
const operationOf = ({ name }: Action): string => (name.startsWith('ReEncrypt') ? 'ReEncrypt' : name);
const halvesOf = (operation: string): readonly string[] =>
  operation === 'ReEncrypt' ? ['ReEncryptFrom', 'ReEncryptTo'] : [operation];

const prefixed = (names: readonly string[]): string[] => names.map((name) => `kms:${name}`);
const allow = (names: readonly string[], Resource: string): Statement => ({
  Effect: 'Allow',
  Action: prefixed(names),
  Resource,
});
const allowAllBut = (name: string, Resource: string): Statement => ({
  Effect: 'Allow',
  NotAction: `kms:${name}`,
  Resource,
});

const by = (arn: string, ...statements: readonly Statement[]): Caller =>
  callerOf(arn, statements.length > 0 ? { identityPolicies: [attachPolicy('own', policyOf(...statements))] } : {});

/** What an operation needs beyond its row for the key: of the other resources that it is about. */
const BESIDE: { readonly [operation: string]: readonly Statement[] } = {
  CreateAlias: [allow(['CreateAlias'], ALIASES)],
  DeleteAlias: [allow(['DeleteAlias'], ALIASES)],
  UpdateAlias: [allow(['UpdateAlias'], ALIASES)],
  ReplicateKey: [allow(['CreateKey'], '*')],
  UpdatePrimaryRegion: [allow(['UpdatePrimaryRegion'], REPLICAS)],
};

/** An alias name alone is one of the caller's own account, where there is none. */
const FOREIGN_ALIAS = new Set(['DeleteAlias', 'UpdateAlias']);

const DENIED = 'AccessDeniedException';

/** The code of the refusal; undefined: it succeeds. */
const outcome = (home: Fixture, { operation, input }: ReadyCall, caller: Caller): Promise<string | undefined> =>
  home.call(operation, input, { caller }).then(
    () => undefined,
    (error: unknown) => (error instanceof KmsError ? error.code : String(error)),
  );

/** The call is ready, and the key policy says this of the principal beside what it says of the account. */
async function underKeyPolicy(operation: string, principal: string, statement: Statement) {
  const home = await fixture('permissions');
  const call = await readyCall(home, operation);
  const Policy = policyOf(ROOT_MAY, { ...statement, Principal: { AWS: principal } });
  await home.call('PutKeyPolicy', { KeyId: call.key!.arn, Policy });
  return { home, call };
}

const onKeys = ACTIONS.filter(({ keyPolicy }) => keyPolicy);

describe.each(onKeys)('$name, of a key', (action) => {
  const { name, crossAccount } = action;
  const operation = operationOf(action);
  const beside = BESIDE[operation] ?? [];

  test('the key policy allows it, and nothing else', async () => {
    const { home, call } = await underKeyPolicy(operation, ALICE, allow(halvesOf(operation), '*'));
    expect(await outcome(home, call, by(ALICE, ...beside))).toBeUndefined();
  });

  test('the key policy allows all but it', async () => {
    const { home, call } = await underKeyPolicy(operation, ALICE, allowAllBut(name, '*'));
    expect(await outcome(home, call, by(ALICE, ...beside))).toBe(DENIED);
  });

  test('an identity policy allows it, where the key policy lets the account do so', async () => {
    const home = await fixture('permissions');
    const call = await readyCall(home, operation);
    const own = allow(halvesOf(operation), call.key!.arn);
    expect(await outcome(home, call, by(ALICE, ...beside, allowAllBut(name, call.key!.arn)))).toBe(DENIED);
    expect(await outcome(home, call, by(ALICE, ...beside, own))).toBeUndefined();
  });

  test(`of another account: ${crossAccount}`, async () => {
    const { home, call } = await underKeyPolicy(operation, EVE, allow(halvesOf(operation), '*'));
    const caller = by(EVE, { Effect: 'Allow', Action: 'kms:*', Resource: '*' });
    const refusal = FOREIGN_ALIAS.has(operation) ? 'NotFoundException' : DENIED;
    expect(await outcome(home, call, caller)).toBe(crossAccount ? undefined : refusal);
    if (!crossAccount) return;
    expect(await outcome(home, await readyCall(home, operation), caller)).toBe(DENIED);
    const again = await underKeyPolicy(operation, EVE, allow(halvesOf(operation), '*'));
    expect(await outcome(again.home, again.call, by(EVE))).toBe(DENIED);
  });
});

describe.each(ACTIONS.filter(({ resources }) => resources.includes('alias')))('$name, of an alias', ({ name }) => {
  const key = { Effect: 'Allow', Action: `kms:${name}`, Resource: `arn:aws:kms:${REGION}:${ACCOUNT}:key/*` };

  test.each([
    ['allowed', allow([name], ALIASES), undefined],
    ['all but it allowed', allowAllBut(name, ALIASES), DENIED],
  ])('%s', async (_, statement, expected) => {
    const home = await fixture('permissions');
    expect(await outcome(home, await readyCall(home, name), by(ALICE, key, statement))).toBe(expected);
  });
});

describe.each(ACTIONS.filter(({ resources }) => resources.includes('none')))('$name, of no resource', ({ name }) => {
  test.each([
    ['allowed', [allow([name], '*')], undefined],
    ['all but it allowed', [allowAllBut(name, '*')], DENIED],
    ['allowed on keys', [allow([name], `arn:aws:kms:${REGION}:${ACCOUNT}:key/*`)], DENIED],
    ['nothing allowed', [], DENIED],
  ] as const)('%s', async (_, statements, expected) => {
    const home = await fixture('permissions');
    expect(await outcome(home, await readyCall(home, name), by(ALICE, ...statements))).toBe(expected);
  });
});

describe('RetireGrant, which the grant itself decides', () => {
  test('no key policy gives it', async () => {
    const { home, call } = await underKeyPolicy('RetireGrant', ALICE, allow(['RetireGrant'], '*'));
    expect(await outcome(home, call, by(ALICE))).toBe(DENIED);
  });

  test('the grant gives it to its retiring principal', async () => {
    const home = await fixture('permissions');
    const { operation, key } = await readyCall(home, 'RetireGrant');
    const grant = { GranteePrincipal: EVE, RetiringPrincipal: ALICE, Operations: ['Encrypt'] };
    const { GrantId } = await home.call('CreateGrant', { KeyId: key!.arn, ...grant });
    const call = { operation, input: { KeyId: key!.arn, GrantId } };
    expect(await outcome(home, call, by(EVE))).toBe(DENIED);
    expect(await outcome(home, call, by(ALICE))).toBeUndefined();
  });
});

test('the table has every operation, and no other', () => {
  expect([...new Set(ACTIONS.map(operationOf))].sort()).toEqual([...OPERATION_NAMES].sort());
  expect(onKeys.filter((action) => !CALLS[operationOf(action)]!.key)).toEqual([]);
});
