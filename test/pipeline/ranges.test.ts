/** Targets that are not named: what is answered of each of them, and of all together, as far as the budget goes. */
import { expect, test } from 'vitest';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { answersTo } from '../../src/commands/access/question.ts';
import { actionsNamed } from '../../src/commands/command/named.ts';
import type { Network } from '../../src/pipeline/authorize.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { accessSession } from '../support/access-session.ts';
import { ACCOUNT, fixture, newKey, ROOT } from '../support/fixture.ts';

const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const all = { Effect: 'Allow', Principal: { AWS: ROOT.arn }, Action: 'kms:*', Resource: '*' };
const alice = { Effect: 'Allow', Principal: { AWS: ALICE }, Action: 'kms:Decrypt', Resource: '*' };
const viaS3 = { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } };

async function asked(policies: readonly string[], budget = new Budget(), network?: Network) {
  const home = await fixture('ranges');
  for (const Policy of policies) await newKey(home, { Policy });
  return home.keyring.transact((tx) =>
    answersTo({
      session: accessSession(home, { network }),
      tx,
      actions: actionsNamed('Decrypt'),
      caller: callerOf(ALICE),
      found: undefined,
      input: {},
      isOther: true,
      budget,
    }),
  );
}

const YES = policy(all, alice);
const NO = policy(all);
const MAYBE = policy(all, { ...alice, Condition: viaS3 });

test.each([
  [[YES, YES], 'YES', [], 0],
  [[NO, NO], 'NO', [], 0],
  [[YES, NO], 'MAYBE', ['--key-id'], 1],
  [[NO, YES, YES], 'MAYBE', ['--key-id'], 2],
  [[MAYBE], 'MAYBE', ['--via-service'], 1],
  [[YES, MAYBE], 'MAYBE', ['--via-service', '--key-id'], 1],
  [[NO, MAYBE], 'MAYBE', ['--key-id', '--via-service'], 1],
] as const)('keys %#: %2$s', async (policies, answer, options, ways) => {
  const { overall, resources } = await asked(policies);
  expect(overall).toMatchObject({ answer, options, unproved: [] });
  expect(overall!.counterfactuals).toHaveLength(ways);
  expect(resources).toHaveLength(policies.length);
});

const VPCE = { vpcEndpointId: 'vpce-1a2b3c4d' };
const MFA = { mfa: { ageInSeconds: 0 } };

test.each<readonly [condition: object, network: Network | undefined, answer: string, options: readonly string[]]>([
  // the endpoint is specified, but not the address within its VPC
  [{ IpAddress: { 'aws:VpcSourceIp': '10.0.0.0/8' } }, VPCE, 'MAYBE', ['--source-ip']],
  [{ IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, VPCE, 'NO', []],
  [{ StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } }, VPCE, 'YES', []],
  [{ StringEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' } }, VPCE, 'MAYBE', ['--source-vpc']],
  // a user has temporary credentials only with MFA
  [{ Null: { 'aws:TokenIssueTime': 'false' } }, undefined, 'MAYBE', ['--mfa']],
  [{ Null: { 'aws:TokenIssueTime': 'false' } }, MFA, 'YES', []],
  [{ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, undefined, 'MAYBE', ['--mfa']],
  [{ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }, MFA, 'YES', []],
  [{ NumericLessThan: { 'aws:MultiFactorAuthAge': '300' } }, MFA, 'YES', []],
])('under %j with %j: %s', async (Condition, network, answer, options) => {
  const { overall } = await asked([policy(all, { ...alice, Condition })], new Budget(), network);
  expect(overall).toMatchObject({ answer, options, unproved: [] });
});

test('beyond the budget nothing is claimed, and the answers before it stay', async () => {
  const policies = Array.from({ length: 8 }, () => YES);
  const { overall, resources } = await asked(policies, new Budget(1000));
  expect(resources.length).toBeGreaterThan(1);
  expect(resources.length).toBeLessThan(8);
  expect(overall).toMatchObject({ answer: 'MAYBE', counterfactuals: [] });
  expect(overall!.unproved).toContain(
    `further resources to which it could apply: more than 1000 steps for ${resources.length}`,
  );
});

test('of no key nothing is answered', async () => {
  expect(await asked([])).toEqual({ overall: undefined, resources: [] });
});
