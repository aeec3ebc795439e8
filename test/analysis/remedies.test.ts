/** Every remedy is one: the request with its changes made is allowed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/policy/evaluate.ts';
import { explain } from '../../src/analysis/explanation.ts';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { remediesFor } from '../../src/analysis/remedies.ts';
import type { ChangeKind } from '../../src/analysis/remedy.ts';
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
  remediesFor(evaluate(requestOf({ ...base, ...scenario })), new Budget()).found.map(({ changes }) =>
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
    ['an action that no stranger can use', { caller: 'eve', action: 'PutKeyPolicy' }, []],
  ];
  test.each(rows)('%s', (_, scenario, expected) => expect(kinds(scenario)).toEqual(expected));
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
      const remedies = remediesFor(decision, new Budget()).found;
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
        // nobody's policies and nobody's grants were touched
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
