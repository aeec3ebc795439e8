import { describe, expect, test } from 'vitest';
import { isPrincipal, readPrincipalArn } from '../../src/model/principal-arn.ts';
import { callerOf } from '../../src/policy/principal.ts';

const A = '111122223333';
const known: readonly (readonly [arn: string, kind: string, name: string])[] = [
  [`arn:aws:iam::${A}:root`, 'root', ''],
  [`arn:aws:iam::${A}:user/Alice`, 'user', 'Alice'],
  [`arn:aws:iam::${A}:user/people/here/a.b+c=d,e@f-g`, 'user', 'a.b+c=d,e@f-g'],
  [`arn:aws-cn:iam::${A}:role/App`, 'session', 'App'],
  [
    `arn:aws-us-gov:iam::${A}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX`,
    'session',
    'AWSServiceRoleForX',
  ],
  [`arn:aws:sts::${A}:assumed-role/App/i-0abc`, 'session', 'App'],
  [`arn:aws:sts::${A}:assumed-role/aws:ec2-infrastructure/i-1234567890abcdef0`, 'session', 'aws:ec2-infrastructure'],
  [`arn:aws:sts::${A}:federated-user/Bob`, 'federated', 'Bob'],
];

test.each(known)('%s is a principal', (arn, kind, name) => {
  expect(readPrincipalArn(arn)).toMatchObject({ account: A, name });
  expect(callerOf(arn)).toMatchObject({ kind, account: A });
});

const nobody = [
  '',
  ' ',
  '*',
  A,
  'Alice',
  'undefined',
  'null',
  'arn',
  'arn:aws:iam',
  'arn:aws:iam::root',
  `arn:aws:iam:${A}:root`,
  `arn:aws:iam::${A}:`,
  `arn:aws:iam::${A}:roots`,
  `arn:aws:iam::${A}:root/x`,
  `arn:aws:iam::${A}:ROOT`,
  `arn:aws:iam::${A}:user`,
  `arn:aws:iam::${A}:user/`,
  `arn:aws:iam::${A}:user/a b`,
  `arn:aws:iam::${A}:user/a\n`,
  `arn:aws:iam::${A}:user/*`,
  `arn:aws:iam::${A}:group/x`,
  `arn:aws:iam::${A}:policy/x`,
  `arn:aws:iam::${A}:other/x`,
  `arn:aws:iam::${A}:assumed-role/App/x`,
  `arn:aws:iam:us-east-1:${A}:root`,
  'arn:aws:iam::11112222333:root',
  'arn:aws:iam::1111222233334:root',
  'arn:aws:iam::11112222333x:root',
  `arn::iam::${A}:root`,
  `arn:aws-mars:iam::${A}:root`,
  `ARN:aws:iam::${A}:root`,
  ` arn:aws:iam::${A}:root`,
  `arn:aws:kms::${A}:root`,
  `arn:aws:sts::${A}:root`,
  `arn:aws:sts::${A}:assumed-role/App`,
  `arn:aws:sts::${A}:assumed-role/App/`,
  `arn:aws:sts::${A}:assumed-role/App/a/b`,
  `arn:aws:sts::${A}:federated-user/Bob/x`,
  `arn:aws:sts::${A}:role/App`,
  'amazonaws.com',
  'x.amazonaws.com.evil.example',
  'S3.amazonaws.com',
];

describe('what is no known form of a principal is an error, and never the root user', () => {
  test.each(nobody)('%j', (text) => {
    expect(isPrincipal(text)).toBe(false);
    expect(() => callerOf(text)).toThrow('a principal must be an ARN of a user, role, role session');
  });
});

test.each(['s3.amazonaws.com', 'lambda.us-east-1.amazonaws.com', 'kms.aws.internal', 'ec2.amazonaws.com.cn'])(
  '%s is a service',
  (name) => {
    expect(isPrincipal(name)).toBe(true);
    expect(callerOf(name)).toEqual({ kind: 'service', arn: name });
  },
);
