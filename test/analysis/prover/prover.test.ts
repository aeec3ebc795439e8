import { describe, expect, test } from 'vitest';
import { Budget } from '../../../src/analysis/prover/budget.ts';
import { readPolicy } from '../../../src/policy/document.ts';
import { accessRequest } from '../../../src/policy/access-request.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import type { ProofSubject } from '../../../src/analysis/prover/questions.ts';
import { attachPolicy } from '../../../src/policy/document.ts';
import { ACTION_RULES } from '../../support/prover.ts';
import { proved } from './proved.ts';
import { changesOf } from '../../../src/analysis/difference-text.ts';
import { ACCOUNT, CALLERS, KEY_ARN, principalOf } from '../../policy/callers.ts';

type Row = readonly [effect: string, who: string, what: string | readonly string[], when?: object];

function documentOf(rows: readonly Row[]) {
  const Statement = rows.map(([Effect, who, Action, Condition]) => ({
    Effect,
    Principal: who === '*' ? '*' : who.endsWith('.com') ? { Service: who } : { AWS: principalOf(who) },
    Action,
    Resource: '*',
    ...(Condition ? { Condition } : {}),
  }));
  return readPolicy(JSON.stringify({ Version: '2012-10-17', Statement }));
}

const subject = (rows: readonly Row[], more: Partial<Omit<ProofSubject, 'budget'>> = {}): ProofSubject => ({
  document: documentOf(rows),
  account: ACCOUNT,
  keyArn: KEY_ARN,
  trustedAccounts: [],
  principalExists: undefined,
  actionRules: ACTION_RULES,
  budget: new Budget(),
  ...more,
});

const ROOT: Row = ['Allow', 'account', 'kms:*'];

describe('public access', () => {
  const rows: readonly (readonly [string, object | undefined, boolean])[] = [
    ['no condition', undefined, true],
    ['a service that anybody can use', { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } }, true],
    ['the own account', { StringEquals: { 'kms:CallerAccount': ACCOUNT } }, false],
    ['the own account, by pattern', { StringLike: { 'aws:PrincipalAccount': '1111*' } }, true],
    ['all but the own account', { StringNotEquals: { 'aws:PrincipalAccount': ACCOUNT } }, true],
    ['an organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }, false],
    ['any organization', { StringLike: { 'aws:PrincipalOrgID': 'o-*' } }, true],
    ['an organization, if there is one', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }, true],
    ['a VPC endpoint', { StringEquals: { 'aws:SourceVpce': 'vpce-1' } }, false],
    ['a small network', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, false],
    ['the internet', { IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } }, true],
    ['an encryption context that anybody can send', { StringEquals: { 'kms:EncryptionContext:a': 'b' } }, true],
    ['roles of the own account', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/*` } }, false],
    ['roles of a name', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/App' } }, true],
    ['a contradiction', { StringEquals: { 'kms:ViaService': 'a' }, StringLike: { 'kms:ViaService': 'b*' } }, false],
    ['a source of the own account', { ArnLike: { 'aws:SourceArn': `arn:aws:s3:*:${ACCOUNT}:*` } }, false],
  ];
  test.each(rows)('%s', (_, condition, isPublic) => {
    const row: Row = condition ? ['Allow', '*', 'kms:Decrypt', condition] : ['Allow', '*', 'kms:Decrypt'];
    expect(proved.publicAccess(subject([ROOT, row])).map(({ statement }) => statement)).toEqual(isPublic ? [1] : []);
  });

  test('a Deny can close it, and a trusted account is no public', () => {
    const allow: Row = ['Allow', '*', 'kms:Decrypt'];
    const deny: Row = [
      'Deny',
      '*',
      'kms:*',
      { StringNotEquals: { 'aws:PrincipalAccount': [ACCOUNT, '444455556666'] } },
    ];
    expect(proved.publicAccess(subject([allow, deny])).map(({ witness }) => witness.principal.split(':')[4])).toEqual([
      '444455556666',
    ]);
    expect(proved.publicAccess(subject([allow, deny], { trustedAccounts: ['444455556666'] }))).toEqual([]);
  });
});

describe('statements that do nothing', () => {
  const decrypt: Row = ['Allow', 'app', 'kms:Decrypt'];
  const context = (value: string) => ({ StringEquals: { 'kms:EncryptionContext:tenant': value } });

  test('a Deny that covers an Allow wholly, or one atom of it', () => {
    expect(proved.shadowed(subject([decrypt, ['Deny', '*', 'kms:*crypt']]))).toEqual([{ statement: 0, by: [1] }]);
    expect(proved.shadowed(subject([decrypt, ['Deny', '*', 'kms:Decrypt', context('a')]]))).toEqual([]);
    const both: Row = ['Allow', 'app', ['kms:Decrypt', 'kms:Encrypt']];
    expect(proved.shadowed(subject([both, ['Deny', 'app', 'kms:Encrypt']]))).toEqual([]);
    expect(proved.partlyShadowed(subject([both, ['Deny', 'app', 'kms:Encrypt']]))).toEqual([
      { statement: 0, by: [1], principal: principalOf('app'), action: 'kms:Encrypt' },
    ]);
  });

  test('two Denies together', () => {
    const some: Row = ['Allow', 'app', 'kms:Decrypt', { StringLike: { 'kms:EncryptionContext:tenant': 'a*' } }];
    const first: Row = ['Deny', '*', 'kms:*', { StringLike: { 'kms:EncryptionContext:tenant': '?' } }];
    const rest: Row = ['Deny', '*', 'kms:*', { StringLike: { 'kms:EncryptionContext:tenant': '??*' } }];
    expect(proved.shadowed(subject([some, first, rest]))).toEqual([{ statement: 0, by: [1, 2] }]);
    expect(proved.shadowed(subject([some, first]))).toEqual([]);
  });

  test('what is contained in another statement, conditions included', () => {
    const wide: Row = ['Allow', 'app', 'kms:*', { StringLike: { 'kms:EncryptionContext:tenant': 'a*' } }];
    const narrow: Row = ['Allow', 'app', 'kms:Decrypt', context('acme')];
    expect(proved.subsumed(subject([wide, narrow]))).toEqual([{ statement: 1, by: [0] }]);
    expect(proved.subsumed(subject([narrow, narrow]))).toEqual([{ statement: 1, by: [0] }]);
    expect(proved.subsumed(subject([wide, ['Allow', 'app', 'kms:Decrypt', context('beta')]]))).toEqual([]);
    // a principal that is named needs no identity policy, one to whose account is delegated does
    expect(proved.subsumed(subject([ROOT, decrypt]))).toEqual([]);
  });

  test.each(['aws:MultiFactorAuthPresent', 'aws:TokenIssueTime'])(
    'requests of sessions have %s, others need not',
    (key) => {
      const rows = (who: string): readonly Row[] => [['Allow', who, 'kms:Decrypt', { Null: { [key]: 'true' } }]];
      expect(proved.neverMatches(subject(rows('app'))).map(({ statement }) => statement)).toEqual([0]);
      expect(proved.neverMatches(subject(rows('dan'))).map(({ statement }) => statement)).toEqual([0]);
      expect(proved.neverMatches(subject(rows('alice')))).toEqual([]);
    },
  );

  test('what no request can satisfy', () => {
    const never = (condition: object, action = 'kms:Decrypt') =>
      proved.neverMatches(subject([['Allow', 'app', action, condition]])).map(({ why }) => why);
    expect(
      never({ NumericGreaterThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' } }, 'kms:ScheduleKeyDeletion'),
    ).toHaveLength(1);
    expect(
      never({ NumericGreaterThan: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '29' } }, 'kms:ScheduleKeyDeletion'),
    ).toEqual([]);
    expect(never({ StringEquals: { 'kms:ViaService': 'a' }, StringNotLike: { 'kms:ViaService': 'a*' } })).toEqual([
      'no value of kms:ViaService satisfies all its conditions',
    ]);
    expect(never({ StringEquals: { 'kms:EncryptionContext:a': 'b' } }, 'kms:DescribeKey')).toHaveLength(1);
    expect(never({ StringEquals: { 'kms:EncryptionContext:a': 'b' } })).toEqual([]);
    expect(never({ StringEquals: { 'aws:ResourceTag/a': 'b' } })).toHaveLength(1);
    expect(never({ StringEquals: { 'kms:ViaService': '${aws:PrincipalTag/x}' } })).toEqual([]);
  });
});

describe('calls that no principal can make', () => {
  const absent = (key: string) => ({ Null: { [key]: 'true' } });
  const present = (key: string) => ({ Null: { [key]: 'false' } });
  const together = (...conditions: readonly { readonly [operator: string]: object }[]) => {
    const all: { [operator: string]: object } = {};
    for (const one of conditions)
      for (const [operator, tests] of Object.entries(one)) all[operator] = { ...all[operator], ...tests };
    return all;
  };
  const service = { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } };
  const bool = (key: string, value: boolean) => ({ Bool: { [key]: String(value) } });
  const equals = (key: string, value: string) => ({ StringEquals: { [key]: value } });
  const impossible: readonly (readonly [name: string, action: string, condition: object])[] = [
    [
      'a pair of an encryption context without the names',
      'kms:Decrypt',
      { StringEquals: { 'kms:EncryptionContext:a': 'b' }, Null: { 'kms:EncryptionContextKeys': 'true' } },
    ],
    ['a service without a call for the caller', 'kms:Decrypt', together(service, bool('aws:ViaAWSService', false))],
    [
      'a call for the caller without a service',
      'kms:Decrypt',
      together(absent('kms:ViaService'), bool('aws:ViaAWSService', true)),
    ],
    [
      'services on the way of a direct call',
      'kms:Decrypt',
      together(present('aws:CalledVia'), bool('aws:ViaAWSService', false)),
    ],
    [
      'a grant for a service from a direct call',
      'kms:CreateGrant',
      together(absent('kms:ViaService'), bool('kms:GrantIsForAWSResource', true)),
    ],
    ['a grant for a service, of what is about no grant', 'kms:Decrypt', bool('kms:GrantIsForAWSResource', true)],
    [
      'the age of a device that was not asked for',
      'kms:Decrypt',
      { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' }, Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
    ],
    [
      'two specs of a key',
      'kms:Decrypt',
      together(equals('kms:KeySpec', 'RSA_2048'), equals('kms:CustomerMasterKeySpec', 'RSA_3072')),
    ],
    ['a spec that there is not', 'kms:Decrypt', equals('kms:KeySpec', 'AES_256')],
    ['an algorithm that there is not', 'kms:Encrypt', equals('kms:EncryptionAlgorithm', 'ROT13')],
    [
      'a primary key that is no multi-Region key',
      'kms:Decrypt',
      together(equals('kms:MultiRegionKeyType', 'PRIMARY'), bool('kms:MultiRegion', false)),
    ],
    [
      'a public address through a VPC endpoint',
      'kms:Decrypt',
      together(present('aws:SourceIp'), present('aws:SourceVpce')),
    ],
    [
      'two times at once',
      'kms:Decrypt',
      {
        DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
        NumericGreaterThan: { 'aws:EpochTime': '1800000000' },
      },
    ],
  ];
  test.each(impossible)('%s', (_, action, condition) => {
    const rows: readonly Row[] = [ROOT, ['Allow', 'eve', action, condition]];
    const newer = documentOf(rows);
    const { sentences } = changesOf({
      older: documentOf([ROOT]),
      newer,
      account: ACCOUNT,
      keyArn: KEY_ARN,
      actionRules: ACTION_RULES,
    });
    expect(sentences).toEqual(['no principal gains or loses access']);
    expect(proved.publicAccess(subject([ROOT, ['Allow', '*', action, condition]]))).toEqual([]);
    expect(proved.newAccess(subject(rows), documentOf([ROOT]))).toEqual([]);
    expect(proved.neverMatches(subject(rows)).map(({ statement }) => statement)).toEqual([1]);
  });

  const possible: readonly (readonly [name: string, action: string, condition: object])[] = [
    [
      'a pair with the names',
      'kms:Decrypt',
      {
        StringEquals: { 'kms:EncryptionContext:a': 'b', 'kms:EncryptionContext:c': 'd' },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['a', 'c', 'e'] },
        Null: { 'kms:EncryptionContextKeys': 'false' },
      },
    ],
    ['a service that calls', 'kms:Decrypt', together(service, bool('aws:ViaAWSService', true))],
    [
      'services on the way',
      'kms:Decrypt',
      together(service, { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'athena.amazonaws.com' } }),
    ],
    [
      'a grant for a service',
      'kms:CreateGrant',
      together(present('kms:ViaService'), bool('kms:GrantIsForAWSResource', true)),
    ],
    ['an address through a VPC endpoint', 'kms:Decrypt', together(absent('aws:SourceIp'), present('aws:SourceVpce'))],
    [
      'a time in both forms',
      'kms:Decrypt',
      {
        DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' },
        NumericGreaterThan: { 'aws:EpochTime': '1700000000' },
      },
    ],
    ['an address behind a VPC endpoint', 'kms:Decrypt', { IpAddress: { 'aws:VpcSourceIp': '10.0.0.0/8' } }],
    ['the tag of a caller', 'kms:Decrypt', equals('aws:PrincipalTag/Stage', 'live')],
    ['an organization', 'kms:Decrypt', equals('aws:PrincipalOrgID', 'o-a1b2c3d4e5')],
    ['an attested enclave', 'kms:Decrypt', equals('kms:RecipientAttestation:ImageSha384', 'a'.repeat(96))],
    ['a part of a register', 'kms:Decrypt', { StringLike: { 'kms:RecipientAttestation:NitroTPMPCR4': 'ab*' } }],
    ['the same key', 'kms:ReEncryptFrom', bool('kms:ReEncryptOnSameKey', true)],
    ['an alias', 'kms:Decrypt', equals('kms:RequestAlias', 'alias/a')],
  ];
  test.each(possible)('but %s', (_, action, condition) => {
    const [found, ...more] = proved.newAccess(subject([ROOT, ['Allow', 'eve', action, condition]]), documentOf([ROOT]));
    expect(more).toEqual([]);
    const request = accessRequest(found!.witness.facts, {
      keyPolicy: { name: 'policy', document: documentOf([['Allow', 'eve', action, condition]]) },
    });
    expect(Object.fromEntries(request.context)).toMatchObject(found!.witness.context);
    expect(evaluate(request).outcome).toBe('allow');
    expect(proved.neverMatches(subject([ROOT, ['Allow', 'eve', action, condition]]))).toEqual([]);
  });
});

describe('lock-out', () => {
  test('of everyone', () => {
    expect(proved.locksOutAll(subject([ROOT]))).toBe(false);
    expect(proved.locksOutAll(subject([['Allow', 'alice', 'kms:*']]))).toBe(false);
    expect(proved.locksOutAll(subject([['Allow', 'alice', 'kms:Decrypt']]))).toBe(true);
    expect(proved.locksOutAll(subject([['Allow', 'alice', 'kms:*']], { principalExists: () => false }))).toBe(true);
    expect(proved.locksOutAll(subject([['Allow', 'AIDAALICE0000EXAMPLE', 'kms:*']]))).toBe(true);
    expect(proved.locksOutAll(subject([ROOT, ['Deny', '*', 'kms:PutKeyPolicy']]))).toBe(true);
    expect(proved.locksOutAll(subject([['Allow', 'eve', 'kms:*']]))).toBe(true);
  });

  test('of the caller', () => {
    const alice = CALLERS['alice']!;
    const nothing = attachPolicy(
      'none',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
    );
    expect(proved.locksOut(subject([['Allow', 'bob', 'kms:*']]), alice)).toBe(true);
    expect(proved.locksOut(subject([['Allow', 'alice', 'kms:*']]), alice)).toBe(false);
    expect(proved.locksOut(subject([ROOT]), alice)).toBe(false);
    expect(proved.locksOut(subject([ROOT]), { ...alice, identityPolicies: [nothing] })).toBe(true);
  });
});

describe('self-escalation', () => {
  const paths = (...rows: readonly Row[]) => proved.selfEscalation(subject([ROOT, ...rows])).map(({ path }) => path[0]);
  test('through the key policy or a grant', () => {
    expect(paths(['Allow', 'app', 'kms:PutKeyPolicy'])).toEqual(['kms:PutKeyPolicy']);
    expect(paths(['Allow', 'app', ['kms:CreateGrant', 'kms:ListGrants']])).toEqual(['kms:CreateGrant']);
    expect(paths(['Allow', 'app', ['kms:CreateGrant', 'kms:Decrypt']])).toEqual([]);
    expect(paths(['Allow', 'app', 'kms:DescribeKey'])).toEqual([]);
  });
  test.each([
    ['only for services', { Bool: { 'kms:GrantIsForAWSResource': 'true' } }],
    ['only for others', { StringEquals: { 'kms:GranteePrincipal': principalOf('bob') } }],
    ['only for encryption', { 'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt'] } }],
  ])('a grant %s is no way', (_, condition) => {
    expect(paths(['Allow', 'app', 'kms:CreateGrant', condition])).toEqual([]);
  });
  test('a grant is no way past a Deny', () => {
    expect(paths(['Allow', 'app', 'kms:CreateGrant'], ['Deny', 'app', 'kms:Decrypt'])).toEqual([]);
  });
});

describe('differences in words', () => {
  const changes = (older: readonly Row[], newer: readonly Row[]) =>
    changesOf({
      older: documentOf(older),
      newer: documentOf(newer),
      account: ACCOUNT,
      keyArn: KEY_ARN,
      actionRules: ACTION_RULES,
    });

  test('nothing', () => {
    expect(changes([ROOT], [ROOT]).sentences).toEqual(['no principal gains or loses access']);
  });
  test('gains, losses, and what no longer needs an identity policy', () => {
    expect(changes([ROOT, ['Allow', 'eve', 'kms:Decrypt']], [ROOT, ['Allow', 'app', 'kms:Decrypt']]).sentences).toEqual(
      [
        `${principalOf('app')} can now perform kms:Decrypt without an identity policy`,
        `${principalOf('eve')} can no longer perform kms:Decrypt`,
      ],
    );
  });
  test('what cannot be proved is reported', () => {
    const variable: Row = [
      'Allow',
      'app',
      'kms:Decrypt',
      { StringEquals: { 'kms:ViaService': '${aws:PrincipalTag/s}' } },
    ];
    const { unproved } = changes(
      [['Allow', 'app', 'kms:Decrypt', { StringLike: { 'kms:ViaService': '*' } }]],
      [variable],
    );
    expect(unproved.length).toBeGreaterThan(0);
  });
});
