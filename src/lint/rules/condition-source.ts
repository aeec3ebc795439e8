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
    title: 'a condition on the network that AWS services do not meet',
    why: 'When S3, EBS and others use the key for a caller, the call comes from their own addresses and networks, and through a VPC endpoint there is no aws:SourceIp. Exempt them by aws:ViaAWSService, or use the key directly only.',
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
    scopes: KEY,
    title: 'an aws:SourceArn that is too wide or never fits',
    why: 'aws:SourceArn ties a service to one of your resources. With a wildcard for the account anybody can have the service use the key for theirs; with the ARN of another service it never matches.',
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
    message: `calls of AWS services for the caller do not meet ${member.name}${endpoint}`,
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
      return [{ ...placeOfItem(value), message: `${quote(text)} fits resources of every account` }];
    if (isAccountId(owner) && account !== undefined && owner !== account && !guarded) {
      return [
        {
          ...placeOfItem(value),
          severity: 'warning',
          message: `${quote(text)} is of account ${owner}, the key of ${account}`,
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
        message: `${quote(text)} is no ARN of ${known.join(' or ')}, so it never matches`,
      },
    ];
  });
}
