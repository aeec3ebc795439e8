/** A Decision as text with places. It only reads what evaluate() has recorded. */
import type { TestResult } from '../policy/condition.ts';
import type { Consideration, Decision, GrantConsideration, StatementConsideration } from '../policy/decision.ts';
import type { GrantMiss } from '../policy/grant-match.ts';
import type { JsonPath, TextPlace, Places } from '../policy/text-place.ts';
import type { Miss } from '../policy/statement.ts';

/**
 * The place that decided about a statement: the element that said no, else the whole statement.
 * @param places those of the statement's policy
 */
export function placeOfStatement(
  { statement, result }: Pick<StatementConsideration, 'statement' | 'result'>,
  places: Places,
): TextPlace | undefined {
  const path: JsonPath = ['Statement', statement.index];
  const element = elementOf({ statement, result });
  return places.of([...path, ...element], element.length > 0);
}

function elementOf({ statement, result }: Pick<StatementConsideration, 'statement' | 'result'>): JsonPath {
  switch (result.miss) {
    case 'principal':
      return [statement.principals ? 'Principal' : 'NotPrincipal'];
    case 'action':
      return [statement.actions ? 'Action' : 'NotAction'];
    case 'resource':
      return [statement.resources ? 'Resource' : 'NotResource'];
    case 'condition':
    case 'unjudged': {
      const test = decidingTest(result.condition?.tests ?? [], result.miss);
      return test?.operator ? ['Condition', test.operator, test.key] : ['Condition'];
    }
    default:
      return [];
  }
}

const decidingTest = (tests: readonly TestResult[], miss: 'condition' | 'unjudged'): TestResult | undefined =>
  tests.find(({ truth }) => truth === (miss === 'condition' ? 'fails' : 'unknown'));

const MISSES: Readonly<Record<Exclude<Miss, 'condition' | 'unjudged'>, string>> = {
  incomplete: 'a missing or contradictory element makes the statement ineffective',
  principal: 'the principal does not match',
  action: 'the action does not match',
  resource: 'the resource does not match',
};

const GRANT_MISSES: Readonly<Record<GrantMiss, string>> = {
  grantee: 'the grantee principal does not match',
  operation: 'the grant does not permit the operation',
  encryptionContext: 'the encryption context constraint is not satisfied',
  sourceArn: 'the SourceArn constraint is not satisfied',
  child: 'the new grant has permissions that this grant does not have',
};

const INDETERMINATE: Readonly<Record<NonNullable<TestResult['indeterminate']>, string>> = {
  operator: 'is not a condition operator',
  form: 'the condition is malformed',
  severalValues: 'requires ForAnyValue or ForAllValues, because the condition key is multivalued',
  value: 'compares a value of another type',
};

/** One line on a statement or a grant: what it did, or why nothing. */
export const describe = (item: Consideration): string =>
  item.source === 'grant' ? describeGrant(item) : describeStatement(item);

function describeGrant({ result }: GrantConsideration): string {
  if (!result.applies) return `does not apply: ${GRANT_MISSES[result.miss]}`;
  return result.match === 'account' ? 'allows, if an identity policy of the account allows it' : 'allows';
}

function describeStatement({ source, statement, result }: StatementConsideration): string {
  if (result.miss === 'condition' || result.miss === 'unjudged') {
    const test = decidingTest(result.condition?.tests ?? [], result.miss);
    return `does not apply: ${test ? describeTest(test) : 'the condition is not satisfied'}`;
  }
  if (result.miss) return `does not apply: ${MISSES[result.miss]}`;
  if (statement.effect === 'Deny') {
    const unknown = result.condition?.tests.find(({ truth }) => truth === 'unknown');
    return unknown ? `denies, because it cannot be evaluated: ${describeTest(unknown)}` : 'denies';
  }
  return (source === 'keyPolicy' || source === 'trustPolicy') && result.match === 'account'
    ? 'delegates to the identity policies of the account'
    : 'allows';
}

/** `StringEquals kms:ViaService wants "s3...", the request has none`. */
function describeTest({ operator, key, wanted, found, indeterminate }: TestResult): string {
  const subject = `${operator} ${key}`.trim();
  if (indeterminate === 'form') return INDETERMINATE.form;
  if (indeterminate) return `${subject} ${INDETERMINATE[indeterminate]}`;
  return `${subject} requires ${printList(wanted)}, the request has ${found ? printList(found) : 'none'}`;
}

const printList = (values: readonly string[]): string =>
  values.length === 1 ? JSON.stringify(values[0]) : JSON.stringify(values);

const THROUGH = {
  keyPolicy: 'the key policy allows it',
  trustPolicy: 'the trust policy of the role allows it',
  identityPolicy: 'an identity policy allows it',
  grant: 'a grant allows it',
  rootUser: 'the root user of the account does not require an identity policy',
  retiringRight: 'the caller can retire the grant as its retiring or grantee principal',
} as const;

const LACKS = {
  keyPolicy: 'neither the key policy nor a grant allows it',
  trustPolicy: 'the trust policy of the role does not allow it',
  identityPolicy: 'no identity policy allows it, and the key policy only delegates to the account',
  permissionsBoundary: 'the permissions boundary of the caller does not allow it',
  sessionPolicy: 'the session policies do not allow it',
  serviceControlPolicy: 'a level of service control policies does not allow it',
  resourceControlPolicy: 'a level of resource control policies does not allow it',
  endpointPolicy: 'the VPC endpoint policy does not allow it',
  crossAccount: 'the action is not supported for a key in another account',
  notRootUser: 'a root user cannot assume a role',
  retiringRight: 'the caller is not the retiring or grantee principal of the grant, and no identity policy allows it',
} as const;

/** The whole decision in one line. */
export function describeDecision({ by }: Decision): string {
  if (by.outcome === 'allow') return `allowed: ${THROUGH[by.through]}`;
  if (by.outcome === 'implicitDeny') return `denied: ${LACKS[by.missing]}`;
  const [first] = by.because;
  return first ? `denied: ${statementName(first)} ${describeStatement(first)}` : 'denied';
}

/** `statement "Enable IAM User Permissions" of default`. */
const statementName = ({ policy, statement }: StatementConsideration): string =>
  `statement ${statement.sid ? JSON.stringify(statement.sid) : `${statement.index + 1}`} of ${policy.name}`;
