import { expect, test } from 'vitest';
import { defaultKeyPolicy } from '../../src/policy/default-policy.ts';
import { policyProblems } from '../../src/policy/write-check.ts';

test('prints as AWS prints it', () => {
  // the yaml example of GetKeyPolicy in the AWS CLI reference, unfolded
  expect(defaultKeyPolicy({ account: '111122223333', region: 'us-west-2' })).toBe(
    '{\n  "Version" : "2012-10-17",\n  "Id" : "key-default-1",\n  "Statement" : [ {\n    "Sid" : "Enable IAM User Permissions",\n    "Effect" : "Allow",\n    "Principal" : {\n      "AWS" : "arn:aws:iam::111122223333:root"\n    },\n    "Action" : "kms:*",\n    "Resource" : "*"\n  } ]\n}',
  );
});

test.each([
  ['cn-north-1', 'arn:aws-cn:iam::111122223333:root'],
  ['us-gov-west-1', 'arn:aws-us-gov:iam::111122223333:root'],
])('in %s it names %s', (region, arn) => {
  const policy = defaultKeyPolicy({ account: '111122223333', region });
  expect(JSON.parse(policy).Statement[0].Principal.AWS).toBe(arn);
  expect(policyProblems(policy)).toEqual([]);
});
