import { expect, test } from 'vitest';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callNamed, fixture, REGION, ROOT } from '../support/fixture.ts';

test('a defect of ours changes nothing, is logged as KMSInternalException, and is thrown as it is', async () => {
  const f = await fixture();
  const { KeyMetadata } = (await f.call('CreateKey')) as { KeyMetadata: { KeyId: string } };
  const broken = createKms({
    keyring: f.keyring,
    clock: () => f.now,
    random: (length) => {
      if (length === 12) throw new TypeError('broken source'); // the IV of an encryption
      return f.random(length);
    },
  });
  const input = { KeyId: KeyMetadata.KeyId, Plaintext: new Uint8Array([1]) };
  const call = { operation: 'Encrypt', input, caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
  await expect(callNamed(broken, call)).rejects.toThrow(new TypeError('broken source'));
  expect(f.events().at(-1)).toMatchObject({
    eventName: 'Encrypt',
    errorCode: 'KMSInternalException',
    responseElements: null,
  });
  expect(f.events().at(-1)).not.toHaveProperty('errorMessage');
  await expect(f.call('Encrypt', input)).resolves.toHaveProperty('CiphertextBlob');
});
