/**
 * Explanation and enforcement ask the same: for each operation, under random policies, grants and circumstances, what is
 * explained with everything told is what the call does; a YES and a NO hold for the call whatever was not told, and a MAYBE
 * has a completion of either kind.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerTo } from '../../src/analysis/explanation.ts';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { actionsNamed } from '../../src/commands/command/named.ts';
import { findKey } from '../../src/keyring/kms-key.ts';
import { KmsError } from '../../src/model/error.ts';
import { findOperation, OPERATION_NAMES } from '../../src/operations/index.ts';
import { rulesFor } from '../../src/pipeline/authorize.ts';
import { questionRequest } from '../../src/pipeline/question.ts';
import { actionRow } from '../../src/policy/actions.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { putIdentity } from '../../src/keyring/identity.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { readyCall, type ReadyCall } from '../support/calls.ts';
import { ACCOUNT, fixture, REGION, ROOT, type Fixture } from '../support/fixture.ts';

const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const CASES = Number(process.env['ONE_DECISION_CASES'] ?? 24);
const EVERYTHING = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };

/** It is about the replica in the other Region too, which has a policy of its own. */
const MORE_RESOURCES = new Set(['UpdatePrimaryRegion']);

async function prepared(operation: string): Promise<ReadyCall & { readonly home: Fixture }> {
  const home = await fixture(operation);
  return { home, ...(await readyCall(home, operation)) };
}

/** Conditions that this operation's calls meet, or not, by what they have and where they come from. */
const conditionsFor = (told: readonly (readonly [string, readonly string[]])[]): fc.Arbitrary<object | undefined> =>
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
    ...(told.length === 0
      ? []
      : [
          fc
            .tuple(fc.constantFrom(...told), fc.constantFrom('same', 'other', 'absent'))
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
  const told = actions.flatMap(({ action }) =>
    rulesFor(row, action).conditions.flatMap((condition) => condition.values(sample.input)),
  );
  const condition = conditionsFor(told);
  const action = fc.constantFrom('kms:*', ...actions.map((one) => one.action), 'kms:DescribeKey');
  const effect = fc.constantFrom('Allow', 'Allow', 'Deny');
  const key = fc.record({
    Effect: effect,
    Principal: fc.constantFrom(ALICE, '*', ROOT.arn).map((AWS) => ({ AWS })),
    Action: action,
    Resource: fc.constant('*'),
    Condition: condition,
  });
  const own = fc.record({ Effect: effect, Action: action, Resource: fc.constant('*'), Condition: condition });
  const service = fc.constantFrom(undefined, { viaService: 's3.us-east-1.amazonaws.com' });
  const count = { YES: 0, NO: 0, MAYBE: 0, allowed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(key, { maxLength: 3 }),
      fc.array(own, { maxLength: 2 }),
      service,
      fc.boolean(),
      async (statements, policies, via, isGranted) => {
        const { home, key: made, input } = await prepared(operation);
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
        if (policies.length > 0) {
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
                policies: [{ name: 'p', text: text(policies) }],
              },
            ),
          );
        }
        const caller = callerOf(ALICE);
        const where = { sourceIp: '127.0.0.1', userAgent: 'test', service: via };
        const at = { home: { account: ACCOUNT, region: REGION }, caller, time: home.now, ...where };
        const answers = await home.keyring.transact(async (tx) => {
          const found = made && (await findKey(tx, { account: ACCOUNT, region: REGION }, made.id));
          const parts = [];
          for (const { action: name } of actions) {
            const conditions = Object.fromEntries(
              rulesFor(row, name)
                .conditions.flatMap((one) => one.values(input))
                .map(([key_, values]) => [key_, values]),
            );
            const isAlias = actionRow(name.toLowerCase())!.resources.includes('alias');
            for (const aliasArn of isAlias
              ? [`arn:aws:kms:${REGION}:${ACCOUNT}:alias/example`, undefined]
              : [undefined]) {
              const question = { caller, action: name, operation, key: found, aliasArn, allGrants: true };
              const grantId = input['GrantId'] as string | undefined;
              const exact = evaluate(await questionRequest(tx, at, { ...question, conditions, grantId }));
              const unknown = {
                specifiedKeys: new Set<string>(via ? ['kms:viaservice'] : []),
                isOwnCall: true,
                isForeign: false,
              };
              const open = answerTo(evaluate(await questionRequest(tx, at, question)), {
                unknown,
                budget: new Budget(),
              });
              for (const { request } of open.counterfactuals) {
                expect(evaluate(request).outcome === 'allow').toBe(open.decision.outcome !== 'allow');
              }
              if (open.answer === 'MAYBE' && open.unproved.length === 0) expect(open.counterfactuals).not.toEqual([]);
              parts.push({ exact: exact.outcome === 'allow', open: open.answer });
            }
          }
          return parts;
        });
        const isAllowed = await home.kms.invoke(row, input, { caller, region: REGION, ...where }).then(
          () => true,
          (error: unknown) => !(error instanceof KmsError) || error.code !== 'AccessDeniedException',
        );
        const allExact = answers.every(({ exact }) => exact);
        if (MORE_RESOURCES.has(operation)) expect(allExact || !isAllowed).toBe(true);
        else expect(allExact).toBe(isAllowed);
        for (const { open } of answers) count[open] += 1;
        if (isAllowed) {
          count.allowed += 1;
          expect(answers.map(({ open }) => open)).not.toContain('NO');
        } else if (!MORE_RESOURCES.has(operation)) expect(answers.every(({ open }) => open === 'YES')).toBe(false);
      },
    ),
    {
      numRuns: CASES,
      examples: [
        [[{ ...EVERYTHING, Principal: { AWS: ALICE } }], [EVERYTHING], undefined, false],
        [[], [], undefined, false],
      ] as never,
    },
  );
  expect(count.allowed).toBeGreaterThan(0);
  expect(count.allowed).toBeLessThan(CASES);
});
