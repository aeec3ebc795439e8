/**
 * CreateKey with a key ID and key material that were chosen beforehand, for files that are applied. It is no operation of
 * the API, and is checked, authorized and logged as CreateKey is.
 */
import { KEY_ID } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { blob, list, required, string, structure, type ValueOf } from '../../model/shape.ts';
import { keyMaterialId } from '../../crypto/backing-key.ts';
import type { KeyPairBytes } from '../../crypto/key-material.ts';
import type { KeySpec } from '../../crypto/key-spec.ts';
import type { BackingKey } from '../../keyring/kms-key.ts';
import { newKeyPairIfAny } from '../row/new-key-pair.ts';
import type { Call, Operation } from '../row/operation.ts';
import { createKey, makeKey, newMaterial, specOf } from './create-key.ts';
import { createKeyMembers } from './create-key-shapes.ts';

const input = structure({
  ...createKeyMembers,
  KeyId: required(string({ pattern: KEY_ID })),
  /** Bytes, or private keys as PKCS #8 DER; the last one is the current one. Absent: new material. */
  KeyMaterial: list(blob({ sensitive: true })),
});

export const createKeyWithId: Operation<typeof input.members, typeof createKey.output.members> = {
  ...createKey,
  input,
  step: ({ input: { KeyMaterial = [], ...key } }: Call<ValueOf<typeof input>>) =>
    KeyMaterial.length > 0 || key.Origin === 'EXTERNAL' ? undefined : newKeyPairIfAny(specOf(key)),
  async run(call, pair: KeyPairBytes | undefined) {
    const { KeyId: keyId, KeyMaterial = [], Origin } = call.input;
    if (call.input.CustomKeyStoreId !== undefined) {
      throw new KmsError('UnsupportedOperationException', 'A key in a custom key store cannot have a chosen key ID.');
    }
    const spec = specOf(call.input);
    const given = await givenMaterial(spec, { keyId, versions: KeyMaterial, now: call.now });
    const isNew = given.length === 0 && Origin !== 'EXTERNAL';
    const imported = Origin === 'EXTERNAL' ? given.map((one) => ({ ...one, expiration: {} })) : given;
    return {
      KeyMetadata: await makeKey(call, {
        keyId,
        backingKeys: isNew ? [await newMaterial({ spec, keyId, pair }, call)] : imported,
      }),
    };
  },
};

interface GivenMaterial {
  readonly keyId: string;
  readonly versions: readonly Uint8Array[];
  readonly now: number;
}

/** Versions that follow another one were rotated to. */
async function givenMaterial(spec: KeySpec, { keyId, versions, now }: GivenMaterial): Promise<readonly BackingKey[]> {
  if (versions.length > 1 && spec.type !== 'symmetric') {
    throw new KmsError('ValidationException', `a key with key spec ${spec.name} has one version of its key material`);
  }
  const { importKeyMaterial } = await import('../../crypto/key-material.ts');
  return versions.map((bytes, index) => {
    const material = importKeyMaterial(spec, bytes);
    if (!material) {
      throw new KmsError('ValidationException', `the key material of ${keyId} does not match key spec ${spec.name}`);
    }
    const rotated = index === 0 ? {} : ({ rotated: { time: now, type: 'ON_DEMAND' } } as const);
    return { id: keyMaterialId(keyId, material.secret), created: now, ...material, ...rotated };
  });
}
