/**
 * Explanation and enforcement ask the same: for each operation, under random policies, grants and request attributes, what is
 * explained with everything specified is what the call does; a YES and a NO hold for the call whatever was not specified,
 * the key and the grant included, and a MAYBE has a completion of either kind. who-can and what-can say the same.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { explainAccess } from '../../src/commands/access/explain-access.ts';
import { answersTo } from '../../src/commands/access/question.ts';
import { whatCan } from '../../src/commands/access/what-can.ts';
import { whoCan } from '../../src/commands/access/who-can.ts';
import { actionsNamed } from '../../src/commands/command/named.ts';
import { findKey } from '../../src/keyring/kms-key.ts';
import { KmsError } from '../../src/model/error.ts';
import { findOperation, OPERATION_NAMES } from '../../src/operations/index.ts';
import { rulesFor } from '../../src/pipeline/authorize.ts';
import { actionRow } from '../../src/policy/actions.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { putIdentity } from '../../src/keyring/identity.ts';
import { putVpcEndpoint } from '../../src/keyring/vpc-endpoint.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { accessSession } from '../support/access-session.ts';
import { OTHER_REGION, readyCall, type ReadyCall } from '../support/calls.ts';
import { ACCOUNT, fixture, REGION, ROOT, type Fixture } from '../support/fixture.ts';

const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const CASES = Number(process.env['ONE_DECISION_CASES'] ?? 16);
const EVERYTHING = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };

/** Every which case lists what one can, which asks for all actions. */
const SHARE = 8;

/** What the commands say of Alice, as the session's own caller and as somebody else. */
async function rowsOf(
  session: ReturnType<typeof accessSession>,
  { operation, KeyId }: { readonly operation: string; readonly KeyId: string },
) {
  const explained = await explainAccess.run({ Action: operation, KeyId }, session);
  const explainedOfOther = await explainAccess.run({ Action: operation, KeyId, Principal: ALICE }, session);
  const { Actions } = await whatCan.run({ KeyId, All: true }, session);
  const { Principals } = await whoCan.run({ Action: operation, KeyId, All: true }, session);
  const [first] = actionsNamed(operation);
  return {
    explained: explained.Answer,
    explainedOfOther: explainedOfOther.Answer,
    whatCan: Actions.find(({ Action }) => Action === first!.action)?.Answer,
    whoCan: Principals.find(({ Principal }) => Principal === ALICE)?.Answer,
  };
}

async function prepared(operation: string): Promise<ReadyCall & { readonly home: Fixture }> {
  const home = await fixture(operation);
  return { home, ...(await readyCall(home, operation)) };
}

/** Conditions that this operation's calls meet, or not, by what they have and where they come from. */
const conditionsFor = (
  specified: readonly (readonly [string, readonly string[]])[],
): fc.Arbitrary<object | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    fc.constantFrom<object>(
      { Bool: { 'aws:ViaAWSService': 'true' } },
      { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      { StringNotEqualsIfExists: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
      { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
      { BoolIfExists: { 'kms:GrantIsForAWSResource': 'true' } },
      { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      { Null: { 'kms:EncryptionContext:tenant': 'true' } },
    ),
    ...(specified.length === 0
      ? []
      : [
          fc
            .tuple(fc.constantFrom(...specified), fc.constantFrom('same', 'other', 'absent'))
            .map(([[name, values], how]) =>
              how === 'absent'
                ? { Null: { [name]: 'true' } }
                : { 'ForAnyValue:StringEquals': { [name]: how === 'same' ? values : ['something else'] } },
            ),
        ]),
  );

test.each(OPERATION_NAMES)('%s: explained as it is enforced', { timeout: 120_000 }, async (operation) => {
  const row = (await findOperation(operation))!;
  const actions = actionsNamed(operation);
  const sample = await prepared(operation);
  const specified = actions.flatMap(({ action }) =>
    rulesFor(row, action).conditions.flatMap((condition) => condition.values(sample.input)),
  );
  const condition = conditionsFor(specified);
  const isNew = actions.some((one) => one.action === 'kms:CreateKey');
  const action = fc.constantFrom(
    'kms:*',
    ...(isNew ? ['kms:TagResource'] : []),
    ...actions.map((one) => one.action),
    'kms:DescribeKey',
  );
  const effect = fc.constantFrom('Allow', 'Allow', 'Deny');
  const key = fc.record({
    Effect: effect,
    Principal: fc.constantFrom(ALICE, '*', ROOT.arn).map((AWS) => ({ AWS })),
    Action: action,
    Resource: fc.constant('*'),
    Condition: condition,
  });
  const isAlias = actionRow(actions[0]!.action.toLowerCase())!.resources.includes('alias');
  const resource = isAlias
    ? fc.constantFrom('*', '*', `arn:aws:kms:*:${ACCOUNT}:key/*`, `arn:aws:kms:*:*:alias/ex*`, '*alias/other', '*ple')
    : fc.constantFrom('*', '*', `arn:aws:kms:${REGION}:*`, `arn:aws:kms:${OTHER_REGION}:*`);
  const own = fc.record({ Effect: effect, Action: action, Resource: resource, Condition: condition });
  const tags = row.input.members['Tags'] && !row.input.members['Tags'].required ? fc.boolean() : fc.constant(false);
  const service = fc.constantFrom(undefined, { viaService: 's3.us-east-1.amazonaws.com' });
  const isAboutKey = actions.some((one) => actionRow(one.action.toLowerCase())!.resources.includes('key'));
  let at = -1;
  const network = { vpcEndpointId: 'vpce-1a2b3c4d' };
  const endpoint = fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    fc.record({ statement: key, isUsed: fc.boolean() }),
  );
  const count = { YES: 0, NO: 0, MAYBE: 0, allowed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { maxLength: 3 }),
      fc.array(own, { maxLength: 2 }),
      service,
      fc.boolean(),
      endpoint,
      tags,
      async (statements, policies, via, isGranted, through, isTagged) => {
        const { home, key: made, input: plain } = await prepared(operation);
        const input = isTagged ? { ...plain, Tags: [{ TagKey: 'Team', TagValue: 'orders' }] } : plain;
        const text = (list: readonly object[]): string => JSON.stringify({ Version: '2012-10-17', Statement: list });
        const grantable = actions.filter((one) => actionRow(one.action.toLowerCase())?.grantable);
        if (made && isGranted && grantable.length > 0) {
          const Operations = [...new Set(grantable.map((one) => one.action.slice('kms:'.length)))];
          await home
            .call('CreateGrant', { KeyId: made.arn, GranteePrincipal: ALICE, Operations })
            .catch(() => undefined);
        }
        if (made) {
          await home.call('PutKeyPolicy', {
            KeyId: made.arn,
            Policy: text([
              { Effect: 'Allow', Principal: { AWS: ROOT.arn }, Action: 'kms:PutKeyPolicy', Resource: '*' },
              ...statements,
            ]),
            BypassPolicyLockoutSafetyCheck: true,
          });
        }
        // known in any case, so that who-can lists her
        await home.keyring.transact(async (tx) =>
          putIdentity(
            tx,
            { account: ACCOUNT, name: 'user/Alice' },
            {
              kind: 'user',
              arn: ALICE,
              account: ACCOUNT,
              created: 1,
              tags: {},
              policies: policies.length > 0 ? [{ name: 'p', text: text(policies) }] : [],
            },
          ),
        );
        if (through) {
          await home.keyring.transact(async (tx) =>
            putVpcEndpoint(tx, { id: network.vpcEndpointId, policy: text([through.statement]) }),
          );
        }
        const caller = callerOf(ALICE);
        const where = { caller, service: via, network: through?.isUsed ? network : undefined };
        const session = accessSession(home, where);
        const ofOther = accessSession(home, { ...where, network: undefined });
        const Context = Object.fromEntries(
          actions.flatMap((one) => rulesFor(row, one.action).conditions.flatMap((rule) => rule.values(input))),
        );
        const GrantId = input['GrantId'] as string | undefined;
        const { exact, open, unnamed, byKey, other } = await home.keyring.transact(async (tx) => {
          const record = made && (await findKey(tx, { account: ACCOUNT, region: REGION }, made.id));
          const found = record && { key: record };
          const AliasName = isAlias ? 'alias/example' : undefined;
          const answer = async (more: Partial<Parameters<typeof answersTo>[0]>) => {
            const asked = { session, tx, actions, caller, found, input: { AliasName }, budget: new Budget(), ...more };
            return (await answersTo(asked)).overall!;
          };
          return {
            exact: await answer({ input: { Context, GrantId, AliasName }, isExact: true }),
            open: await answer({}),
            unnamed: await answer({ found: undefined, input: {} }),
            byKey: await answer({ input: {} }),
            other: await answer({ session: ofOther, isOther: true }),
          };
        });
        const said = [open.answer, unnamed.answer, byKey.answer, other.answer];
        for (const { answer, decision, counterfactuals, unproved } of [exact, open, unnamed, byKey, other]) {
          for (const { request } of counterfactuals) {
            expect(evaluate(request).outcome === 'allow').toBe(decision.outcome !== 'allow');
          }
          if (answer === 'MAYBE' && unproved.length === 0) expect(counterfactuals).not.toEqual([]);
          if (answer !== 'MAYBE') expect(answer).toBe(decision.outcome === 'allow' ? 'YES' : 'NO');
        }
        if (made && isAboutKey && (at += 1) % SHARE === 0) {
          const own = await rowsOf(session, { operation, KeyId: made.id });
          if (actions.length === 1) expect(own.whatCan).toBe(own.explained);
          expect(own.whoCan).toBe(own.explainedOfOther);
          // a call may need more actions than one, and each has a row
          if (actions.length === 1 || own.whatCan === 'NO') said.push(own.whatCan!);
          said.push(own.whoCan!);
        }
        const origin = { ...where, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
        const isAllowed = await home.kms.invoke(row, input, origin).then(
          () => true,
          (error: unknown) => !(error instanceof KmsError) || error.code !== 'AccessDeniedException',
        );
        expect(exact.answer).toBe(isAllowed ? 'YES' : 'NO');
        expect(said).not.toContain(isAllowed ? 'NO' : 'YES');
        count[open.answer] += 1;
        if (isAllowed) count.allowed += 1;
      },
    ),
    {
      numRuns: CASES,
      examples: [
        [[{ ...EVERYTHING, Principal: { AWS: ALICE } }], [EVERYTHING], undefined, false, undefined, false],
        [[], [], undefined, false, undefined, false],
      ] as never,
    },
  );
  expect(count.allowed).toBeGreaterThan(0);
  expect(count.allowed).toBeLessThan(CASES);
  expect(count.YES + count.NO).toBeGreaterThan(0);
});
