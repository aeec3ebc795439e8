import { expect, test } from 'vitest';
import { aliasArn, arnText, isAliasIdentifier, keyArn, parseArn, parseArnPattern } from '../../src/model/arn.ts';
import { rootArn } from '../../src/model/principal-arn.ts';

const HOME = { account: '111122223333', region: 'us-east-1' };

test.each([
  ['arn:aws:kms:us-east-1:111122223333:key/a', ['aws', 'kms', 'us-east-1', '111122223333', 'key/a']],
  ['arn:aws:iam::111122223333:role/a:b:c', ['aws', 'iam', '', '111122223333', 'role/a:b:c']],
  ['arn:aws:s3:::bucket', ['aws', 's3', '', '', 'bucket']],
  ['arn:aws:s3:::', ['aws', 's3', '', '', '']],
  ['arn:*:*:*:*:*', ['*', '*', '*', '*', '*']],
])('%s has five parts, and is written back as it was', (text, parts) => {
  const arn = parseArn(text)!;
  expect(Object.values(arn)).toEqual(parts);
  expect(arnText(arn)).toBe(text);
});

test.each([
  '',
  'arn',
  'arn:',
  'arn:aws:kms:us-east-1:111122223333',
  'arn::kms:us-east-1:111122223333:key/a',
  'arn:aws::us-east-1:111122223333:key/a',
  'ARN:aws:kms:us-east-1:111122223333:key/a',
  ' arn:aws:kms:us-east-1:111122223333:key/a',
  '*:*:*:*:*:*',
  'alias/a',
])('%j is no ARN', (text) => expect(parseArn(text)).toBeUndefined());

test('in a pattern the beginning may be one too, but no part is left out', () => {
  expect(parseArnPattern('*:*:*:*:*:*')).toMatchObject({ partition: '*', resource: '*' });
  expect(parseArnPattern('arn:aws:*')).toBeUndefined();
});

test('the partition is that of the Region', () => {
  expect(keyArn(HOME, 'a')).toBe('arn:aws:kms:us-east-1:111122223333:key/a');
  expect(aliasArn({ ...HOME, region: 'cn-north-1' }, 'alias/a')).toBe('arn:aws-cn:kms:cn-north-1:111122223333:alias/a');
  expect(rootArn(HOME.account, 'us-gov-west-1')).toBe('arn:aws-us-gov:iam::111122223333:root');
});

test.each([
  ['alias/a', true],
  ['arn:aws:kms:us-east-1:111122223333:alias/a', true],
  ['arn:aws:kms:us-east-1:111122223333:key/alias/a', false],
  ['arn:aws:s3:us-east-1:111122223333:alias/a', false],
  ['a/alias/a', false],
])('%s names an alias: %s', (text, is) => expect(isAliasIdentifier(text)).toBe(is));
