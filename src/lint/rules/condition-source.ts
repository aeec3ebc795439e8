/** Rules on where calls come from: networks, and the resources that services call for. */
import { parseArnPattern } from '../../model/arn.ts';
import { isAccountId } from '../../model/account.ts';
import { quote } from '../core/edit.ts';
import { OWN_ARNS } from '../facts/services.ts';
import { type FindingDraft, KEY, OWN, PAGES, type LintRule } from '../core/rule.ts';
import { type Subject, type TestView, placeOfItem, placeOfTest } from '../core/subject.ts';
import { isVariable } from './condition-values.ts';

export const SOURCE_RULES: readonly LintRule[] = [
  {
    code: 'KP419',
    name: 'network-condition',
    severity: 'warning',
    scopes: OWN,
    title: 'network condition that calls of AWS services do not satisfy',
    why: 'When an AWS service such as S3 or EBS uses the key on behalf of a caller, the request comes from the network of the service. Requests through a VPC endpoint have no aws:SourceIp. Exempt service requests with aws:ViaAWSService, unless the key is used only directly.',
    bad: '"Effect": "Deny", "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }',
    good: '"Effect": "Deny", "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "Bool": { "aws:ViaAWSService": "false" } }',
    see: PAGES.awsConditions,
    fix: 'none',
    test: networkCondition,
  },
  {
    code: 'KP425',
    name: 'source-arn',
    severity: 'security',
    otherwise: { warning: 'for an ARN of another account or service' },
    scopes: KEY,
    title: 'aws:SourceArn that is too broad or never matches',
    why: 'aws:SourceArn limits a service principal to your resources. With a wildcard for the account, the service can use the key for resources of any account (confused deputy); the ARN of a resource of another service never matches.',
    bad: '"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:*:trail/*"',
    good: '"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"',
    see: PAGES.confusedDeputy,
    fix: 'none',
    test: sourceArn,
  },
];

function networkCondition(test: TestView): FindingDraft | undefined {
  const { statement, name, use, member } = test;
  if (!['aws:sourceip', 'aws:sourcevpc', 'aws:sourcevpce'].includes(name) || !use || use.operator.family === 'Null')
    return undefined;
  const exempt = statement.tests.some((other) =>
    /^(?:aws:(?:viaawsservice|principalisawsservice|calledvia.*)|kms:viaservice)$/.test(other.name),
  );
  if (exempt) return undefined;
  const { effect } = statement;
  // a Deny of what is listed, or an Allow of everything else, does not keep services out
  const restricts = effect === 'Deny' ? use.operator.negated : effect === 'Allow' && !use.operator.negated;
  if (!restricts) return undefined;
  const endpoint = name === 'aws:sourceip' ? ', nor do calls through a VPC endpoint' : '';
  return {
    ...placeOfTest(test),
    message: `calls of AWS services on behalf of the caller do not satisfy ${member.name}${endpoint}`,
  };
}

function sourceArn(test: TestView, { account }: Subject): readonly FindingDraft[] {
  const { name, use, values, statement } = test;
  if (name !== 'aws:sourcearn' || !use || use.operator.negated || statement.effect !== 'Allow') return [];
  const services = statement.principals.flatMap(({ type, text }) => (type === 'Service' ? [text.split('.')[0]!] : []));
  return values.flatMap((value): readonly FindingDraft[] => {
    const { text } = value;
    const arn = parseArnPattern(text);
    if (isVariable(text) || !arn) return []; // KP405 has it
    const { service, account: owner } = arn;
    const guarded = statement.tests.some(
      (other) => other.name === 'aws:sourceaccount' || other.name === 'aws:sourceorgid',
    );
    if (/[*?]/.test(owner) && !guarded)
      return [{ ...placeOfItem(value), message: `${quote(text)} matches resources of every account` }];
    if (isAccountId(owner) && account !== undefined && owner !== account && !guarded) {
      return [
        {
          ...placeOfItem(value),
          severity: 'warning',
          message: `${quote(text)} belongs to account ${owner}, the key to account ${account}`,
        },
      ];
    }
    const known = services.filter((own) => OWN_ARNS.includes(own));
    if (known.length === 0 || known.length < services.length || known.includes(service) || /[*?]/.test(service))
      return [];
    return [
      {
        ...placeOfItem(value),
        severity: 'warning',
        message: `${quote(text)} is not an ARN of ${known.join(' or ')}, so it never matches`,
      },
    ];
  });
}
