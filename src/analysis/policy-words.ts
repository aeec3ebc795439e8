/** The statements of a policy in words. They say what is written, not what it allows in the end: see explain-access. */
import { isAccountId } from '../model/account.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import { readTests, type ConditionTest } from '../policy/condition.ts';
import type { NamedPrincipal, PolicyDocument, Statement } from '../policy/document.ts';
import { readOperator } from '../policy/operators.ts';

export interface StatementWords {
  readonly name: string;
  readonly effect: 'Allow' | 'Deny' | undefined;
  readonly text: string;
}

export const policyWords = ({ statements }: PolicyDocument): readonly StatementWords[] =>
  statements.map((statement) => ({
    name: statement.sid ?? `statement ${statement.index + 1}`,
    effect: statement.effect,
    text: sentence(statement),
  }));

function sentence(statement: Statement): string {
  const { effect, actions, notActions, resources, notResources, condition } = statement;
  const may = effect === 'Allow' ? 'may use' : effect === 'Deny' ? 'may not use' : 'neither may nor may not use';
  const what = actions
    ? actionsText(actions)
    : notActions
      ? `every action but ${actionsText(notActions)}`
      : 'no action';
  const where = resources
    ? resourcesText(resources)
    : notResources
      ? ` on every resource but ${listed(notResources)}`
      : '';
  return `${whoText(statement)} ${may} ${what}${where}${conditionText(condition)}`;
}

function whoText({ principals, notPrincipals, effect }: Statement): string {
  const named = principals ?? notPrincipals;
  if (!named || named.length === 0) return principals || notPrincipals ? 'no principal' : 'the principal of the policy';
  const texts = named.map((principal) => principalWords(principal, effect));
  return principals ? listed(texts) : `all principals but ${listed(texts)}`;
}

/** An account that is allowed something delegates to its identity policies. */
function principalWords({ type, text }: NamedPrincipal, effect: Statement['effect']): string {
  if (text === '*') return 'all principals';
  if (type === 'Service') return `the service ${text}`;
  const root = readPrincipalArn(text);
  const account = isAccountId(text) ? text : root?.form === 'root' ? root.account : undefined;
  if (account === undefined) return text;
  return effect === 'Allow' ? `account ${account}, as far as its identity policies allow it,` : `account ${account}`;
}

const isEvery = (action: string): boolean => action === '*' || action.toLowerCase() === 'kms:*';

const actionsText = (actions: readonly string[]): string =>
  actions.some(isEvery) ? 'every action' : listed(actions.map((action) => action.replace(/^kms:/i, '')));

const resourcesText = (resources: readonly string[]): string =>
  resources.includes('*') ? '' : ` on ${listed(resources)}`;

const listed = (texts: readonly string[], word = 'and'): string =>
  texts.length < 2 ? (texts[0] ?? 'nothing') : `${texts.slice(0, -1).join(', ')} ${word} ${texts.at(-1)!}`;

function conditionText(condition: unknown): string {
  if (condition === undefined) return '';
  const tests = readTests(condition);
  if (!tests) return ', if a malformed condition holds';
  return tests.length === 0 ? '' : `, if ${tests.map(testText).join(' and ')}`;
}

/** What stands between the condition key and its values, by operator. */
const RELATIONS: { readonly [operator: string]: string } = {
  StringEquals: 'is',
  StringNotEquals: 'is not',
  StringLike: 'is like',
  StringNotLike: 'is not like',
  Bool: 'is',
  ArnEquals: 'is like',
  ArnNotEquals: 'is not like',
  ArnLike: 'is like',
  ArnNotLike: 'is not like',
  IpAddress: 'is in',
  NotIpAddress: 'is not in',
  NumericEquals: 'is',
  NumericNotEquals: 'is not',
  NumericLessThan: 'is less than',
  NumericLessThanEquals: 'is at most',
  NumericGreaterThan: 'is more than',
  NumericGreaterThanEquals: 'is at least',
  DateLessThan: 'is before',
  DateGreaterThan: 'is after',
};

function testText({ operator, key, wanted }: ConditionTest): string {
  const use = readOperator(operator);
  if (use?.operator.family === 'Null') return `${key} is ${wanted[0] === 'true' ? 'absent' : 'present'}`;
  const name = operator.replace(/^For(?:Any|All)Values?:/, '').replace(/IfExists$/, '');
  const relation = use && RELATIONS[name];
  const subject = use?.set === 'ForAnyValue' ? `a value of ${key}` : use?.set ? `every value of ${key}` : key;
  const values = listed(
    wanted.map((value) => JSON.stringify(value)),
    'or',
  );
  const absent = use?.ifExists ? ', or absent' : '';
  return `${subject} ${relation ?? `satisfies ${operator}`} ${values}${absent}`;
}
