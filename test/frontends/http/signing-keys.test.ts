/** Signing keys: their derivation, and which are remembered. */
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../../src/crypto/bytes.ts';
import { Secret } from '../../../src/crypto/secret.ts';
import { SigningKeys } from '../../../src/frontends/http/signing-keys.ts';

const secret = (): Secret => new Secret(utf8('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'));
const IAM = { date: '20120215', region: 'us-east-1', service: 'iam' };

test('is derived as in the example of the AWS General Reference, "Examples of how to derive a signing key"', () => {
  expect(hex(new SigningKeys(secret()).keyFor(IAM).expose())).toBe(
    'f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d',
  );
});

test('is derived once for a scope in which a signature was valid', () => {
  const keys = new SigningKeys(secret());
  const first = keys.keyFor(IAM);
  expect(keys.keyFor(IAM)).not.toBe(first);
  keys.remember(IAM, first);
  expect(keys.keyFor(IAM)).toBe(first);
  for (const other of [{ date: '20120216' }, { region: 'eu-west-1' }, { service: 'kms' }]) {
    expect(keys.keyFor({ ...IAM, ...other }).equals(first)).toBe(false);
  }
});

test('the oldest of more than 16 is forgotten, and wiped', () => {
  const keys = new SigningKeys(secret());
  const first = keys.keyFor(IAM);
  keys.remember(IAM, first);
  for (let day = 10; day < 25; day += 1) remember(`201301${day}`);
  expect(keys.keyFor(IAM)).toBe(first);
  remember('20130125');
  expect(keys.keyFor(IAM)).not.toBe(first);
  expect(first.expose().every((byte) => byte === 0)).toBe(true);

  function remember(date: string): void {
    const scope = { ...IAM, date };
    keys.remember(scope, keys.keyFor(scope));
  }
});
