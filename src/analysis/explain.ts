/** A Decision in words and places. Nothing is decided here: it reads what evaluate() has recorded. */
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
  incomplete: 'an element is missing or contradicts another, so the statement has no effect',
  principal: 'its principal is someone else',
  action: 'it is about other actions',
  resource: 'it is about other resources',
};

const GRANT_MISSES: Readonly<Record<GrantMiss, string>> = {
  grantee: 'its grantee is someone else',
  operation: 'it does not give this operation',
  encryptionContext: 'its encryption context constraint does not hold',
  sourceArn: 'its SourceArn constraint does not hold',
  child: 'the new grant would give more than this one may pass on',
};

const INDETERMINATE: Readonly<Record<NonNullable<TestResult['indeterminate']>, string>> = {
  operator: 'is not a condition operator',
  form: 'the condition is malformed',
  severalValues: 'needs ForAnyValue or ForAllValues, since requests can have several values',
  value: 'compares a value that is not of its type',
};

/** One line on a statement or a grant: what it did, or why nothing. */
export const describe = (item: Consideration): string =>
  item.source === 'grant' ? describeGrant(item) : describeStatement(item);

function describeGrant({ result }: GrantConsideration): string {
  if (!result.applies) return `does not apply: ${GRANT_MISSES[result.miss]}`;
  return result.match === 'account' ? "allows, if the account's identity policies do" : 'allows';
}

function describeStatement({ source, statement, result }: StatementConsideration): string {
  if (result.miss === 'condition' || result.miss === 'unjudged') {
    const test = decidingTest(result.condition?.tests ?? [], result.miss);
    return `does not apply: ${test ? describeTest(test) : 'its condition does not hold'}`;
  }
  if (result.miss) return `does not apply: ${MISSES[result.miss]}`;
  if (statement.effect === 'Deny') {
    const unknown = result.condition?.tests.find(({ truth }) => truth === 'unknown');
    return unknown ? `denies, to be safe: ${describeTest(unknown)}` : 'denies';
  }
  return (source === 'keyPolicy' || source === 'trustPolicy') && result.match === 'account'
    ? "allows the account's identity policies to decide"
    : 'allows';
}

/** `StringEquals kms:ViaService wants "s3...", the request has none`. */
function describeTest({ operator, key, wanted, found, indeterminate }: TestResult): string {
  const subject = `${operator} ${key}`.trim();
  if (indeterminate === 'form') return INDETERMINATE.form;
  if (indeterminate) return `${subject} ${INDETERMINATE[indeterminate]}`;
  return `${subject} wants ${printList(wanted)}, the request has ${found ? printList(found) : 'none'}`;
}

const printList = (values: readonly string[]): string =>
  values.length === 1 ? JSON.stringify(values[0]) : JSON.stringify(values);

const THROUGH = {
  keyPolicy: 'the key policy allows it',
  trustPolicy: 'the trust policy of the role allows it',
  identityPolicy: 'an identity policy allows it',
  grant: 'a grant allows it',
  rootUser: "the account's root user needs no identity policy",
  retiringRight: 'the grant names the caller as one who may retire it',
} as const;

const LACKS = {
  keyPolicy: 'the key policy does not allow it, and no grant does',
  trustPolicy: 'the trust policy of the role does not allow it',
  identityPolicy: "the account's identity policies would have to allow it, and none does",
  permissionsBoundary: "the caller's permissions boundary does not allow it",
  sessionPolicy: "the session's policies do not allow it",
  serviceControlPolicy: 'a level of service control policies does not allow it',
  resourceControlPolicy: 'a level of resource control policies does not allow it',
  endpointPolicy: 'the VPC endpoint policy does not allow it',
  crossAccount: 'the action cannot be used on a key of another account',
  notRootUser: 'a root user cannot assume a role',
  retiringRight: 'the grant does not name the caller, nor does an account that may retire it delegate to the caller',
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
