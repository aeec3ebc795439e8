/**
 * Imported key material: its wrapping key and token, the import, and its deletion (AWS KMS Developer Guide, Importing
 * key material for AWS KMS keys).
 */
import { privateKeyObject } from '../../crypto/key-object.ts';
import { type KeySpecName } from '../../model/enumeration.ts';
import { seconds, text } from '../../policy/input-condition.ts';
import { keyArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { type ValueOf } from '../../model/shape.ts';
import { keyMaterialId } from '../../crypto/backing-key.ts';
import { unwrappingTakesLong, wrappingOf } from '../../crypto/import-wrapping.ts';
import {
  keyMaterialOf,
  keyPairMaterial,
  type KeyMaterial,
  type KeyMaterialBytes,
  type KeyPairBytes,
} from '../../crypto/key-material.ts';
import { checkRegion, KEY_SPECS } from '../../crypto/key-spec.ts';
import { uuid } from '../../crypto/uuid.ts';
import { dueFor, putDue } from '../../keyring/due.ts';
import { findMaterial, inStateOfMaterial, replaceMaterial, withoutSecret } from '../../keyring/imported-material.ts';
import { changeKey, resumed, synchronizeAt } from '../../keyring/key-jobs.ts';
import type { BackingKey, KmsKey } from '../../keyring/kms-key.ts';
import { isReplica } from '../../keyring/multi-region.ts';
import { DAY } from '../../keyring/time.ts';
import { findWrappingKey, putWrappingKey, type WrappingKeyRecord } from '../../keyring/wrapping-key.ts';
import { invalidCiphertext } from '../encryption/invalid-ciphertext.ts';
import { importTokenExpired, makeImportToken, readImportToken } from './import-token.ts';
import { newKeyPair } from '../row/new-key-pair.ts';
import { operation, type Call, type Step } from '../row/operation.ts';
import { placeOf } from '../row/step-place.ts';
import { key, keyOf } from '../row/target.ts';
import * as shapes from './imports-shapes.ts';

/** API reference, GetParametersForImport: 24 hours */
const PARAMETERS_VALID = DAY;
/** API reference, ImportKeyMaterial, ValidTo */
const MAX_VALID = 365 * DAY;

const IMPORTED = ['EXTERNAL'] as const;

export const getParametersForImport = operation({
  ...shapes.getParametersForImport,
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'GetParametersForImport')],
  origins: IMPORTED,
  state: 'import-parameters',
  conditions: [text('kms:WrappingAlgorithm', 'WrappingAlgorithm'), text('kms:WrappingKeySpec', 'WrappingKeySpec')],
  requireKey: ({ WrappingAlgorithm: wrappingAlgorithm, WrappingKeySpec: wrappingKeySpec }, [found]) => {
    checkRegion(KEY_SPECS[wrappingKeySpec], found!.region, 'WrappingKeySpec');
    wrappingOf({ wrappingAlgorithm, wrappingKeySpec, material: KEY_SPECS[found!.spec] });
  },
  step: ({ input }: Call<{ readonly WrappingKeySpec: KeySpecName }>) => newKeyPair(KEY_SPECS[input.WrappingKeySpec]),
  run(call, pair: KeyPairBytes) {
    const { key: found, arn } = keyOf(call);
    const { tx, now, random } = call;
    const { WrappingAlgorithm: wrappingAlgorithm, WrappingKeySpec: wrappingKeySpec } = call.input;
    const { secret: privateKey, publicKey } = keyPairMaterial(pair);
    const id = uuid(random);
    const validTo = now + PARAMETERS_VALID;
    putWrappingKey(tx, { ...found, id }, { wrappingAlgorithm, wrappingKeySpec, privateKey });
    putDue(tx, dueFor(found, { kind: 'forget-wrapping-key', item: id, time: validTo }));
    return {
      KeyId: arn,
      ImportToken: makeImportToken(tx, arn, { wrappingKeyId: id, validTo }),
      PublicKey: publicKey,
      ParametersValidTo: new Date(validTo),
    };
  },
});

type ImportInput = ValueOf<typeof shapes.importInput>;

export const importKeyMaterial = operation({
  ...shapes.importKeyMaterial,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'ImportKeyMaterial')],
  validateMembers: checkImport,
  origins: IMPORTED,
  state: 'import',
  requireKey: (input, [found]) => refuseSymmetricMembers(input, found!),
  // neither is there when it was not sent
  conditions: [text('kms:ExpirationModel', 'ExpirationModel'), seconds('kms:ValidTo', 'ValidTo')],
  log: { response: ({ KeyId, KeyMaterialId }) => ({ keyId: KeyId, keyMaterialId: KeyMaterialId }) },
  async step(call: Call<ImportInput>): Promise<Step<KeyMaterialBytes>> {
    checkValidTo(call.input.ValidTo, call.now);
    return unwrapping(call, await wrappingKeyOf(call));
  },
  run(call, unwrapped: KeyMaterialBytes) {
    const { tx, now, input } = call;
    const { key: found, arn } = keyOf(call);
    const material = incoming(found, keyMaterialOf(unwrapped), { now, input });
    const isNew = checkImportType(found, material, input);
    const changed = isNew ? withNewMaterial(found, material) : replaceMaterial(found, material);
    changeKey(tx, found, resumed(inStateOfMaterial(changed), now));
    if (isNew) synchronizeAt(tx, found, now);
    return { KeyId: arn, KeyMaterialId: material.id };
  },
});

/** The first text is AWS's, the others are ours. */
function checkImport({ ExpirationModel, ValidTo, ImportType, KeyMaterialId }: ImportInput): void {
  const refuse = (text: string): never => {
    throw new KmsError('ValidationException', text);
  };
  const expires = ExpirationModel !== 'KEY_MATERIAL_DOES_NOT_EXPIRE';
  if (expires && !ValidTo) refuse('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES');
  if (!expires && ValidTo)
    refuse('A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE');
  if (ImportType === 'NEW_KEY_MATERIAL' && KeyMaterialId !== undefined) {
    refuse('A keyMaterialId cannot be set if the ImportType is NEW_KEY_MATERIAL');
  }
}

function refuseSymmetricMembers(
  { ImportType, KeyMaterialDescription, KeyMaterialId }: ImportInput,
  { spec }: KmsKey,
): void {
  const members = Object.entries({ ImportType, KeyMaterialDescription, KeyMaterialId });
  const given = members.find(([, value]) => value !== undefined);
  if (KEY_SPECS[spec].type === 'symmetric' || !given) return;
  throw new KmsError('ValidationException', `${given[0]} can only be used with symmetric encryption keys.`);
}

function checkValidTo(validTo: Date | undefined, now: number): void {
  if (!validTo) return;
  if (validTo.getTime() > now && validTo.getTime() <= now + MAX_VALID) return;
  throw new KmsError('ValidationException', 'ValidTo must be in the future, at most 365 days from now.');
}

async function wrappingKeyOf({ tx, now, input, ...call }: Call<ImportInput>): Promise<WrappingKeyRecord> {
  const { key: found, arn } = keyOf(call);
  const id = readImportToken(tx, input.ImportToken, { arn, now });
  const wrappingKey = await findWrappingKey(tx, { ...found, id });
  if (!wrappingKey) throw importTokenExpired(); // deleted when it expired, even if the clock goes back
  return wrappingKey;
}

/** Unwraps the material, and checks it. */
function unwrapping(
  call: Call<ImportInput>,
  { privateKey, wrappingAlgorithm, wrappingKeySpec }: WrappingKeyRecord,
): Step<KeyMaterialBytes> {
  const keySpec = KEY_SPECS[keyOf(call).key.spec];
  return {
    place: placeOf(unwrappingTakesLong(wrappingKeySpec, keySpec)),
    basis: [privateKey],
    async work({ compute }) {
      const unwrapped = await compute('unwrapKeyMaterial', {
        key: privateKeyObject(privateKey),
        wrappingAlgorithm,
        wrappingKeySpec,
        keySpec: keySpec.name,
        wrapped: call.input.EncryptedKeyMaterial,
      });
      if (unwrapped === 'not-wrapped') throw invalidCiphertext();
      if (unwrapped === 'not-fitting') throw incorrectMaterial(`It is no key material of key spec ${keySpec.name}.`);
      return unwrapped;
    },
  };
}

/** AWS's own text is not known. */
const incorrectMaterial = (why: string): KmsError =>
  new KmsError('IncorrectKeyMaterialException', `The key material in the request is not what is expected. ${why}`);

/** A new import of known material keeps its position and, unless a new one is given, its description. */
function incoming(
  found: KmsKey,
  material: KeyMaterial,
  { now, input }: { readonly now: number; readonly input: ImportInput },
): BackingKey {
  const id = keyMaterialId(found.keyId, material.secret);
  return {
    ...(findMaterial(found, id) ?? { id, created: now }),
    ...material,
    expiration: input.ValidTo ? { validTo: input.ValidTo.getTime() } : {},
    ...(input.KeyMaterialDescription === undefined ? {} : { description: input.KeyMaterialDescription }),
  };
}

/** @returns whether the key has never had this material before */
function checkImportType(found: KmsKey, { id }: BackingKey, { ImportType, KeyMaterialId }: ImportInput): boolean {
  const isKnown = findMaterial(found, id) !== undefined;
  const isFirst = found.backingKeys.length === 0;
  const type = ImportType ?? (isFirst ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL');
  if (KeyMaterialId !== undefined && KeyMaterialId !== id) {
    throw incorrectMaterial(`Its key material ID is not ${KeyMaterialId}.`);
  }
  if (type === 'EXISTING_KEY_MATERIAL' && !isKnown) {
    throw incorrectMaterial('It was not imported into this KMS key before.');
  }
  if (type === 'NEW_KEY_MATERIAL' && isKnown) {
    throw incorrectMaterial('It is associated with this KMS key already.');
  }
  return !isKnown;
}

/** The first material is current at once; a later one waits for RotateKeyOnDemand, one at a time. */
function withNewMaterial(found: KmsKey, material: BackingKey): KmsKey {
  const { pendingMaterial } = found;
  if (isReplica(found)) {
    throw new KmsError(
      'UnsupportedOperationException',
      'New key material can only be imported into a multi-region primary key.',
    );
  }
  if (found.backingKeys.length === 0) return { ...found, backingKeys: [material] };
  if (!pendingMaterial) return { ...found, pendingMaterial: material };
  throw new KmsError(
    'KMSInvalidStateException',
    `New key material (id: ${material.id}) cannot be imported into KMS key ${keyArn(found, found.keyId)}, because another key material (id: ${pendingMaterial.id}) is pending rotation.`,
  );
}

export const deleteImportedKeyMaterial = operation({
  ...shapes.deleteImportedKeyMaterial,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'DeleteImportedKeyMaterial')],
  origins: IMPORTED,
  state: 'delete-material',
  log: {
    response: ({ KeyId, KeyMaterialId }) => ({
      keyId: KeyId,
      ...(KeyMaterialId === undefined ? {} : { keyMaterialId: KeyMaterialId }),
    }),
  },
  run(call) {
    const { tx, now } = call;
    const { key: found, arn } = keyOf(call);
    const id = call.input.KeyMaterialId ?? found.backingKeys.at(-1)?.id;
    if (id === undefined) return { KeyId: arn };
    const material = findMaterial(found, id);
    if (!material) {
      throw new KmsError('NotFoundException', `Key material '${id}' is not associated with ${arn}`);
    }
    const { pendingMaterial, ...permanent } = found;
    // material that waits for its rotation is removed, from a primary's replicas too (public model)
    const vanishes = pendingMaterial?.id === id && !isReplica(found);
    changeKey(tx, found, inStateOfMaterial(vanishes ? permanent : replaceMaterial(found, withoutSecret(material))));
    if (vanishes) synchronizeAt(tx, found, now);
    return { KeyId: arn, KeyMaterialId: id };
  },
});
