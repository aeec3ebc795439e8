import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluate } from '../../src/policy/evaluate.ts';
import { CALLERS } from './callers.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { requestOf, type Scenario, type ShortIdentityStatement, type ShortResourceStatement } from './scenario.ts';

const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(of, { nil: undefined });

const effect = fc.constantFrom('Allow', 'Deny');
const who = fc.constantFrom(
  '*',
  'AWS:*',
  'account',
  'other',
  'alice',
  'app',
  'app-session',
  'eve',
  'remote',
  'Service:cloudtrail.amazonaws.com',
);
const action = fc.constantFrom('kms:*', 'Decrypt', 'Encrypt', 'CreateGrant', 'PutKeyPolicy', 'kms:Generate*');
const condition = fc.constantFrom(
  { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
  { StringNotEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
  { Null: { 'kms:ViaService': 'true' } },
  { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': 'a' } },
  { NumericLessThan: { 'kms:EncryptionContext:a': '5' } },
  { Foo: { 'kms:ViaService': 'x' } },
);
const statement: fc.Arbitrary<ShortResourceStatement> = fc
  .tuple(effect, who, action, optional(condition))
  .map(([effect, who, action, condition]) => (condition ? [effect, who, action, condition] : [effect, who, action]));
const identity: fc.Arbitrary<ShortIdentityStatement> = fc
  .tuple(effect, action, optional(condition))
  .map(([effect, action, condition]) => (condition ? [effect, action, condition] : [effect, action]));
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 4 });
const grant = fc.record({
  id: fc.constant('g'),
  granteePrincipal: fc.constantFrom('alice', 'app', 'other', 'eve'),
  operations: fc.subarray(['Decrypt', 'Encrypt', 'CreateGrant']),
});

/** What every generated scenario has, beside ceilings that it may have. */
interface Generated extends Scenario {
  readonly key: readonly ShortResourceStatement[];
  readonly identity: readonly ShortIdentityStatement[];
  readonly grants: readonly Grant[];
}

const ALWAYS = ['case', 'expect', 'newGrant', 'caller', 'action', 'key', 'identity', 'grants', 'context'] as const;

const scenario: fc.Arbitrary<Generated> = fc.record(
  {
    case: fc.constant(''),
    expect: fc.constant(''),
    newGrant: fc.constant({ operations: ['Decrypt'] }),
    caller: fc.constantFrom(...Object.keys(CALLERS)),
    action: fc.constantFrom('Decrypt', 'Encrypt', 'CreateGrant', 'PutKeyPolicy'),
    key: list(statement),
    identity: list(identity),
    boundary: list(identity),
    session: fc.array(identity, { minLength: 1, maxLength: 3 }),
    scp: list(list(identity)),
    rcp: list(list(statement)),
    endpoint: list(statement),
    grants: list(grant),
    context: fc.constantFrom(
      {},
      { 'kms:viaservice': ['s3.us-west-2.amazonaws.com'] },
      { 'kms:encryptioncontext:a': ['3'], 'kms:encryptioncontextkeys': ['a'] },
      { 'kms:encryptioncontext:a': ['x'], 'kms:encryptioncontextkeys': ['a'] },
    ),
  },
  { requiredKeys: [...ALWAYS] },
);

const outcome = (scenario: Scenario): string => evaluate(requestOf(scenario)).outcome;
const runs = { numRuns: 1500 };

test('adding a Deny never allows', () => {
  fc.assert(
    fc.property(scenario, statement, identity, fc.nat(4), (before, [, ...rest], [, ...more], at) => {
      const deny: ShortResourceStatement = ['Deny', ...rest];
      const identityDeny: ShortIdentityStatement = ['Deny', ...more];
      if (outcome(before) === 'allow') return;
      expect(outcome({ ...before, key: before.key.toSpliced(at, 0, deny) })).not.toBe('allow');
      expect(outcome({ ...before, identity: before.identity.toSpliced(at, 0, identityDeny) })).not.toBe('allow');
    }),
    runs,
  );
});

test('adding an Allow never denies', () => {
  fc.assert(
    fc.property(scenario, statement, identity, grant, (before, [, ...rest], [, ...more], extra) => {
      const allow: ShortResourceStatement = ['Allow', ...rest];
      const identityAllow: ShortIdentityStatement = ['Allow', ...more];
      if (outcome(before) !== 'allow') return;
      expect(outcome({ ...before, key: [...before.key, allow] })).toBe('allow');
      expect(outcome({ ...before, identity: [...before.identity, identityAllow] })).toBe('allow');
      expect(outcome({ ...before, grants: [...before.grants, extra] })).toBe('allow');
    }),
    runs,
  );
});

test('the order of statements and grants never matters', () => {
  fc.assert(
    fc.property(scenario, (before) => {
      const { key, identity, grants } = before;
      const after = {
        ...before,
        key: key.toReversed(),
        identity: identity.toReversed(),
        grants: grants.toReversed(),
      };
      expect(outcome(after)).toBe(outcome(before));
    }),
    runs,
  );
});

test('an explicit Deny that applies always wins, and nothing is allowed without an Allow', () => {
  fc.assert(
    fc.property(scenario, (scenario) => {
      const { outcome, by, considered } = evaluate(requestOf(scenario));
      const applied = considered.filter(({ result }) => result.applies);
      const denies = applied.filter((item) => item.source !== 'grant' && item.statement.effect === 'Deny');
      expect(outcome === 'explicitDeny').toBe(denies.length > 0);
      if (outcome === 'allow')
        expect(by.because.every((item) => applied.includes(item)) && by.because.length > 0).toBe(true);
    }),
    runs,
  );
});
