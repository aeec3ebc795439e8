/** Assuming a role is explained as the call is authorized. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { explainAnswer } from '../../src/analysis/explanation.ts';
import { answersTo } from '../../src/commands/access/question.ts';
import { ASSUME_ROLE } from '../../src/commands/access/targets.ts';
import { putIdentity } from '../../src/keyring/identity.ts';
import { KmsError } from '../../src/model/error.ts';
import { identify } from '../../src/operations/principals/known-callers.ts';
import { authorizeAssumeRole } from '../../src/pipeline/assume-role.ts';
import { attributesOf } from '../../src/pipeline/authorize.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { iamIdentifier } from '../../src/policy/identity.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { accessSession } from '../support/access-session.ts';
import { ACCOUNT, fixture, REGION, ROOT } from '../support/fixture.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/App`;
const ALICE = `arn:aws:iam::${ACCOUNT}:user/Alice`;
const EVE = 'arn:aws:iam::444455556666:user/Eve';
const CASES = Number(process.env['ONE_DECISION_CASES'] ?? 24) * 10;

const action = fc.constantFrom('sts:AssumeRole', 'sts:*', 'sts:TagSession');
const effect = fc.constantFrom('Allow', 'Allow', 'Deny');
const condition = fc.constantFrom(
  undefined,
  undefined,
  { StringEquals: { 'sts:ExternalId': 'x1' } },
  { StringLike: { 'sts:RoleSessionName': 'ci-*' } },
  { StringEquals: { 'aws:RequestTag/Team': 'Blue' } },
  { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
);
const trust = fc.record({
  Effect: effect,
  Principal: fc.constantFrom(ALICE, EVE, ACCOUNT, '*').map((AWS) => ({ AWS })),
  Action: action,
  Condition: condition,
});
const own = fc.record({ Effect: effect, Action: action, Resource: fc.constantFrom('*', ROLE), Condition: condition });
const text = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });

test('the explanation agrees with the call, whatever options are specified', async () => {
  const count = { YES: 0, NO: 0, MAYBE: 0, remedies: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(ALICE, ALICE, EVE, ROOT.arn),
      fc.option(fc.array(trust, { minLength: 1, maxLength: 3 }), { nil: undefined, freq: 4 }),
      fc.array(own, { maxLength: 2 }),
      fc.record({
        sessionName: fc.constantFrom('ci-1', 'test'),
        externalId: fc.constantFrom(undefined, 'x1', 'x2'),
        tags: fc.constantFrom(undefined, { Team: 'Blue' }),
      }),
      async (arn, trusted, policies, call) => {
        const home = await fixture('assume-role');
        const caller = callerOf(arn);
        const isAllowed = await home.keyring.transact(async (tx) => {
          const base = { account: ACCOUNT, created: 1, tags: {}, policies: [] };
          const trustPolicy = trusted && { text: text(trusted) };
          putIdentity(tx, iamIdentifier(ROLE)!, {
            ...base,
            kind: 'role',
            arn: ROLE,
            ...(trustPolicy ? { trustPolicy } : {}),
          });
          if (policies.length > 0 && arn !== ROOT.arn) {
            const name = iamIdentifier(arn)!;
            const known = [{ name: 'p', text: text(policies) }];
            putIdentity(tx, name, { ...base, kind: 'user', arn, account: name.account, policies: known });
          }
          const attributes = attributesOf({
            caller,
            home: { account: caller.account!, region: REGION },
            time: home.now,
            sourceIp: '127.0.0.1',
            userAgent: 'test',
          });
          const request = { roleArn: ROLE, duration: 900, ...call };
          return authorizeAssumeRole(tx, { caller: await identify(tx, caller), request, attributes }).then(
            () => true,
            (error: unknown) => {
              expect((error as KmsError).code).toBe('AccessDeniedException');
              return false;
            },
          );
        });
        const Context = {
          'sts:RoleSessionName': [call.sessionName],
          ...(call.externalId === undefined ? {} : { 'sts:ExternalId': [call.externalId] }),
          ...(call.tags ? { 'aws:RequestTag/Team': ['Blue'] } : {}),
        };
        const { exact, open, anyRole } = await home.keyring.transact(async (tx) => {
          const session = accessSession(home, { caller });
          const asked = { session, tx, actions: [ASSUME_ROLE], caller, found: undefined };
          const answer = async (input: object, isExact: boolean) =>
            (await answersTo({ ...asked, input, isExact, budget: new Budget() })).overall!;
          return {
            exact: await answer({ Role: ROLE, Context }, true),
            open: await answer(
              { Role: ROLE, ...(call.tags ? { Context: { 'aws:RequestTag/Team': ['Blue'] } } : {}) },
              false,
            ),
            anyRole: await answer({ Context }, true),
          };
        });
        expect(exact.answer).toBe(isAllowed ? 'YES' : 'NO');
        expect(anyRole.answer).toBe(exact.answer);
        expect(open.answer).not.toBe(isAllowed ? 'NO' : 'YES');
        count[open.answer] += 1;
        for (const { request } of open.counterfactuals) {
          expect(evaluate(request).outcome === 'allow').toBe(open.decision.outcome !== 'allow');
        }
        const { remedies } = explainAnswer(exact, new Budget());
        for (const { request } of remedies) expect(evaluate(request).outcome).toBe('allow');
        if (arn === ROOT.arn) expect([exact.answer, remedies]).toEqual(['NO', []]);
        count.remedies += remedies.length;
      },
    ),
    { numRuns: CASES },
  );
  for (const number of Object.values(count)) expect(number).toBeGreaterThan(5);
});
