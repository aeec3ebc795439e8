/** The services that a call went through (IAM User Guide, "AWS global condition context keys", aws:CalledVia). */
import { expect, test } from 'vitest';
import { answerTo, type Answered } from '../../src/analysis/explanation.ts';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { accessRequest } from '../../src/policy/access-request.ts';
import { attachPolicy } from '../../src/policy/document.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { callerOf } from '../../src/policy/principal.ts';
import type { RequestFacts } from '../../src/policy/request-facts.ts';
import { withValues } from '../../src/policy/specified-values.ts';

const ALICE = 'arn:aws:iam::111122223333:user/Alice';
const ATHENA = 'athena.amazonaws.com';
const via = (key: string, value = ATHENA) => ({ 'ForAnyValue:StringEquals': { [key]: value } });
const byService = (value: boolean) => ({ Bool: { 'aws:ViaAWSService': String(value) } });

function answer(condition: object, specified: { readonly [key: string]: readonly string[] } = {}): Answered {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: ALICE },
    Action: 'kms:*',
    Resource: '*',
    Condition: condition,
  };
  const facts: RequestFacts = {
    caller: callerOf(ALICE),
    action: 'kms:Decrypt',
    resource: { kind: 'key', arn: 'arn:aws:kms:us-east-1:111122223333:key/example', account: '111122223333' },
    attributes: { time: new Date(0), region: 'us-east-1' },
    key: undefined,
    input: {},
    rules: { members: {}, conditions: [], aboutGrants: false },
  };
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const keyPolicy = attachPolicy('key policy', text);
  const specifiedKeys = new Set(Object.keys(specified).map((name) => name.toLowerCase()));
  const unknown = { specifiedKeys, isOwnCall: false, isForeign: false };
  return answerTo([evaluate(accessRequest(withValues(facts, specified), { keyPolicy }))], {
    unknown,
    budget: new Budget(),
  });
}

test.each<[string, object, { readonly [key: string]: readonly string[] }, string]>([
  ['some, in a call that no service makes', { ...via('aws:CalledVia'), ...byService(false) }, {}, 'NO'],
  ['some, in a call that a service makes', { ...via('aws:CalledVia'), ...byService(true) }, {}, 'MAYBE'],
  ['some, where no service was specified to call', via('aws:CalledVia'), { 'aws:ViaAWSService': ['false'] }, 'NO'],
  [
    'a first one without any',
    { 'ForAnyValue:StringEquals': { 'aws:CalledViaFirst': ATHENA }, Null: { 'aws:CalledVia': 'true' } },
    {},
    'NO',
  ],
  [
    'a first and another last one',
    {
      StringEquals: {
        'aws:CalledViaFirst': 'cloudformation.amazonaws.com',
        'aws:CalledViaLast': 'dynamodb.amazonaws.com',
      },
    },
    {},
    'MAYBE',
  ],
  ['specified, so a service calls', byService(true), { 'aws:CalledVia': [ATHENA] }, 'YES'],
  ['specified, so it is not direct', byService(false), { 'aws:CalledVia': [ATHENA] }, 'NO'],
])('services that the call went through: %s', (_, condition, specified, expected) => {
  expect(answer(condition, specified).answer).toBe(expected);
});

test('a call that would be allowed is one that a service makes, with the ends of the list', () => {
  const { counterfactuals, options } = answer(via('aws:CalledVia'));
  expect(counterfactuals.map(({ changes }) => changes.map(({ text }) => text))).toEqual([
    [`call with aws:CalledVia = ${ATHENA}`],
  ]);
  expect(options).toEqual(['--context aws:CalledVia=...']);
  const { context } = counterfactuals[0]!.request;
  const keys = ['aws:viaawsservice', 'aws:calledvia', 'aws:calledviafirst', 'aws:calledvialast'];
  expect(keys.map((key) => context.get(key))).toEqual([['true'], [ATHENA], [ATHENA], [ATHENA]]);
});
