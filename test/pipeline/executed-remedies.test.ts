/** A remedy that is a command, executed as it is printed, flips the answer. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../src/analysis/explanation.ts';
import { Budget } from '../../src/analysis/prover/budget.ts';
import { findKey } from '../../src/keyring/kms-key.ts';
import { questionRequest } from '../../src/pipeline/question.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { ACCOUNT, fixture, newKey, REGION, ROOT, type Fixture } from '../support/fixture.ts';

const CALLERS = [`arn:aws:iam::${ACCOUNT}:user/Alice`, `arn:aws:iam::${ACCOUNT}:role/App`];
const ACTIONS = ['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'];
const RUNS = 250;

/** As a shell reads it. */
const wordsOf = (command: string): readonly string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

function optionsOf(words: readonly string[]): { readonly [option: string]: readonly string[] } {
  const options: { [option: string]: string[] } = {};
  let last = '';
  for (const word of words) {
    if (word.startsWith('--')) options[(last = word.slice(2))] = [];
    else if (last !== '') options[last]!.push(word);
  }
  return options;
}

async function execute(home: Fixture, command: string): Promise<void> {
  const [program, name, ...rest] = wordsOf(command);
  expect([program, name]).toEqual(['kms', 'create-grant']);
  const {
    'key-id': [KeyId] = [],
    'grantee-principal': [GranteePrincipal] = [],
    operations,
    constraints,
  } = optionsOf(rest);
  await home.call('CreateGrant', {
    KeyId,
    GranteePrincipal,
    Operations: operations,
    ...(constraints ? { Constraints: JSON.parse(constraints[0]!) as object } : {}),
  });
}

const condition = fc.constantFrom(
  undefined,
  { StringEquals: { 'kms:EncryptionContext:tenant': 'acme' } },
  { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
  { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': 'tenant' } },
);
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  Principal: fc.constantFrom('*', ...CALLERS).map((AWS) => ({ AWS })),
  Action: fc.constantFrom('kms:CreateGrant', ...ACTIONS),
  Resource: fc.constant('*'),
  Condition: condition,
});

test('a grant that is told is made by the command that is told, and then the call is allowed', async () => {
  let executed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { maxLength: 3 }),
      fc.constantFrom(...CALLERS),
      fc.constantFrom(...ACTIONS),
      fc.constantFrom(undefined, { tenant: 'acme' }, { "it's": 'a "b" c', tenant: 'x=y,z' }),
      async (statements, arn, action, encryptionContext) => {
        const home = await fixture('remedies');
        const root = { Effect: 'Allow', Principal: { AWS: ROOT.arn }, Action: 'kms:*', Resource: '*' };
        const key = await newKey(home, {
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: [root, ...statements] }),
          BypassPolicyLockoutSafetyCheck: true,
        });
        const caller = callerOf(arn);
        const at = {
          home: { account: ACCOUNT, region: REGION },
          caller,
          time: home.now,
          sourceIp: '127.0.0.1',
          userAgent: 't',
        };
        const decide = () =>
          home.keyring.transact(async (tx) => {
            const found = await findKey(tx, { account: ACCOUNT, region: REGION }, key.id);
            return evaluate(
              await questionRequest(tx, at, { caller, action, key: found, encryptionContext, allGrants: true }),
            );
          });
        const { remedies } = explain([await decide()], { budget: new Budget() });
        const grant = remedies.find(({ changes }) => changes.length === 1 && changes[0]!.kind === 'grant');
        if (!grant) return;
        // whoever may: a Deny of CreateGrant for everybody stops the root user too
        const isDone = await execute(home, grant.changes[0]!.text).then(
          () => true,
          () => false,
        );
        if (!isDone) return;
        executed += 1;
        expect((await decide()).outcome).toBe('allow');
      },
    ),
    { numRuns: RUNS },
  );
  expect(executed).toBeGreaterThan(RUNS / 4);
});
