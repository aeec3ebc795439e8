import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeySpecName, KeyUsage } from '../../../src/model/enumeration.ts';
import { fixture, newKey, refusal } from '../../support/fixture.ts';
import { caller, give, iam, type Given } from './callers.ts';

type Row = readonly [permission: string, operation: string, input: object];

const CONTEXT = { EncryptionContext: { Department: 'IT' } };
const PLAINTEXT = { Plaintext: Uint8Array.of(1) };
const MESSAGE = { Message: Uint8Array.of(1) };
const DRY = { DryRun: true };
const HMAC = { MacAlgorithm: 'HMAC_SHA_256' };
const ECDSA = { SigningAlgorithm: 'ECDSA_SHA_256' };

const EVERY_KEY: readonly Row[] = [
  ['DescribeKey', 'DescribeKey', {}],
  ['PutKeyPolicy', 'GetKeyPolicy', {}],
  ['DisableKey', 'DisableKey', {}],
];
const KEYS: readonly (readonly [KeySpecName, KeyUsage, readonly Row[]])[] = [
  [
    'SYMMETRIC_DEFAULT',
    'ENCRYPT_DECRYPT',
    [
      ['Encrypt', 'Encrypt', { ...PLAINTEXT, ...CONTEXT, ...DRY }],
      ['Decrypt', 'Decrypt', { ...CONTEXT, ...DRY, DryRunModifiers: ['IGNORE_CIPHERTEXT'] }],
      ['GenerateDataKey', 'GenerateDataKey', { NumberOfBytes: 16, ...CONTEXT, ...DRY }],
      ['GenerateDataKeyWithoutPlaintext', 'GenerateDataKeyWithoutPlaintext', { NumberOfBytes: 16, ...CONTEXT, ...DRY }],
      ['GenerateDataKeyPair', 'GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256', ...CONTEXT, ...DRY }],
      [
        'GenerateDataKeyPairWithoutPlaintext',
        'GenerateDataKeyPairWithoutPlaintext',
        { KeyPairSpec: 'ECC_NIST_P256', ...CONTEXT, ...DRY },
      ],
    ],
  ],
  [
    'HMAC_256',
    'GENERATE_VERIFY_MAC',
    [
      ['GenerateMac', 'GenerateMac', { ...MESSAGE, ...HMAC, ...DRY }],
      ['VerifyMac', 'VerifyMac', { ...MESSAGE, ...HMAC, Mac: new Uint8Array(32), ...DRY }],
    ],
  ],
  [
    'ECC_NIST_P256',
    'SIGN_VERIFY',
    [
      ['Sign', 'Sign', { ...MESSAGE, ...ECDSA, ...DRY }],
      ['Verify', 'Verify', { ...MESSAGE, ...ECDSA, Signature: new Uint8Array(70), ...DRY }],
      ['GetPublicKey', 'GetPublicKey', {}],
    ],
  ],
];

describe.each(KEYS)('a grant on a key of %s for %s', (KeySpec, KeyUsage, rows) => {
  test('allows what it lists, and never what it does not', async () => {
    const home = await fixture();
    const key = await newKey(home, { KeySpec, KeyUsage });
    const as = { caller: caller('alice') };
    const all = [...rows, ...EVERY_KEY];
    const grantable = [...rows.map(([permission]) => permission), 'DescribeKey', 'CreateGrant', 'RetireGrant'];
    const isAllowed = async (operation: string, input: object): Promise<boolean> => {
      const named = operation === 'Decrypt' || operation === 'DescribeKey' ? { KeyId: key.arn } : { KeyId: key.id };
      const call = home.call(operation, { ...named, ...input }, as);
      const code = await call.then(
        () => 'allowed',
        async (error: unknown) => (await refusal(Promise.reject(error as Error))).code,
      );
      expect(['allowed', 'DryRunOperationException', 'AccessDeniedException']).toContain(code);
      return code !== 'AccessDeniedException';
    };
    const grantOf = (operations: readonly string[]): object => ({
      GranteePrincipal: iam('user/bob'),
      Operations: operations,
      ...DRY,
    });
    const isRetirable = (given: Given): Promise<boolean> =>
      isAllowed('RetireGrant', { GrantId: given.GrantId, ...DRY });

    await fc.assert(
      fc.asyncProperty(
        fc.subarray(grantable, { minLength: 1 }),
        fc.constantFrom(...grantable),
        async (Operations, one) => {
          const given = await give(home, { KeyId: key.id, GranteePrincipal: iam('user/alice'), Operations });
          for (const [permission, operation, input] of all) {
            expect([permission, await isAllowed(operation, input)]).toEqual([
              permission,
              Operations.includes(permission),
            ]);
          }
          expect(await isAllowed('CreateGrant', grantOf(Operations))).toBe(Operations.includes('CreateGrant'));
          const mayPassOn = Operations.includes('CreateGrant') && Operations.includes(one);
          expect(await isAllowed('CreateGrant', grantOf([one]))).toBe(mayPassOn);
          expect(await isRetirable(given)).toBe(Operations.includes('RetireGrant'));
          await home.call('RevokeGrant', { KeyId: key.id, GrantId: given.GrantId });
        },
      ),
      { numRuns: 40 },
    );
  });
});
