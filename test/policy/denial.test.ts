import { expect, test } from 'vitest';
import { denialText, requireAllowed } from '../../src/policy/denial.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { describeDecision } from '../../src/analysis/decision-text.ts';
import { KEY_ARN } from './callers.ts';
import { requestOf, type Scenario } from './scenario.ts';

const decide = (scenario: Partial<Scenario>) =>
  evaluate(requestOf({ case: '', caller: 'alice', expect: '', ...scenario }));

const ALICE = 'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: kms:Decrypt';
const APP = 'User: arn:aws:sts::111122223333:assumed-role/App/i-0abc is not authorized to perform: kms:Decrypt';
const ON = ` on resource: ${KEY_ARN}`;

// the forms of AWS's messages, as seen in public reports
test.each<[string, Partial<Scenario>, string]>([
  ['no key policy', { key: [] }, `${ALICE}${ON} because no resource-based policy allows the kms:Decrypt action`],
  ['no identity policy', {}, `${ALICE}${ON} because no identity-based policy allows the kms:Decrypt action`],
  [
    'boundary',
    { identity: [['Allow', '*']], boundary: [] },
    `${ALICE}${ON} because no permissions boundary allows the kms:Decrypt action`,
  ],
  [
    'session policy',
    { caller: 'app', identity: [['Allow', '*']], session: [] },
    `${APP}${ON} because no session policy allows the kms:Decrypt action`,
  ],
  ['SCP', { scp: [[]] }, `${ALICE}${ON} because no service control policy allows the kms:Decrypt action`],
  ['endpoint', { endpoint: [] }, `${ALICE}${ON} because no VPC endpoint policy allows the kms:Decrypt action`],
  [
    'Deny in the key policy',
    { key: [['Deny', '*', '*']] },
    `${ALICE}${ON} with an explicit deny in a resource-based policy`,
  ],
  [
    'Deny in an identity policy',
    { identity: [['Deny', '*']] },
    `${ALICE}${ON} with an explicit deny in an identity-based policy`,
  ],
  [
    'Deny in a boundary',
    { boundary: [['Deny', '*']] },
    `${ALICE}${ON} with an explicit deny in a permissions boundary`,
  ],
  ['Deny in an SCP', { scp: [[['Deny', '*']]] }, `${ALICE}${ON} with an explicit deny in a service control policy`],
  [
    'Deny in an RCP',
    { rcp: [[['Deny', '*', '*']]] },
    `${ALICE}${ON} with an explicit deny in a resource control policy`,
  ],
  [
    'Deny at the endpoint',
    { endpoint: [['Deny', '*', '*']] },
    `${ALICE}${ON} with an explicit deny in a VPC endpoint policy`,
  ],
  [
    'no resource',
    { on: 'none', action: 'CreateKey' },
    'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: kms:CreateKey on resource: * because no identity-based policy allows the kms:CreateKey action',
  ],
  [
    'a key to be',
    { on: 'keyToBe', action: 'TagResource' },
    'User: arn:aws:iam::111122223333:user/alice is not authorized to perform: kms:TagResource because no identity-based policy allows the kms:TagResource action',
  ],
])('%s', (_, scenario, text) => {
  const decision = decide(scenario);
  expect(denialText(decision)).toBe(text);
  expect(() => requireAllowed([decision])).toThrow(
    expect.objectContaining({ name: 'KmsError', code: 'AccessDeniedException', message: text, decisions: [decision] }),
  );
});

test('nothing is thrown when access is allowed', () => {
  expect(() => requireAllowed([decide({ caller: 'root' })])).not.toThrow();
});

test('the first denial is the error, and it has all decisions of the call', () => {
  const call = [decide({ caller: 'root' }), decide({ key: [] }), decide({ key: [['Deny', '*', '*']] })];
  expect(() => requireAllowed(call)).toThrow(
    expect.objectContaining({ message: denialText(call[1]!), decisions: call }),
  );
});

test('a decision in words', () => {
  expect(describeDecision(decide({ caller: 'root' }))).toBe('allowed: the key policy allows it');
  expect(describeDecision(decide({ key: [['Deny', '*', '*', { Foo: { 'kms:ViaService': 'x' } }]] }))).toBe(
    'denied: statement 1 of default denies, because it cannot be evaluated: Foo kms:ViaService is not a condition operator',
  );
});
