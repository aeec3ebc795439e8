/** Every remedy is one: the request with its changes made is allowed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/policy/evaluate.ts';
import { explain } from '../../src/analysis/explanation.ts';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { remediesFor } from '../../src/analysis/remedies/remedies.ts';
import type { CandidateChange, Change, ChangeKind, Remedy } from '../../src/analysis/remedies/remedy.ts';
import { candidates } from '../../src/analysis/remedies/candidates.ts';
import { explanationText } from '../../src/analysis/explanation-text.ts';
import { attachPolicy } from '../../src/policy/document.ts';
import { accessRequest } from '../../src/policy/access-request.ts';
import { actionRow } from '../../src/policy/actions.ts';
import { encryptionContextOf } from '../../src/policy/input-condition.ts';
import type { AccessRequest } from '../../src/policy/request.ts';
import type { RequestFacts } from '../../src/policy/request-facts.ts';
import { withValues } from '../../src/policy/specified-values.ts';
import { map, structure } from '../../src/model/shape.ts';
import { CALLERS } from '../policy/callers.ts';
import { requestOf as plainRequest, type Scenario } from '../policy/scenario.ts';

const NOTHING_SPECIFIED = { specifiedKeys: new Set<string>(), isOwnCall: false, isForeign: false };

/** The request as the builder makes it: of a call that takes an encryption context, where its action does. */
function requestOf(scenario: Scenario): AccessRequest {
  const { caller, action, resource, ...policies } = plainRequest(scenario);
  const takesContext = actionRow(action.toLowerCase())?.encryptionContext ?? false;
  const facts: RequestFacts = {
    caller,
    action,
    resource,
    attributes: { time: new Date(0), region: 'us-west-2' },
    key: undefined,
    input: scenario.encryptionContext ? { EncryptionContext: scenario.encryptionContext } : {},
    rules: {
      members: structure({ EncryptionContext: map() }).members,
      conditions: takesContext ? [encryptionContextOf('EncryptionContext')] : [],
      aboutGrants: false,
    },
  };
  return accessRequest(withValues(facts, scenario.context ?? {}), policies);
}

const base: Scenario = { case: '', expect: '', caller: 'alice', key: [] };
const kinds = (scenario: Partial<Scenario>): readonly (readonly ChangeKind[])[] =>
  remediesFor([evaluate(requestOf({ ...base, ...scenario }))], new Budget()).found.map(({ changes }) =>
    changes.map(({ kind }) => kind),
  );
const tenant = (value: string) => ({ StringEquals: { 'kms:EncryptionContext:tenant': value } });

describe('remedies', () => {
  const rows: readonly (readonly [string, Partial<Scenario>, readonly (readonly ChangeKind[])[]])[] = [
    ['nobody is let', {}, [['keyPolicy'], ['grant']]],
    ['the account delegates', { key: [['Allow', 'account', 'kms:*']] }, [['identityPolicy'], ['keyPolicy'], ['grant']]],
    [
      'a condition that the call can meet',
      { key: [['Allow', 'alice', 'Decrypt', tenant('acme')]] },
      [['request'], ['keyPolicy'], ['grant']],
    ],
    [
      'a Deny',
      {
        key: [
          ['Allow', 'alice', 'kms:*'],
          ['Deny', 'alice', 'kms:*'],
        ],
      },
      [['deny']],
    ],
    [
      'a Deny that the call can avoid',
      {
        key: [
          ['Allow', 'alice', 'kms:*'],
          ['Deny', '*', 'kms:*', { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } }],
        ],
      },
      [['request'], ['deny']],
    ],
    ['a closed level', { key: [['Allow', 'alice', 'kms:*']], scp: [[['Allow', 's3:*']]] }, [['serviceControlPolicy']]],
    ['another account', { caller: 'eve', key: [['Allow', 'account', 'kms:*']] }, [['grant']]],
    ['two things at once', { caller: 'eve', key: [], scp: [[['Allow', 's3:*']]] }, [['grant', 'serviceControlPolicy']]],
    [
      'a grant with a constraint',
      {
        grants: [
          {
            id: 'g',
            granteePrincipal: 'alice',
            operations: ['Decrypt'],
            constraints: { encryptionContextSubset: { tenant: 'acme' } },
          },
        ],
      },
      [['request'], ['keyPolicy'], ['grant']],
    ],
    ['an action that no other account can use', { caller: 'eve', action: 'PutKeyPolicy' }, []],
    [
      // IAM User Guide, Roles terms and concepts: administrators can view, but not edit its permissions
      'a service-linked role, whose policies nobody edits',
      { caller: 'linked', key: [['Allow', 'account', 'kms:*']] },
      [['keyPolicy'], ['grant']],
    ],
    [
      'a key of AWS, whose policy and grants nobody edits',
      { awsManaged: true, key: [['Allow', 'account', 'kms:*']] },
      [['identityPolicy']],
    ],
    [
      'two Denies of one policy',
      {
        key: [
          ['Allow', 'alice', 'kms:*'],
          ['Deny', 'alice', 'kms:*'],
          ['Deny', '*', 'Decrypt'],
        ],
      },
      [['deny', 'deny']],
    ],
    [
      'an organization without any policy',
      { key: [['Allow', 'alice', 'kms:*']], scp: [[]] },
      [['serviceControlPolicy']],
    ],
  ];
  test.each(rows)('%s', (_, scenario, expected) => expect(kinds(scenario)).toEqual(expected));
});

const ALICE = CALLERS['alice']!.arn;
const remedies = (request: AccessRequest): readonly Remedy[] => remediesFor([evaluate(request)], new Budget()).found;
const changesOf = (request: AccessRequest, kind: ChangeKind): readonly Change[] =>
  remedies(request).flatMap(({ changes }) => changes.filter((change) => change.kind === kind));
const statementsIn = (command: string | undefined): unknown =>
  (JSON.parse(/--policy '(.*)'$/.exec(command ?? '')![1]!) as { Statement: unknown }).Statement;

describe('what makes a change', () => {
  const allowed = ['Allow', 'alice', 'kms:*'] as const;

  test('a Deny spares the caller alone, under the conditions that it had', () => {
    const others = {
      StringEquals: { 'kms:ViaService': 's3' },
      ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::1:x' },
    };
    const [change] = changesOf(
      requestOf({
        ...base,
        key: [allowed, ['Deny', '*', 'kms:*', others]],
        context: { 'kms:ViaService': ['s3'] },
      }),
      'deny',
    );
    expect(change!.text).toContain(`so that it does not apply to ${ALICE}`);
    expect(statementsIn(change!.command)).toMatchObject([
      { Effect: 'Allow' },
      {
        Effect: 'Deny',
        Principal: '*',
        Condition: { ...others, ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::1:x', ALICE] } },
      },
    ]);
  });

  test('the command of a second change of a policy keeps the first', () => {
    const request = requestOf({ ...base, key: [allowed, ['Deny', 'alice', 'kms:*'], ['Deny', '*', 'Decrypt']] });
    const [first, second] = changesOf(request, 'deny');
    const spared = { Condition: { ArnNotEquals: { 'aws:PrincipalArn': ALICE } } };
    expect(statementsIn(first!.command)).toMatchObject([{}, spared, { Effect: 'Deny' }]);
    expect(statementsIn(first!.command)).not.toMatchObject([{}, {}, spared]);
    expect(statementsIn(second!.command)).toMatchObject([{}, spared, spared]);
  });

  const wordsOnly: readonly (readonly [string, Partial<Scenario>, ChangeKind])[] = [
    [
      'a Deny for a service',
      {
        caller: 'trail',
        key: [
          ['Allow', '*', 'kms:*'],
          ['Deny', '*', 'kms:*'],
        ],
      },
      'deny',
    ],
    [
      'a Deny with a malformed condition',
      { key: [allowed, { Effect: 'Deny', Principal: '*', Action: '*', Resource: '*', Condition: 'x' }] },
      'deny',
    ],
    ['a federated user', { caller: 'dan', key: [['Allow', 'account', 'kms:*']] }, 'identityPolicy'],
    ['an organization whose ID is not known', { key: [allowed], scp: [[]] }, 'serviceControlPolicy'],
    [
      'an option that is left out',
      {
        key: [allowed, ['Deny', '*', 'kms:*', { StringEquals: { 'kms:ViaService': 's3' } }]],
        context: { 'kms:ViaService': ['s3'] },
      },
      'request',
    ],
    [
      'a value that no option has',
      { key: [['Allow', 'alice', 'kms:*', { StringEquals: { 'aws:UserAgent': 'curl' } }]] },
      'request',
    ],
  ];
  test.each(wordsOnly)('words alone: %s', (_, scenario, kind) => {
    const [change] = changesOf(requestOf({ ...base, ...scenario }), kind);
    expect(change).toBeDefined();
    expect([change!.command, change!.callOptions]).toEqual([undefined, undefined]);
  });

  test('a key policy that binds unique IDs is written as it is shown, or not at all', () => {
    const request = requestOf({ ...base, key: [['Allow', 'bob', 'kms:*']] });
    const bound = { ...request.keyPolicy!, boundIds: new Map([[CALLERS['bob']!.arn, 'AIDAGONE000000EXAMPLE']]) };
    expect(changesOf({ ...request, keyPolicy: bound }, 'keyPolicy')).toMatchObject([
      { text: expect.any(String) as string },
    ]);
    expect(changesOf({ ...request, keyPolicy: bound }, 'keyPolicy')[0]).not.toHaveProperty('command');
    const shownText = bound.document.text.replace(CALLERS['bob']!.arn, 'AIDAGONE000000EXAMPLE');
    const [change] = changesOf({ ...request, keyPolicy: { ...bound, shownText } }, 'keyPolicy');
    expect(statementsIn(change!.command)).toMatchObject([
      { Principal: { AWS: ['AIDAGONE000000EXAMPLE'] } },
      { Principal: { AWS: ALICE } },
    ]);
  });

  test('a policy of the name that a new one would have is not replaced', () => {
    const request = requestOf({ ...base, key: [['Allow', 'account', 'kms:*']] });
    const taken = [attachPolicy('AllowDecrypt', '{}'), attachPolicy('AllowDecrypt2', '{}')];
    const [change] = changesOf(
      { ...request, caller: { ...request.caller, identityPolicies: taken } },
      'identityPolicy',
    );
    expect(change!.command).toContain(`kms identity put ${ALICE} --policy-name AllowDecrypt3 --policy `);
  });

  test('of a call about an alias and a key both are allowed, by policies of two names', () => {
    const about = (on: 'alias' | 'key'): AccessRequest =>
      requestOf({ ...base, on, action: 'CreateAlias', key: [['Allow', 'account', 'kms:*']] });
    const call = [about('alias'), about('key')].map(evaluate);
    const { found } = remediesFor(call, new Budget());
    expect(found.map(({ changes }) => changes.map(({ kind }) => kind))).toEqual([
      ['identityPolicy', 'identityPolicy'],
      ['identityPolicy', 'keyPolicy'],
    ]);
    const names = found[0]!.changes.map(({ command }) => /--policy-name (\S+)/.exec(command!)![1]);
    expect(names).toEqual(['AllowCreateAlias', 'AllowCreateAlias2']);
    expect(remediesFor([evaluate(requestOf({ ...base, key: [allowed] })), ...call], new Budget()).found).toHaveLength(
      2,
    );
  });

  test('a service is let in for the source of the call', () => {
    const of = (context: Scenario['context']) =>
      changesOf(requestOf({ ...base, caller: 'trail', ...(context ? { context } : {}) }), 'keyPolicy')[0]!;
    const told = of({ 'aws:SourceArn': ['arn:aws:s3:::b'], 'aws:SourceAccount': ['111122223333'] });
    expect(statementsIn(told.command)).toMatchObject([
      {
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Condition: {
          ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::b' },
          StringEquals: { 'aws:SourceAccount': '111122223333' },
        },
      },
    ]);
    expect(of(undefined).text).toContain('for every source');
  });

  const options: readonly (readonly [string, { readonly [operator: string]: object }, string])[] = [
    ['a plain pair', tenant('acme'), '--encryption-context tenant=acme'],
    ['a pair with a comma', tenant('a,b'), `--encryption-context '{"tenant":"a,b"}'`],
    ['a pair that is not ASCII', tenant('\u202eü'), `--encryption-context '{"tenant":"\\u202e\\u00fc"}'`],
    ['a source', { StringEquals: { 'aws:SourceAccount': '111122223333' } }, '--source-account 111122223333'],
    ['a second factor', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, '--mfa'],
  ];
  test.each(options)('options of the call: %s', (_, own, expected) => {
    const [change] = changesOf(requestOf({ ...base, key: [['Allow', 'alice', 'kms:*', own]] }), 'request');
    expect(change!.callOptions).toBe(expected);
  });

  test('a tree leaves out what is too long to read', () => {
    const text = (count: number): string => {
      const key = Array.from({ length: count }, () => ['Allow', 'bob', 'kms:*'] as const);
      return explanationText(explain([evaluate(requestOf({ ...base, key }))], { budget: new Budget() }));
    };
    expect(text(1)).toContain('      kms put-key-policy --region us-west-2 --key-id arn:aws:kms:us-west-2:');
    expect(text(30)).not.toContain('kms put-key-policy');
    expect(text(30)).toMatch(/\(a command of \d{4} characters: Command/);
  });
});

const condition = fc.constantFrom(
  undefined,
  tenant('acme'),
  { StringNotEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
  { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
  { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': 'tenant' } },
  { Null: { 'kms:EncryptionContext:tenant': 'false' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
);
const action = fc.constantFrom('kms:*', 'Decrypt', 'Encrypt', 'DescribeKey', 'PutKeyPolicy');
const of = <A extends readonly unknown[]>(...parts: { [K in keyof A]: fc.Arbitrary<A[K]> }) =>
  fc.array(
    fc.tuple(...(parts as unknown as fc.Arbitrary<unknown>[])).map((row) => row.filter((part) => part !== undefined)),
    { maxLength: 3 },
  );
const effect = fc.constantFrom('Allow', 'Deny');
const grants = fc.constantFrom(
  [],
  [
    {
      id: 'g',
      granteePrincipal: 'alice',
      operations: ['Decrypt'],
      constraints: { encryptionContextEquals: { tenant: 'x' } },
    },
  ],
);
/** Where little stands in the way, so that much hangs on the call. */
const plain = fc.record({
  caller: fc.constantFrom('alice', 'root'),
  action: fc.constantFrom('Decrypt', 'DescribeKey'),
  key: of(effect, fc.constantFrom('*', 'account', 'alice'), fc.constantFrom('kms:*', 'Decrypt'), condition),
  grants,
});
const full = fc.record(
  {
    caller: fc.constantFrom(...Object.keys(CALLERS)),
    action: fc.constantFrom('Decrypt', 'DescribeKey', 'PutKeyPolicy'),
    key: of(effect, fc.constantFrom('*', 'account', 'other', 'alice', 'app', 'eve'), action, condition),
    identity: of(effect, action, condition),
    boundary: of(effect, action, condition),
    session: of(effect, action, condition),
    scp: fc.array(of(effect, action), { maxLength: 2 }),
    grants,
  },
  { requiredKeys: ['caller', 'action', 'key', 'grants'] },
);
const scenarios = fc.oneof(plain, full) as unknown as fc.Arbitrary<Partial<Scenario>>;

test('every way is real, none is longer than the shortest, and what is allowed needs none', () => {
  const count = { remedies: 0, maybe: 0 };
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const decision = evaluate(requestOf({ ...base, ...scenario }));
      const remedies = remediesFor([decision], new Budget()).found;
      if (decision.outcome === 'allow') expect(remedies).toEqual([]);
      for (const { request, changes } of remedies) {
        expect(evaluate(request).outcome).toBe('allow');
        expect(changes).toHaveLength(remedies[0]!.changes.length);
      }
      count.remedies += remedies.length;
      const { answer, counterfactuals } = explain([decision], { unknown: NOTHING_SPECIFIED, budget: new Budget() });
      expect(answer === 'MAYBE').toBe(counterfactuals.length > 0);
      for (const { request } of counterfactuals) {
        expect(evaluate(request).outcome === 'allow').toBe(decision.outcome !== 'allow');
        // the policies and grants of the request itself were not changed
        const unset = { context: undefined, encryptionContext: undefined, facts: undefined };
        expect({ ...request, ...unset }).toEqual({ ...decision.request, ...unset });
      }
      count.maybe += counterfactuals.length;
    }),
    { numRuns: 500 },
  );
  expect(count.remedies).toBeGreaterThan(200);
  expect(count.maybe).toBeGreaterThan(50);
});

/** More of them have too many subsets to try them all. */
const MAX_CANDIDATES = 9;

/** Every subset of so few changes, by size. */
function subsetsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  let all: readonly (readonly T[])[] = [[]];
  for (const item of items) all = all.concat(all.map((subset) => [...subset, item]));
  return all.toSorted((one, other) => one.length - other.length);
}

const madeIn = (request: AccessRequest, changes: readonly CandidateChange[]): boolean =>
  evaluate(changes.reduce((before, { apply }) => apply(before), request)).outcome === 'allow';

const nameOf = (changes: readonly Pick<Change, 'kind' | 'text'>[]): string =>
  changes.map(({ kind, text }) => `${kind}: ${text}`).join('\n');

test('by brute force: no strict subset of a remedy is one, and nothing smaller is', () => {
  const count = { cases: 0, remedies: 0, several: 0 };
  fc.assert(
    fc.property(scenarios, (scenario) => {
      const decision = evaluate(requestOf({ ...base, ...scenario }));
      const { request, outcome } = decision;
      const all = candidates(decision, new Budget());
      if (outcome === 'allow' || all.length > MAX_CANDIDATES) return;
      const [smallest, ...ways] = subsetsOf(all)
        .filter((subset) => new Set(subset.map(({ group, text }) => group ?? text)).size === subset.length)
        .filter((subset) => madeIn(request, subset));
      const size = smallest?.length ?? 0;
      const least = [...(smallest ? [smallest] : []), ...ways.filter(({ length }) => length === size)].map(nameOf);
      const found = remedies(request);
      count.cases += 1;
      // more changes at once are not looked for
      expect(found.length > 0).toBe(size > 0 && size <= 3);
      for (const { changes } of found) {
        expect(least).toContain(nameOf(changes));
        const chosen = changes.map(({ kind, text }) => all.find((one) => one.kind === kind && one.text === text)!);
        for (const part of subsetsOf(chosen)) expect(madeIn(request, part)).toBe(part.length === chosen.length);
        count.remedies += 1;
        if (changes.length > 1) count.several += 1;
      }
    }),
    { numRuns: 400 },
  );
  expect(count.cases).toBeGreaterThan(150);
  expect(count.remedies).toBeGreaterThan(200);
  expect(count.several).toBeGreaterThan(50);
});

test('an explanation has every statement and grant that was looked at for the caller, under a stable name', () => {
  const scenario = {
    ...base,
    key: [
      ['Allow', 'account', 'kms:*'],
      ['Deny', 'bob', 'kms:*'],
    ],
    identity: [['Allow', 's3:*']],
  } as unknown as Scenario;
  const { answer, steps, awsSays } = explain([evaluate(requestOf(scenario))], { budget: new Budget() });
  expect(answer).toBe('NO');
  expect(steps.flatMap(({ leaves }) => leaves.map(({ id, applies }) => [id, applies]))).toEqual([
    ['keyPolicy/default/0', true],
    ['identityPolicy/identity/0', false],
  ]);
  expect(awsSays).toContain('no identity-based policy allows');
});
