import { describe, expect, test } from 'vitest';
import type { Decision } from '../../src/policy/decision.ts';
import { denialText } from '../../src/policy/denial.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { Places } from '../../src/policy/text-place.ts';
import { describe as inWords, describeDecision, placeOfStatement } from '../../src/analysis/decision-text.ts';
import actions from '../vectors/policy/actions.json' with { type: 'json' };
import scenarios from '../vectors/policy/access.json' with { type: 'json' };
import { ACTIONS } from '../../src/policy/actions.ts';
import { requestOf, type Scenario } from './scenario.ts';

const outcome = ({ by }: Decision): string =>
  `${by.outcome} ${by.outcome === 'implicitDeny' ? by.missing : by.through}`;

describe('access', () => {
  test.each(scenarios as unknown as Scenario[])('$case', (scenario) => {
    const decision = evaluate(requestOf(scenario));
    expect(outcome(decision)).toBe(scenario.expect);
    // whatever was looked at can be told, with its place in the policy
    for (const item of decision.considered) {
      expect(inWords(item)).not.toBe('');
      if (item.source !== 'grant')
        expect(placeOfStatement(item, new Places(item.policy.document.text))?.path).toMatch(/^Statement\[\d+\]/);
    }
    expect(describeDecision(decision)).toMatch(decision.outcome === 'allow' ? /^allowed: / : /^denied: /);
    expect(denialText(decision) === undefined).toBe(decision.outcome === 'allow');
  });
});

describe('permissions', () => {
  test('the table has all of them and no others', () => {
    const table = ACTIONS.map(({ name, keyPolicy, crossAccount, resources }) => ({
      permission: name,
      keyPolicy,
      crossAccount,
      resources,
    }));
    expect(table.toSorted((one, other) => (one.permission < other.permission ? -1 : 1))).toEqual(actions);
  });

  const onKeys = actions.filter(
    ({ permission, resources }) => resources.includes('key') && permission !== 'RetireGrant',
  );
  const scenario = (caller: string, action: string, more: Partial<Scenario>): Decision =>
    evaluate(requestOf({ case: '', caller, action, expect: '', ...more }));

  test.each(onKeys)('$permission: a key policy that names the user allows', ({ permission }) => {
    expect(outcome(scenario('alice', permission, { key: [['Allow', 'alice', permission]] }))).toBe('allow keyPolicy');
  });
  test.each(onKeys)('$permission: delegation and an identity policy allow', ({ permission }) => {
    expect(outcome(scenario('alice', permission, { identity: [['Allow', permission]] }))).toBe('allow identityPolicy');
  });
  test.each(onKeys)('$permission: across accounts $crossAccount', ({ permission, crossAccount }) => {
    const decision = scenario('eve', permission, { key: [['Allow', 'eve', 'kms:*']], identity: [['Allow', 'kms:*']] });
    expect(outcome(decision)).toBe(crossAccount ? 'allow identityPolicy' : 'implicitDeny crossAccount');
  });
  test.each(actions.filter(({ resources }) => !resources.includes('key')))(
    '$permission: identity policies alone',
    ({ permission }) => {
      const key: Scenario['key'] = [['Allow', '*', 'kms:*']];
      expect(outcome(scenario('alice', permission, { on: 'none', key }))).toBe('implicitDeny identityPolicy');
      expect(outcome(scenario('alice', permission, { on: 'none', identity: [['Allow', permission]] }))).toBe(
        'allow identityPolicy',
      );
    },
  );
  test.each(ACTIONS)('$name: by grant $grantable', ({ name, grantable }) => {
    const grants = [{ id: 'g', granteePrincipal: 'alice', operations: [name] }];
    const decision = scenario('alice', name, { key: [], grants, newGrant: { operations: [name] } });
    const expected = grantable && name !== 'RetireGrant';
    expect(decision.by.outcome === 'allow' && decision.by.through === 'grant').toBe(expected);
  });
});
