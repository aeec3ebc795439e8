/** The callers' world: what the keyring knows of callers counts in their calls, and questions are answered as calls are. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { KmsError } from '../../src/model/error.ts';
import { usageOf } from '../../src/audit/usage.ts';
import { putIdentity, type Identity } from '../../src/keyring/identity.ts';
import { organizations, putOrganization, removeOrganization } from '../../src/keyring/organization.ts';
import { encodeRecord } from '../../src/keyring/record.ts';
import { explainAccess } from '../../src/commands/access/explain-access.ts';
import { whatCan } from '../../src/commands/access/what-can.ts';
import { whoCan } from '../../src/commands/access/who-can.ts';
import { attachPolicy } from '../../src/policy/document.ts';
import { AccessDenied } from '../../src/policy/denial.ts';
import { iamIdentifier } from '../../src/policy/identity.ts';
import { policyForUse } from '../../src/analysis/policy-for-use.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { whyDenied } from '../../src/commands/access/why.ts';
import { accessSession } from '../support/access-session.ts';
import { ACCOUNT, fixture, newKey, refusal, ROOT, type Fixture, type TestKey } from '../support/fixture.ts';

const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const APP = `arn:aws:iam::${ACCOUNT}:role/team/App`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/i-0abc`;
const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (Action: string | readonly string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});

function identity(arn: string, more: Partial<Identity> = {}): Identity {
  const { kind, account } = iamIdentifier(arn)!;
  return { kind, arn, account, created: 0, tags: {}, policies: [], ...more };
}

const know = (home: Fixture, ...all: readonly Identity[]): Promise<void> =>
  home.keyring.transact(async (tx) => {
    for (const one of all) putIdentity(tx, iamIdentifier(one.arn)!, one);
  });

const as = (arn: string, more: Partial<Caller> = {}) => ({ caller: callerOf(arn, more) });
const named = (...texts: readonly string[]) => texts.map((text, index) => ({ name: `p${index}`, text }));

describe('identities in calls', () => {
  let home: Fixture;
  let key: TestKey;
  beforeAll(async () => {
    home = await fixture('callers');
    key = await newKey(home);
    await know(
      home,
      identity(ALICE, { uniqueId: 'AIDAALICE00000EXAMPLE', policies: named(policy(allow('kms:DescribeKey'))) }),
      identity(APP, {
        uniqueId: 'AROAAPP0000000EXAMPLE',
        tags: { Team: 'orders' },
        policies: named(
          policy(
            allow(['kms:DescribeKey', 'kms:ListResourceTags'], {
              Condition: { StringEquals: { 'aws:PrincipalTag/Team': 'orders' } },
            }),
          ),
        ),
      }),
    );
  });
  const describeKey = (caller: { caller: Caller }) => home.call('DescribeKey', { KeyId: key.id }, caller);

  test('an identity policy allows, and nothing else does', async () => {
    await describeKey(as(ALICE));
    const { message } = await refusal(home.call('EnableKey', { KeyId: key.id }, as(ALICE)));
    expect(message).toBe(
      `User: ${ALICE} is not authorized to perform: kms:EnableKey on resource: ${key.arn} because no identity-based policy allows the kms:EnableKey action`,
    );
    expect((await refusal(describeKey(as(`arn:aws:iam::${ACCOUNT}:user/Bob`)))).code).toBe('AccessDeniedException');
  });

  test('a user has the policies of its groups, those that deny too, and no other caller has', async () => {
    const carl = `arn:aws:iam::${ACCOUNT}:user/Carl`;
    const group = (name: string, statement: object): Identity =>
      identity(`arn:aws:iam::${ACCOUNT}:group/${name}`, { policies: named(policy(statement)) });
    await know(
      home,
      identity(carl, { groups: ['Readers'] }),
      group('Readers', allow('kms:DescribeKey')),
      group('Blocked', { ...allow('kms:DescribeKey'), Effect: 'Deny' }),
    );
    await describeKey(as(carl));
    expect((await refusal(describeKey(as(`arn:aws:iam::${ACCOUNT}:user/Dave`)))).code).toBe('AccessDeniedException');
    expect((await refusal(describeKey(as(`arn:aws:iam::444455556666:user/Carl`)))).code).toBe('NotFoundException');
    await know(home, identity(carl, { groups: ['Readers', 'Blocked'] }));
    expect((await refusal(describeKey(as(carl)))).message).toContain('explicit deny in an identity-based policy');
    await know(home, identity(carl, { groups: ['Readers', 'Gone'] }));
    await describeKey(as(carl));
  });

  test('a user of another path is another user', async () => {
    expect((await refusal(describeKey(as(`arn:aws:iam::${ACCOUNT}:user/team/Alice`)))).code).toBe(
      'AccessDeniedException',
    );
  });

  test('a session has the policies and tags of its role, whatever the path of the role', async () => {
    await describeKey(as(SESSION));
    await describeKey(as(APP));
    expect((await refusal(describeKey(as(SESSION, { tags: { Team: 'billing' } })))).code).toBe('AccessDeniedException');
  });

  test('what is kept for one session bounds it, and no other', async () => {
    await know(home, identity(SESSION, { policies: named(policy(allow('kms:ListResourceTags'))) }));
    expect((await refusal(describeKey(as(SESSION)))).message).toContain('because no session policy allows');
    await home.call('ListResourceTags', { KeyId: key.id }, as(SESSION));
    await describeKey(as(`arn:aws:sts::${ACCOUNT}:assumed-role/App/other`));
  });

  test('a permissions boundary bounds', async () => {
    const carol = `arn:aws:iam::${ACCOUNT}:user/Carol`;
    const boundary = { name: 'boundary', text: policy(allow('s3:*')) };
    await know(home, identity(carol, { policies: named(policy(allow('kms:*'))), boundary }));
    expect((await refusal(describeKey(as(carol)))).message).toContain('because no permissions boundary allows');
  });

  test('the log has the unique ID', () => {
    const event = home.events().find(({ userIdentity }) => (userIdentity as { arn?: string }).arn === ALICE);
    expect(event!['userIdentity']).toMatchObject({ principalId: 'AIDAALICE00000EXAMPLE', userName: 'Alice' });
  });

  test('the root user and callers that the keyring does not know cost no look-up', async () => {
    const paths: string[] = [];
    await home.keyring.transact(async (tx) => {
      const { identify } = await import('../../src/operations/principals/known-callers.ts');
      const read = tx.read.bind(tx);
      tx.read = async (path, decode) => {
        paths.push(path);
        return read(path, decode);
      };
      await identify(tx, ROOT);
      expect(paths).toEqual([]);
      await identify(tx, callerOf(ALICE));
      expect(paths).toHaveLength(1);
      expect(paths[0]).not.toContain('Alice');
    });
  });

  test('an organization binds the root user too, save in its management account', async () => {
    const levels = [
      {
        serviceControlPolicies: named(policy(allow('kms:DescribeKey'))),
        resourceControlPolicies: named(policy(allow('*', { Principal: '*' }))),
      },
    ];
    const organization = { id: 'o-a1b2c3d4e5', accounts: [ACCOUNT], levels };
    await home.keyring.transact((tx) => putOrganization(tx, organization));
    await describeKey({ caller: ROOT });
    expect((await refusal(home.call('EnableKey', { KeyId: key.id }))).message).toContain(
      'no service control policy allows',
    );
    await home.keyring.transact((tx) => putOrganization(tx, { ...organization, managementAccount: ACCOUNT }));
    await home.call('EnableKey', { KeyId: key.id });
    const closed = [{ ...levels[0]!, resourceControlPolicies: named(policy(allow('s3:*', { Principal: '*' }))) }];
    await home.keyring.transact((tx) => putOrganization(tx, { ...organization, levels: closed }));
    expect((await refusal(describeKey({ caller: ROOT }))).message).toContain('no resource control policy allows');
    await home.keyring.transact((tx) => removeOrganization(tx, 'o-a1b2c3d4e5'));
    await home.call('EnableKey', { KeyId: key.id });
  });

  test('an organization of an earlier keyring stands alone in its record', async () => {
    const only = { id: 'o-a1b2c3d4e5', accounts: [ACCOUNT], levels: [] };
    await home.keyring.transact(async (tx) => {
      await putOrganization(tx, { ...only, id: 'o-0000000000' });
      tx.put('organization', encodeRecord(only));
    });
    await home.keyring.transact(async (tx) => {
      expect(await organizations(tx)).toEqual([only]);
      await putOrganization(tx, { ...only, id: 'o-0000000000', accounts: [] });
      expect((await organizations(tx)).map(({ id }) => id)).toEqual(['o-0000000000', 'o-a1b2c3d4e5']);
      await removeOrganization(tx, 'o-0000000000');
      await removeOrganization(tx, only.id);
      expect([await organizations(tx), tx.settings.hasOrganization]).toEqual([[], false]);
    });
  });

  describe('the account and the organization of what is used', () => {
    const dora = 'arn:aws:iam::444455556666:user/Dora';
    const levels = [
      {
        serviceControlPolicies: named(policy(allow('*'))),
        resourceControlPolicies: named(policy(allow('*', { Principal: '*' }))),
      },
    ];
    const when = (key: string, value: string): object =>
      allow('kms:*', { Condition: { StringEquals: { [key]: value } } });
    const may = (arn: string, statement: object): Promise<void> =>
      know(home, identity(arn, { policies: named(policy(statement)) }));
    const code = async (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'allowed',
        (error: unknown) => (error as KmsError).code,
      );
    beforeAll(async () => {
      const organization = { id: 'o-a1b2c3d4e5', path: 'o-a1b2c3d4e5/r-ab12/', accounts: [ACCOUNT], levels };
      await home.keyring.transact((tx) => putOrganization(tx, organization));
      const shared = policy(
        { ...allow('kms:*'), Principal: { AWS: ROOT.arn } },
        { ...allow('kms:*'), Principal: { AWS: dora } },
      );
      await home.call('PutKeyPolicy', { KeyId: key.id, Policy: shared });
      return () => home.keyring.transact((tx) => removeOrganization(tx, 'o-a1b2c3d4e5'));
    });

    test.each([
      ['aws:ResourceOrgID', 'o-a1b2c3d4e5', 'allowed'],
      ['aws:ResourceOrgID', 'o-0000000000', 'AccessDeniedException'],
      ['aws:ResourceAccount', ACCOUNT, 'allowed'],
      ['aws:PrincipalOrgID', 'o-a1b2c3d4e5', 'AccessDeniedException'],
    ])('a caller of another account: %s %s', async (name, value, expected) => {
      await may(dora, when(name, value));
      expect(await code(home.call('DescribeKey', { KeyId: key.arn }, as(dora)))).toBe(expected);
    });

    test.each([
      ['ListKeys', {}],
      ['GenerateRandom', { NumberOfBytes: 1 }],
      ['CreateAlias', { AliasName: 'alias/mine', TargetKeyId: '' }],
    ])('%s is about the account of the caller', async (operation, input) => {
      const full = 'TargetKeyId' in input ? { ...input, TargetKeyId: key.id } : input;
      for (const [name, value] of [
        ['aws:ResourceAccount', ACCOUNT],
        ['aws:ResourceOrgID', 'o-a1b2c3d4e5'],
      ] as const) {
        await may(BOB, when(name, '999999999999'));
        expect(await code(home.call(operation, full, as(BOB)))).toBe('AccessDeniedException');
        await may(BOB, when(name, value));
        const expected =
          name === 'aws:ResourceOrgID' && operation === 'CreateAlias' ? 'AlreadyExistsException' : 'allowed';
        expect([name, await code(home.call(operation, full, as(BOB)))]).toEqual([name, expected]);
      }
    });
  });

  test('a key policy means those who were there when it was written', async () => {
    const text = policy(
      { ...allow('kms:*'), Principal: { AWS: ROOT.arn } },
      { ...allow('kms:GetKeyPolicy'), Principal: { AWS: ALICE } },
    );
    await home.call('PutKeyPolicy', { KeyId: key.id, Policy: text });
    const shown = async () => (await home.call('GetKeyPolicy', { KeyId: key.id }))['Policy'];
    await home.call('GetKeyPolicy', { KeyId: key.id }, as(ALICE));
    expect(await shown()).toBe(text);
    await know(home, identity(ALICE, { uniqueId: 'AIDAANOTHER000EXAMPLE' }));
    expect((await refusal(home.call('GetKeyPolicy', { KeyId: key.id }, as(ALICE)))).code).toBe('AccessDeniedException');
    expect(await shown()).toBe(text.replace(ALICE, 'AIDAALICE00000EXAMPLE'));
  });

  test('a grant means those who were there when it was made', async () => {
    const carol = `arn:aws:iam::${ACCOUNT}:user/carol`;
    const [first, second] = ['AIDACAROL00000EXAMPLE', 'AIDAANOTHER000EXAMPLE'];
    const give = () =>
      home.call('CreateGrant', {
        KeyId: key.id,
        GranteePrincipal: carol,
        RetiringPrincipal: carol,
        Operations: ['DescribeKey', 'RetireGrant'],
        Name: 'of-carol',
      });
    const listed = async (filter: object = {}) =>
      (await home.call('ListGrants', { KeyId: key.id, ...filter }))['Grants'] as Record<string, string>[];
    const partiesOf = (grants: readonly Record<string, string>[]) =>
      grants.map(({ GranteePrincipal, RetiringPrincipal }) => [GranteePrincipal, RetiringPrincipal]);
    const retirable = async () =>
      (await home.call('ListRetirableGrants', { RetiringPrincipal: carol }))['Grants'] as readonly unknown[];
    await know(home, identity(carol, { uniqueId: first }));
    const { GrantId } = await give();
    await home.call('DescribeKey', { KeyId: key.id }, as(carol));
    expect(partiesOf(await listed({ GranteePrincipal: carol }))).toEqual([[carol, carol]]);
    await know(home, identity(carol, { uniqueId: second }));
    const named = { KeyId: key.id };
    expect((await refusal(home.call('DescribeKey', named, as(carol)))).code).toBe('AccessDeniedException');
    const retire = home.call('RetireGrant', { KeyId: key.arn, GrantId }, as(carol));
    expect((await refusal(retire)).code).toBe('AccessDeniedException');
    expect(partiesOf(await listed())).toEqual([[first, first]]);
    expect(await listed({ GranteePrincipal: carol })).toEqual([]);
    expect(await listed({ GranteePrincipal: carol, GrantId })).toEqual([]);
    expect(partiesOf(await listed({ GranteePrincipal: first }))).toEqual([[first, first]]);
    expect(partiesOf(await listed({ GranteePrincipal: first, GrantId }))).toEqual([[first, first]]);
    expect(await retirable()).toEqual([]);
    // the same call by the name of who is there now is another grant
    expect((await give())['GrantId']).not.toBe(GrantId);
    await home.call('DescribeKey', named, as(carol));
    expect(partiesOf(await listed({ GranteePrincipal: carol }))).toEqual([[carol, carol]]);
    expect(await retirable()).toHaveLength(1);
    await home.call('RevokeGrant', { KeyId: key.id, GrantId });
    expect(await listed({ GranteePrincipal: first })).toEqual([]);
  });

  test('a denial brings the decision that made it', async () => {
    const thrown: unknown = await describeKey(as(`arn:aws:iam::${ACCOUNT}:user/Bob`)).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(KmsError);
    expect((thrown as AccessDenied).decisions.map(({ outcome }) => outcome)).toEqual(['implicitDeny']);
    expect(whyDenied(thrown)).toContain('Changes that would allow it');
    expect(whyDenied(new KmsError('NotFoundException', ''))).toBeUndefined();
  });
});

interface Answers {
  readonly Answer?: string;
  readonly Principals?: readonly { readonly Principal: string; readonly Answer: string }[];
  readonly Actions?: readonly { readonly Action: string; readonly Answer: string }[];
}

const BOB = `arn:aws:iam::${ACCOUNT}:user/Bob`;
const EVE = 'arn:aws:iam::444455556666:user/Eve';
const EVERYTHING = attachPolicy('everything', policy(allow('*')));
/** One of those whom nobody names; the other account is free to allow everything. */
const CROWDS: { readonly [label: string]: ReturnType<typeof as> } = {
  [`any other principal in account ${ACCOUNT}`]: as(`arn:aws:iam::${ACCOUNT}:user/Nobody`),
  'any principal in another account': as('arn:aws:iam::555566667777:user/Nobody', { identityPolicies: [EVERYTHING] }),
};
const who = fc.constantFrom('*', ROOT.arn, ALICE, APP, BOB, EVE, SESSION);
const effect = fc.constantFrom('Allow', 'Allow', 'Deny');
const condition = fc.constantFrom(
  undefined,
  undefined,
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  { StringNotEquals: { 'aws:PrincipalTag/Team': 'orders' } },
);
const statement = fc.record({
  Effect: effect,
  Principal: who.map((AWS) => ({ AWS })),
  Action: fc.constantFrom('kms:*', 'kms:DescribeKey', 'kms:Encrypt'),
  Resource: fc.constant('*'),
  Condition: condition,
});
const own = fc.record({
  Effect: effect,
  Action: fc.constantFrom('kms:*', 'kms:DescribeKey'),
  Resource: fc.constant('*'),
  Condition: condition,
});

test('who-can, what-can and explain-access agree with the call of each caller', async () => {
  const count = { YES: 0, NO: 0, MAYBE: 0 } as Record<string, number>;
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { maxLength: 3 }),
      fc.array(own, { maxLength: 2 }),
      fc.boolean(),
      async (list, policies, granted) => {
        const home = await fixture('who-can');
        const root = { ...allow('kms:*'), Principal: { AWS: ROOT.arn } };
        const key = await newKey(home, { Policy: policy(root, ...list), BypassPolicyLockoutSafetyCheck: true });
        const policiesOf = { policies: policies.length > 0 ? named(policy(...policies)) : [] };
        await know(
          home,
          identity(ALICE, policiesOf),
          identity(APP, { ...policiesOf, tags: { Team: 'orders' } }),
          identity(EVE, policiesOf),
        );
        if (granted)
          await home
            .call('CreateGrant', { KeyId: key.id, GranteePrincipal: BOB, Operations: ['DescribeKey'] })
            .catch(() => undefined);
        const session = accessSession(home);
        const { Principals = [] } = (await whoCan.run(
          { Action: 'DescribeKey', KeyId: key.id, All: true },
          session,
        )) as Answers;
        expect(Principals.map(({ Principal }) => Principal)).toEqual(
          expect.arrayContaining([ROOT.arn, ALICE, APP, EVE, ...Object.keys(CROWDS)]),
        );
        for (const { Principal, Answer } of Principals) {
          const call = home.call('DescribeKey', { KeyId: key.arn }, CROWDS[Principal] ?? as(Principal));
          const isLet = await call.then(
            () => true,
            () => false,
          );
          count[Answer]! += 1;
          if (Answer !== 'MAYBE') expect(`${Principal} ${isLet}`).toBe(`${Principal} ${Answer === 'YES'}`);
          if (CROWDS[Principal]) continue; // nobody to ask about by name
          const { Actions = [] } = (await whatCan.run({ Principal, KeyId: key.id, All: true }, session)) as Answers;
          expect(Actions.find(({ Action }) => Action === 'kms:DescribeKey')!.Answer).toBe(Answer);
          const exact = (await explainAccess.run(
            { Principal, Action: 'DescribeKey', KeyId: key.id, Exact: true },
            session,
          )) as Answers;
          expect(exact.Answer).toBe(isLet ? 'YES' : 'NO');
        }
      },
    ),
    { numRuns: 40 },
  );
  for (const number of Object.values(count)) expect(number).toBeGreaterThan(5);
});

test('a generated policy allows what was done, and nothing else', async () => {
  const home = await fixture('generate');
  const key = await newKey(home);
  await know(
    home,
    identity(ALICE, { policies: named(policy(allow('kms:*'))) }),
    identity(APP, { policies: named(policy(allow('kms:*'))) }),
  );
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: key.id, Plaintext: new Uint8Array(4) }, as(ALICE));
  await home.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: key.id }, as(SESSION));
  await refusal(home.call('Encrypt', { KeyId: key.id, Plaintext: new Uint8Array(4) }, as(BOB)));
  const used = (await usageOf(home.events() as never, key.arn)).filter(({ principal }) => principal !== ROOT.arn);
  expect(used.map(({ principal, action }) => [principal, action])).toEqual([
    [ALICE, 'kms:Encrypt'],
    [APP, 'kms:ReEncryptFrom'],
    [APP, 'kms:ReEncryptTo'],
  ]);
  const { Statement } = policyForUse(used, undefined);
  const generated = JSON.stringify({
    Version: '2012-10-17',
    Statement: [...Statement, { ...allow('kms:PutKeyPolicy'), Principal: { AWS: ROOT.arn } }],
  });
  await know(home, identity(ALICE), identity(APP));
  await home.call('PutKeyPolicy', { KeyId: key.id, Policy: generated });
  const plaintext = { KeyId: key.id, Plaintext: new Uint8Array(4) };
  await home.call('Encrypt', plaintext, as(ALICE));
  await home.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: key.id }, as(SESSION));
  for (const call of [
    home.call('Encrypt', plaintext, as(SESSION)),
    home.call('Decrypt', { CiphertextBlob }, as(ALICE)),
    home.call('DescribeKey', { KeyId: key.id }),
  ]) {
    expect((await refusal(call)).code).toBe('AccessDeniedException');
  }
});
