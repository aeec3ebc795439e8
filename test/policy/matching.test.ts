import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchesArn } from '../../src/policy/arn-match.ts';
import { evaluateCondition } from '../../src/policy/condition.ts';
import { matchesGlob, matchesPattern, readGlob } from '../../src/policy/glob.ts';
import { callerOf, isExempt, matchPrincipal, readPrincipal } from '../../src/policy/principal.ts';
import arns from '../vectors/policy/arns.json' with { type: 'json' };
import conditions from '../vectors/policy/conditions.json' with { type: 'json' };
import globs from '../vectors/policy/globs.json' with { type: 'json' };
import principals from '../vectors/policy/principals.json' with { type: 'json' };
import variables from '../vectors/policy/variables.json' with { type: 'json' };
import { ACCOUNT, CALLERS } from './callers.ts';

describe('globs', () => {
  test.each(globs as [string, string, boolean][])('%j on %j: %j', (pattern, text, matches) => {
    expect(matchesPattern(pattern, text)).toBe(matches);
    expect(matchesGlob(readGlob(pattern), text)).toBe(matches);
  });

  /** The definition, tried out. */
  function naive(pattern: string, text: string): boolean {
    if (pattern === '') return text === '';
    const [first, rest] = [pattern[0]!, pattern.slice(1)];
    if (first === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)));
    return text !== '' && (first === '?' || first === text[0]) && naive(rest, text.slice(1));
  }
  const letters = (alphabet: string[], maxLength: number): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...alphabet), { maxLength }).map((list) => list.join(''));

  test('agree with their definition', () => {
    fc.assert(
      fc.property(letters(['a', 'b', '*', '?'], 8), letters(['a', 'b'], 10), (pattern, text) => {
        expect(matchesPattern(pattern, text)).toBe(naive(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });
  test('never explode', () => {
    const pattern = readGlob(`${'*a'.repeat(500)}*b`);
    expect(matchesGlob(pattern, 'a'.repeat(4000))).toBe(false);
  });
});

test.each(arns as [string, string, boolean][])('ARN %s on %s: %j', (pattern, text, matches) => {
  expect(matchesArn(readGlob(pattern), text)).toBe(matches);
});

const evaluate = (operator: string, key: string, wanted: unknown, values: ReadonlyMap<string, readonly string[]>) =>
  evaluateCondition(JSON.parse(JSON.stringify({ [operator]: { [key]: wanted } })), {
    values,
    hasVariables: true,
    keyPolicy: false,
  });

type Wanted = (string | number | boolean)[];
describe('conditions', () => {
  const cases = conditions as [string, string, Wanted, string[] | null, string][];
  test.each(cases)('%s %s %j, found %j: %s', (operator, key, wanted, found, truth) => {
    const values = new Map(found ? [[key.toLowerCase(), found]] : []);
    const result = evaluate(operator, key, wanted, values);
    expect(result.truth).toBe(truth);
    expect(result.tests).toHaveLength(1);
    expect(result.tests[0]!.indeterminate !== undefined).toBe(truth === 'unknown');
  });
  test.each(cases.filter(([, , wanted]) => wanted.length === 1))(
    '%s %s %j alone, found %j',
    (operator, key, wanted, found, truth) => {
      const values = new Map(found ? [[key.toLowerCase(), found]] : []);
      expect(evaluate(operator, key, wanted[0], values).truth).toBe(truth);
    },
  );
});

describe('policy variables', () => {
  const found = (value: string): ReadonlyMap<string, readonly string[]> =>
    new Map([
      ['kms:encryptioncontext:it', [value]],
      ['aws:username', ['alice']],
      ['aws:principaltag/team', ['blue*']],
      ['kms:encryptioncontextkeys', ['one']],
      ['aws:epochtime', ['1714979289']],
      ['aws:securetransport', ['true']],
      ['aws:currenttime', ['2024-05-06T07:08:09Z']],
    ]);
  test.each(variables as [string, string, string, string][])('%s %s on %j: %s', (operator, wanted, value, truth) => {
    expect(evaluate(operator, 'kms:EncryptionContext:it', wanted, found(value)).truth).toBe(truth);
  });
  test('are text in documents of 2008', () => {
    const condition = { StringEquals: { 'kms:EncryptionContext:it': '${aws:username}' } };
    const scope = { hasVariables: false, keyPolicy: false };
    expect(evaluateCondition(condition, { ...scope, values: found('${aws:username}') }).truth).toBe('holds');
    expect(evaluateCondition(condition, { ...scope, values: found('alice') }).truth).toBe('fails');
  });
});

describe('principals', () => {
  // the suffix ! distinguishes a fault from the class of the same name
  test.each(principals.forms as [string, string, string][])('%s %s is %s', (type, text, form) => {
    const principal = readPrincipal({ type, text });
    const fault =
      principal.fault === 'account' || principal.fault === 'service' ? `${principal.fault}!` : principal.fault;
    expect(fault ?? principal.class).toBe(form);
  });
  // in a Deny as in an Allow, unless a fifth member says otherwise
  test.each(principals.matches as [string, string, string, string | null, (string | null)?][])(
    '%s %s and %s: %s',
    (type, text, who, match, inDeny = match) => {
      expect(matchPrincipal({ type, text }, CALLERS[who]!, { effect: 'Allow' }) ?? null).toBe(match);
      expect(matchPrincipal({ type, text }, CALLERS[who]!, { effect: 'Deny' }) ?? null).toBe(inDeny);
    },
  );
  test.each(principals.exempt as [string[], string, boolean][])(
    'NotPrincipal %j leaves %s alone: %j',
    (list, who, exempt) => {
      const boundary = { name: 'b', document: { text: '', hasVariables: true, statements: [] } };
      const bounded = callerOf(`arn:aws:iam::${ACCOUNT}:user/bounded`, { boundary });
      const named = list.map((text) => ({ type: 'AWS', text }));
      expect(isExempt(named, who === 'bounded' ? bounded : CALLERS[who]!)).toBe(exempt);
    },
  );
  test('an entity made anew under an old name is another one', () => {
    const named = { type: 'AWS', text: `arn:aws:iam::${ACCOUNT}:user/alice` };
    const bound = (id: string): Map<string, string> => new Map([[named.text, id]]);
    expect(matchPrincipal(named, CALLERS['alice']!, { effect: 'Allow', boundIds: bound('AIDAALICE0000EXAMPLE') })).toBe(
      'direct',
    );
    expect(
      matchPrincipal(named, CALLERS['alice']!, { effect: 'Allow', boundIds: bound('AIDAOLD000000EXAMPLE') }),
    ).toBeUndefined();
  });
  test.each([
    ['user', `arn:aws:iam::${ACCOUNT}:user/gone`],
    ['role', `arn:aws:iam::${ACCOUNT}:role/Gone`],
    ['session', `arn:aws:sts::${ACCOUNT}:assumed-role/Gone/one`],
  ] as const)('a %s that is gone is allowed nothing by its name, and is still denied', (kind, text) => {
    const named = { type: 'AWS', text };
    const boundIds = new Map([[text, 'AIDAOLD000000EXAMPLE']]);
    const gone = callerOf(text);
    const match = kind === 'role' ? 'role' : 'direct';
    expect(matchPrincipal(named, gone, { effect: 'Allow' })).toBe(match);
    expect(matchPrincipal(named, gone, { effect: 'Allow', boundIds })).toBeUndefined();
    expect(matchPrincipal(named, gone, { effect: 'Deny', boundIds })).toBe(match);
    expect(matchPrincipal(named, { ...gone, uniqueId: 'AIDAOTHER00000EXAMPLE' }, { effect: 'Deny', boundIds })).toBe(
      undefined,
    );
  });
  test.each([
    ['arn:aws:iam::111122223333:root', { kind: 'root', account: ACCOUNT }],
    ['arn:aws:iam::111122223333:user/team/alice', { kind: 'user', account: ACCOUNT, userName: 'alice' }],
    [
      'arn:aws:iam::111122223333:role/team/App',
      {
        kind: 'session',
        arn: 'arn:aws:sts::111122223333:assumed-role/App/session',
        roleArn: 'arn:aws:iam::111122223333:role/team/App',
      },
    ],
    [
      'arn:aws-cn:sts::111122223333:assumed-role/App/me',
      { kind: 'session', roleArn: 'arn:aws-cn:iam::111122223333:role/App' },
    ],
    ['arn:aws:sts::111122223333:federated-user/dan', { kind: 'federated', account: ACCOUNT }],
    ['s3.amazonaws.com', { kind: 'service' }],
  ])('the caller of %s', (arn, expected) => {
    expect(callerOf(arn)).toMatchObject(expected);
  });
});
