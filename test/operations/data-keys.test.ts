import { beforeEach, describe, expect, test } from 'vitest';
import { newKey, refusal } from '../support/fixture.ts';
import { stage, type Stage } from './stage.ts';

let on: Stage;
beforeEach(async () => {
  on = await stage();
});

const OPERATIONS = ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'] as const;
const EITHER = { code: 'ValidationException', message: 'Please specify either number of bytes or key spec.' };

const sizes: readonly [input: object, bytes: number][] = [
  [{ KeySpec: 'AES_256' }, 32],
  [{ KeySpec: 'AES_128' }, 16],
  [{ NumberOfBytes: 1 }, 1],
  [{ NumberOfBytes: 64 }, 64],
  [{ NumberOfBytes: 1024 }, 1024],
];

describe('a data key', () => {
  test.each(sizes)('of %j: %i bytes, which its ciphertext opens to', async (size, bytes) => {
    const input = { KeyId: on.key.id, EncryptionContext: { a: 'b' }, ...size };
    const made = await on.call('GenerateDataKey', input);
    expect(Object.keys(made).sort()).toEqual(['CiphertextBlob', 'KeyId', 'KeyMaterialId', 'Plaintext']);
    expect((made['Plaintext'] as Uint8Array).length).toBe(bytes);
    const CiphertextBlob = made['CiphertextBlob'];
    expect(await on.call('Decrypt', { CiphertextBlob, EncryptionContext: { a: 'b' } })).toMatchObject({
      Plaintext: made['Plaintext'],
      KeyId: on.key.arn,
      KeyMaterialId: made['KeyMaterialId'],
    });
    expect(await refusal(on.call('Decrypt', { CiphertextBlob }))).toMatchObject({ code: 'InvalidCiphertextException' });
  });

  test.each(sizes)('without plaintext, of %j', async (size, bytes) => {
    const made = await on.call('GenerateDataKeyWithoutPlaintext', { KeyId: on.key.id, ...size });
    expect(Object.keys(made).sort()).toEqual(['CiphertextBlob', 'KeyId', 'KeyMaterialId']);
    const opened = await on.call('Decrypt', { CiphertextBlob: made['CiphertextBlob'] });
    expect((opened['Plaintext'] as Uint8Array).length).toBe(bytes);
    // the key that was wiped after sealing is not what was sealed
    if (bytes > 8) expect(opened['Plaintext']).not.toEqual(new Uint8Array(bytes));
  });

  test('is never the same', async () => {
    const keys = new Set<string>();
    for (let more = 0; more < 20; more += 1) {
      const { Plaintext } = await on.call('GenerateDataKey', { KeyId: on.key.id, KeySpec: 'AES_256' });
      keys.add(Buffer.from(Plaintext as Uint8Array).toString('hex'));
    }
    expect(keys.size).toBe(20);
  });
});

describe.each(OPERATIONS)('%s', (operation) => {
  const call = (input: object, KeyId = on.key.id) => on.call(operation, { KeyId, ...input });

  test('neither size or both', async () => {
    expect(await refusal(call({}))).toEqual(EITHER);
    expect(await refusal(call({ KeySpec: 'AES_256', NumberOfBytes: 32 }))).toEqual(EITHER);
  });

  test('the size is looked at after the key was looked up, before its state', async () => {
    expect(await refusal(call({}, '00000000-0000-4000-8000-000000000000'))).toMatchObject({
      code: 'NotFoundException',
    });
    await on.call('DisableKey', { KeyId: on.key.id });
    expect(await refusal(call({}))).toEqual(EITHER);
    expect(await refusal(call({ KeySpec: 'AES_256' }))).toMatchObject({ code: 'DisabledException' });
  });

  const sizesRefused: readonly [input: object, message: string][] = [
    [
      { NumberOfBytes: 0 },
      "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { NumberOfBytes: 1025 },
      "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    ],
    [
      { KeySpec: 'AES_512' },
      "Value 'AES_512' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
    ],
  ];
  test.each(sizesRefused)('%j', async (input, message) => {
    expect(await refusal(call(input))).toEqual({
      code: 'ValidationException',
      message: `1 validation error detected: ${message}`,
    });
  });

  test('a size that is no integer', async () => {
    expect(await refusal(call({ NumberOfBytes: 1.5 }))).toEqual({
      code: 'SerializationException',
      message: 'NUMBER_VALUE can not be converted to a Integer',
    });
  });

  const external = { Origin: 'EXTERNAL' };
  const kinds: readonly [name: string, input: object, code: string, message: (arn: string) => string][] = [
    [
      'an asymmetric key, told before its state',
      { ...external, KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
      'InvalidKeyUsageException',
      () => 'You cannot generate a data key with an asymmetric CMK',
    ],
    [
      'an HMAC key, told before its state',
      { ...external, KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
      'InvalidKeyUsageException',
      (arn) => `${arn} key usage is GENERATE_VERIFY_MAC which is not valid for ${operation}.`,
    ],
    ['a key without material', external, 'KMSInvalidStateException', (arn) => `${arn} is pending import.`],
  ];
  test.each(kinds)('under %s', async (_, input, code, message) => {
    const { id, arn } = await newKey(on, input);
    expect(await refusal(call({ KeySpec: 'AES_256' }, id))).toEqual({ code, message: message(arn) });
  });
});

describe('GenerateRandom', () => {
  test.each([1, 32, 1024])('%i bytes', async (NumberOfBytes) => {
    const answer = await on.call('GenerateRandom', { NumberOfBytes });
    expect(Object.keys(answer)).toEqual(['Plaintext']);
    expect((answer['Plaintext'] as Uint8Array).length).toBe(NumberOfBytes);
  });

  const refused: readonly [input: object, code: string, message: string][] = [
    [{}, 'ValidationException', 'NumberOfBytes is required.'],
    [
      { NumberOfBytes: 0 },
      'ValidationException',
      "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { NumberOfBytes: 1025 },
      'ValidationException',
      "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024",
    ],
  ];
  test.each(refused)('%j', async (input, code, message) => {
    expect(await refusal(on.call('GenerateRandom', input))).toEqual({ code, message });
  });

  test('from a custom key store that is not there', async () => {
    const call = on.call('GenerateRandom', { NumberOfBytes: 1, CustomKeyStoreId: 'cks-1234567890abcdef0' });
    expect(await refusal(call)).toMatchObject({ code: 'CustomKeyStoreNotFoundException' });
  });
});
