/** The prover against brute force: small random policies, and every request of a universe put to the engine. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../../src/model/check.ts';
import { structure } from '../../../src/model/shape.ts';
import { Budget } from '../../../src/analysis/prover/budget.ts';
import { accessRequest } from '../../../src/policy/access-request.ts';
import { readPolicy, type PolicyDocument } from '../../../src/policy/document.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import type { ProofSubject, Witness } from '../../../src/analysis/prover/questions.ts';
import { callerOf, type Caller } from '../../../src/policy/principal.ts';
import { unlimited } from '../../../src/analysis/prover/callers.ts';
import { differenceOf } from '../../../src/analysis/prover/difference.ts';

import type { KeyFacts } from '../../../src/policy/request-facts.ts';
import type { AccessRequest } from '../../../src/policy/request.ts';
import { ACTION_RULES } from '../../support/prover.ts';
import { proved } from './proved.ts';
import { ACCOUNT, CALLERS, KEY_ARN, principalOf } from '../../policy/callers.ts';

const OTHER = '444455556666';
const OTHER_ACCOUNT = '777788889999';
const ACTIONS = ['Decrypt', 'Encrypt', 'PutKeyPolicy', 'DescribeKey', 'CreateGrant'];

const WHO: readonly unknown[] = [
  '*',
  { AWS: '*' },
  ...['account', 'other', 'alice', 'app', 'app-session', 'eve', 'dan'].map((name) => ({ AWS: principalOf(name) })),
  { AWS: [principalOf('alice'), principalOf('remote')] },
  { Service: 'cloudtrail.amazonaws.com' },
];
const WHAT = ['kms:*', 'kms:Decrypt', 'kms:*crypt', ['kms:PutKeyPolicy', 'kms:DescribeKey'], 'kms:CreateGrant'];
const IF: readonly (object | undefined)[] = [
  undefined,
  undefined,
  { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
  { StringNotEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
  { StringLike: { 'kms:ViaService': 's3.*' } },
  { StringNotLike: { 'kms:ViaService': ['*.us-west-2.*', 'ec2.*'] } },
  { StringLikeIfExists: { 'kms:ViaService': '*.us-?est-2.amazonaws.com' } },
  { Null: { 'kms:ViaService': 'true' } },
  { Null: { 'kms:ViaService': 'false' } },
  { StringEqualsIgnoreCase: { 'kms:EncryptionContext:App': 'one' } },
  { StringEquals: { 'kms:EncryptionContext:App': ['one', 'two'] } },
  { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['App', 'Stage'] } },
  { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': 'App' } },
  { 'ForAllValues:StringNotEquals': { 'kms:EncryptionContextKeys': 'Stage' } },
  { 'ForAnyValue:StringLike': { 'kms:EncryptionContextKeys': 'A*' } },
  { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } },
  { NotIpAddress: { 'aws:SourceIp': '10.1.0.0/16' } },
  { NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } },
  { NumericGreaterThanEquals: { 'aws:MultiFactorAuthAge': '300' } },
  { NumericLessThan: { 'kms:EncryptionContext:App': '5' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
  { StringEquals: { 'aws:PrincipalAccount': [ACCOUNT, OTHER] } },
  { StringNotEquals: { 'kms:CallerAccount': ACCOUNT } },
  { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::*:user/a*` } },
  { ArnNotLike: { 'aws:PrincipalArn': [`arn:aws:iam::${ACCOUNT}:role/*`, principalOf('alice')] } },
  { StringEquals: { 'kms:ViaService': '${aws:PrincipalTag/service}' } },
  { Bool: { 'kms:ViaService': 'true' } },
  { Nonsense: { 'kms:ViaService': 'x' } },
  { StringLike: { 'kms:ViaService': 's3.*' }, StringNotEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
];

const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  Principal: fc.constantFrom(...WHO),
  Action: fc.constantFrom(...WHAT),
  Resource: fc.constant('*'),
  Condition: fc.constantFrom(...IF),
});
const statements = fc.array(statement, { minLength: 1, maxLength: 4 });
/** With a statement that is much like another: it may repeat, contradict or shadow it. */
const related = fc.tuple(statements, statement, fc.boolean(), fc.boolean()).map(([list, other, who, when]) => {
  const [first] = list;
  return list.concat({
    ...other,
    ...(who ? { Principal: first!.Principal } : {}),
    ...(when ? { Condition: first!.Condition } : {}),
    ...(who && when ? { Effect: 'Deny' } : {}),
  });
});
const documentOf = (list: readonly object[]): PolicyDocument =>
  readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: list }));

const PEOPLE: readonly Caller[] = [
  ...['root', 'alice', 'bob', 'app', 'deep', 'dan', 'trail', 'eve', 'remote', 'other-root'].map(
    (name) => CALLERS[name]!,
  ),
  callerOf(`arn:aws:sts::${ACCOUNT}:assumed-role/App/another`),
  callerOf(`arn:aws:iam::${OTHER_ACCOUNT}:user/anna`),
  callerOf(`arn:aws:iam::${OTHER_ACCOUNT}:role/r`),
  callerOf('ec2.amazonaws.com'),
].map(unlimited);

const VALUES: readonly (readonly [string, readonly (string | undefined)[]])[] = [
  [
    'kms:viaservice',
    [undefined, 's3.us-west-2.amazonaws.com', 's3.eu-west-1.amazonaws.com', 'ec2.us-west-2.amazonaws.com', 'true'],
  ],
  ['kms:encryptioncontext:app', [undefined, 'one', 'ONE', 'two', '3', 'else']],
  ['aws:sourceip', [undefined, '10.1.2.3', '10.2.0.1', '192.0.2.7', '8.8.8.8']],
  ['aws:multifactorauthage', [undefined, '299', '300']],
  ['aws:multifactorauthpresent', [undefined, 'true', 'false']],
  ['stage', [undefined, 'x']],
];

/** Every combination of values of the keys that these policies look at. */
function contextsFor(documents: readonly PolicyDocument[]): readonly ReadonlyMap<string, string>[] {
  const text = documents.map((document) => document.text.toLowerCase()).join();
  const used = VALUES.filter(
    ([key]) =>
      text.includes(key === 'stage' ? 'contextkeys' : key) || (key.endsWith(':app') && text.includes('contextkeys')),
  );
  return used.reduce<ReadonlyMap<string, string>[]>(
    (contexts, [key, values]) =>
      contexts.flatMap((context) =>
        values.map((value) => (value === undefined ? context : new Map([...context, [key, value]]))),
      ),
    [new Map()],
  );
}

const time = new Date(Date.UTC(2026, 0, 1));

/** @returns undefined: no call has these values together */
function requestOf(
  caller: Caller,
  action: string,
  { document, values }: { document: PolicyDocument; values: ReadonlyMap<string, string> },
): AccessRequest | undefined {
  const of = (key: string): string | undefined => values.get(key);
  const [age, present] = [of('aws:multifactorauthage'), of('aws:multifactorauthpresent')];
  const hasDevice = age !== undefined || present === 'true';
  const context = {
    ...(values.has('kms:encryptioncontext:app') ? { App: of('kms:encryptioncontext:app') } : {}),
    ...(values.has('stage') ? { Stage: of('stage') } : {}),
  };
  const hasContext = Object.keys(context).length > 0;
  const request = accessRequest(
    {
      caller,
      action: `kms:${action}`,
      resource: { kind: 'key', arn: KEY_ARN, account: ACCOUNT },
      attributes: {
        time,
        region: 'us-west-2',
        ...(values.has('kms:viaservice') ? { viaService: of('kms:viaservice')! } : {}),
        ...(values.has('aws:sourceip') ? { sourceIp: of('aws:sourceip')! } : {}),
        ...(hasDevice ? { mfa: { ageInSeconds: Number(age ?? 0) } } : {}),
      },
      key: KEY,
      input: hasContext ? { EncryptionContext: context, Constraints: { EncryptionContextEquals: context } } : {},
      rules: ACTION_RULES.of(`kms:${action}`),
    },
    { keyPolicy: { name: 'policy', document } },
  );
  const isMade = [...values].every(([key, value]) => key === 'stage' || request.context.get(key)?.[0] === value);
  return isMade ? request : undefined;
}

const KEY: KeyFacts = {
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  origin: 'AWS_KMS',
  multiRegion: false,
  multiRegionKeyType: undefined,
  account: ACCOUNT,
  tags: {},
};

const takesContext = (action: string): boolean => !['PutKeyPolicy', 'DescribeKey'].includes(action);

function* universe(document: PolicyDocument, all: readonly PolicyDocument[] = [document]): Generator<AccessRequest> {
  const contexts = contextsFor(all);
  for (const caller of PEOPLE) {
    for (const action of ACTIONS) {
      for (const values of contexts) {
        const has = values.has('kms:encryptioncontext:app') || values.has('stage');
        if (has && !takesContext(action)) continue;
        const request = requestOf(caller, action, { document, values });
        if (request) yield request;
      }
    }
  }
}

const allows = (request: AccessRequest): boolean => evaluate(request).outcome === 'allow';
const subjectOf = (document: PolicyDocument): ProofSubject => ({
  document,
  account: ACCOUNT,
  keyArn: KEY_ARN,
  trustedAccounts: [],
  principalExists: undefined,
  actionRules: ACTION_RULES,
  budget: new Budget(),
});

const without = (document: PolicyDocument, index: number): PolicyDocument => ({
  ...document,
  statements: document.statements.filter((one) => one.index !== index),
});

/** The request of a witness, made once more of its call: of members as the operation has them, and of nothing else. */
function replay({ principal, action, context, facts }: Witness, document: PolicyDocument): AccessRequest {
  const { input, values = {} } = facts;
  const rules = ACTION_RULES.of(action);
  const caller = unlimited(callerOf(principal));
  expect([facts.caller.kind, facts.caller.account]).toEqual([caller.kind, caller.account]);
  expect(values).toEqual({});
  const given = Object.keys(input).map((member) => [member, rules.members[member]!.shape] as const);
  check(structure(Object.fromEntries(given)), input);
  const request = accessRequest({ ...facts, action, rules, key: KEY }, { keyPolicy: { name: 'policy', document } });
  for (const [key, found] of Object.entries(context)) expect(request.context.get(key)).toEqual(found);
  return request;
}

const runs = { numRuns: 100 };

describe('the prover against brute force', () => {
  test('what the newer policy gives and the older does not is found, and every witness is real', () => {
    const count = { gains: 0, proofs: 0 };
    fc.assert(
      fc.property(statements, statements, fc.boolean(), (one, other, related) => {
        const newer = documentOf(one);
        const older = documentOf(related ? [...one.slice(1), ...other.slice(0, 1)] : other);
        const { gains, undecided, complete } = differenceOf({
          newer,
          older,
          account: ACCOUNT,
          keyArn: KEY_ARN,
          actionRules: ACTION_RULES,
          budget: new Budget(),
        });
        for (const { witness } of gains) {
          expect(allows(replay(witness, newer))).toBe(true);
          expect(allows(replay(witness, older))).toBe(false);
        }
        count.gains += gains.length;
        if (!complete) return;
        const reported = new Set([...gains, ...undecided].flatMap(({ actions }) => actions));
        if (undecided.length === 0) count.proofs += 1;
        for (const request of universe(newer, [newer, older])) {
          if (reported.has(request.action)) continue;
          const gained = allows(request) && !allows({ ...request, keyPolicy: { name: 'older', document: older } });
          if (gained)
            expect.fail(`missed ${request.caller.arn} ${request.action} ${JSON.stringify([...request.context])}`);
        }
      }),
      runs,
    );
    expect(count.gains).toBeGreaterThan(30);
    expect(count.proofs).toBeGreaterThan(30);
  });

  test('a statement that is reported as shadowed, subsumed or never matching is one', () => {
    const count = { shadowed: 0, parts: 0, subsumed: 0, never: 0 };
    fc.assert(
      fc.property(related, (list) => {
        const document = documentOf(list);
        const subject = subjectOf(document);
        const shadowed = proved.shadowed(subject);
        const never = proved.neverMatches(subject);
        const parts = proved.partlyShadowed(subject);
        const subsumed = proved.subsumed(subject);
        count.shadowed += shadowed.length;
        count.never += never.length;
        count.parts += parts.length;
        count.subsumed += subsumed.length;
        if (shadowed.length + never.length + parts.length + subsumed.length === 0) return;
        for (const request of universe(document)) {
          const { outcome, considered } = evaluate(request);
          const matches = new Map<number, string | undefined>();
          for (const item of considered) {
            if (item.source === 'keyPolicy' && item.result.applies) {
              matches.set(item.statement.index, item.result.named?.text);
            }
          }
          for (const { statement } of never) if (matches.has(statement)) expect.fail(`${statement} matches`);
          if (outcome === 'allow') {
            for (const { statement } of shadowed) if (matches.has(statement)) expect.fail(`${statement} allows`);
            for (const { statement, principal, action } of parts) {
              if (request.action === action) expect(matches.get(statement)).not.toBe(principal);
            }
          }
          for (const { statement } of subsumed) {
            const bare = { ...request, caller: { ...request.caller, identityPolicies: [] } };
            for (const asked of [request, bare]) {
              expect(allows({ ...asked, keyPolicy: { name: 'less', document: without(document, statement) } })).toBe(
                allows(asked),
              );
            }
          }
        }
      }),
      runs,
    );
    // prover.test.ts has each of the four by itself
    expect(count.shadowed + count.parts + count.subsumed + count.never).toBeGreaterThan(20);
  });

  test('no principal has access where none is reported', () => {
    const count = { open: 0, closed: 0, locked: 0 };
    fc.assert(
      fc.property(statements, (list) => {
        const document = documentOf(list);
        const subject = subjectOf(document);
        const found = proved.publicAccess(subject);
        for (const { witness } of found) expect(allows(replay(witness, document))).toBe(true);
        const locked = proved.locksOutAll(subject);
        count[found.length > 0 ? 'open' : 'closed'] += 1;
        if (locked) count.locked += 1;
        // addresses that a policy names are somebody's, and what holds a variable cannot be decided
        const decided = !/SourceIp|\$\{/.test(document.text);
        for (const request of universe(document)) {
          if (locked && request.action === 'kms:PutKeyPolicy' && request.caller.kind !== 'service')
            expect(allows(request)).toBe(false);
          if (found.length > 0 || !decided || request.caller.account !== OTHER_ACCOUNT) continue;
          if (allows(request))
            expect.fail(`missed ${request.caller.arn} ${request.action} ${JSON.stringify([...request.context])}`);
        }
      }),
      runs,
    );
    expect(count.open).toBeGreaterThan(5);
    expect(count.closed).toBeGreaterThan(5);
    expect(count.locked).toBeGreaterThan(5);
  });
});
