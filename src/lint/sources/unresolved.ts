/**
 * What stands for a value that the file does not tell. It is chosen twice, as differently as the place allows: a finding
 * counts only if it comes both times, so none rests on a value that nobody knows.
 */
import { conditionKey } from '../../policy/condition-keys.ts';
import { rootArn } from '../../model/principal-arn.ts';
import { DEFAULT_REGION } from '../../model/region.ts';
import { valuesOf } from '../facts/values.ts';

export interface Assumptions {
  readonly account: string;
  /** The first choice is narrow and unlike any other, the second one wide. */
  readonly second: boolean;
}

/** What every stand-in contains: a message with it is about no value of the file. */
export const MARK = 'unresolved-';

/** Pseudo parameters of CloudFormation and the data sources of Terraform with the same meaning. */
export function wellKnown(expression: string, { account }: Assumptions): string | undefined {
  if (expression === 'AWS::AccountId' || /^data\.aws_caller_identity\.\w+\.(?:account_id|id)$/.test(expression))
    return account;
  if (expression === 'AWS::Partition' || /^data\.aws_partition\.\w+\.(?:partition|id)$/.test(expression)) return 'aws';
  if (expression === 'AWS::Region' || /^data\.aws_region\.\w+\.(?:name|region|id)$/.test(expression))
    return DEFAULT_REGION;
  if (expression === 'AWS::URLSuffix' || /^data\.aws_partition\.\w+\.dns_suffix$/.test(expression))
    return 'amazonaws.com';
  return undefined;
}

/** A part of a text, with what stands before it. */
export function partOf(before: string, number: number, { account, second }: Assumptions): string {
  if (/(?:^|")arn:$/.test(before)) return 'aws';
  if (/(?:^|")arn:[^:"]*:[^:"]*:[^:"]*:$/.test(before)) return second ? '999999999999' : account;
  if (/(?:^|")arn:[^:"]*:[^:"]*:$|^[a-z0-9-]+\.$/.test(before)) return DEFAULT_REGION;
  return second ? 'unresolved' : `${MARK}${number}`;
}

/** @param path names in the policy: `Statement.Principal.AWS` @returns JSON; undefined: the item is left out */
export function wholeOf(path: readonly string[], number: number, choice: Assumptions): string | undefined {
  const { account, second } = choice;
  const role = `arn:aws:iam::${account}:role/${MARK}${number}`;
  const principal = second ? rootArn(account) : role;
  const [element, ...inner] = path[0] === 'Statement' ? path.slice(1) : path;
  const json = (value: unknown): string => JSON.stringify(value);
  switch (element) {
    case undefined:
      return second
        ? json({
            Sid: `${MARK}${number}`,
            Effect: 'Allow',
            Principal: { AWS: principal },
            Action: 'kms:*',
            Resource: '*',
          })
        : undefined;
    case 'Version':
      return json('2012-10-17');
    case 'Effect':
      return json(second ? 'Deny' : 'Allow');
    case 'Principal':
    case 'NotPrincipal':
      if (inner.length === 0) return json({ AWS: principal });
      return json(inner[0] === 'AWS' ? principal : second ? 'logs.amazonaws.com' : 's3.amazonaws.com');
    case 'Action':
    case 'NotAction':
      return json(second ? '*' : 'kms:DescribeKey');
    case 'Resource':
    case 'NotResource':
      return json('*');
    case 'Condition':
      if (inner.length < 2) return second ? '{}' : json(inner.length === 0 ? { StringEquals: NARROW } : NARROW);
      return json(valueOf(inner[1]!, number, choice));
    default:
      return json(`${MARK}${number}`);
  }
}

const NARROW = { 'aws:PrincipalOrgID': 'o-unresolved00' } as const;

function valueOf(name: string, number: number, { account, second }: Assumptions): string {
  const key = name.toLowerCase();
  const closed = valuesOf(key);
  if (closed) return closed[second ? closed.length - 1 : 0]!;
  if (key.endsWith('orgid')) return NARROW['aws:PrincipalOrgID'];
  if (key.endsWith('orgpaths')) return 'o-unresolved00/r-unre/ou-unre-unresolved/*';
  if (key.endsWith('account')) return account;
  if (key === 'kms:viaservice') return `s3.${DEFAULT_REGION}.amazonaws.com`;
  switch (conditionKey(key)?.type) {
    case 'ARN':
      return `arn:aws:iam::${account}:role/${MARK}${second ? 0 : number}`;
    case 'Bool':
      return second ? 'false' : 'true';
    case 'Numeric':
      return second ? '365' : '30';
    case 'Date':
      return '2030-01-01T00:00:00Z';
    case 'IPAddress':
      return second ? '198.51.100.7/32' : '192.0.2.1/32';
    default:
      return `${MARK}${second ? 0 : number}`;
  }
}
