/** Rotation of key material: schedule, on-demand rotation, list of rotations. */
import { text } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import { type ValueOf } from '../../model/shape.ts';
import { transitionTimeOf } from '../../keyring/due.ts';
import { isImported } from '../../keyring/imported-material.ts';
import { changeKey, synchronizeAt } from '../../keyring/key-jobs.ts';
import type { BackingKey, KmsKey } from '../../keyring/kms-key.ts';
import { relatedKeys } from '../../keyring/multi-region.ts';
import { DAY, MINUTE } from '../../keyring/time.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { refuseReplica, requireSymmetric } from './key-kind.ts';
import { operation } from '../row/operation.ts';
import { pageOfItems } from '../row/page.ts';
import { key, keyOf } from '../row/target.ts';
import * as shapes from './rotation-shapes.ts';

const DEFAULT_PERIOD = 365;
/** Public model, RotateKeyOnDemand. */
const MAX_ON_DEMAND = 25;
/** An automatic rotation within this time prevents an on-demand rotation (ConflictException). */
const NEAR = 20 * MINUTE;

export const enableKeyRotation = operation({
  ...shapes.enableKeyRotation,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'EnableKeyRotation')],
  origins: ['AWS_KMS'],
  state: 'use',
  requireKey(_, [found]) {
    requireSymmetric(found!);
    refuseReplica(found!);
  },
  conditions: [text('kms:RotationPeriodInDays', 'RotationPeriodInDays', { default: String(DEFAULT_PERIOD) })],
  log: {
    request: ({ RotationPeriodInDays = DEFAULT_PERIOD }) => ({ rotationPeriodInDays: RotationPeriodInDays }),
    response: 'keyId',
  },
  run(call) {
    const { key: found } = keyOf(call);
    const periodInDays = call.input.RotationPeriodInDays ?? DEFAULT_PERIOD;
    // enabling it again does not postpone the next rotation; another period starts now
    if (found.rotation?.periodInDays === periodInDays) return {};
    changeKey(call.tx, found, { ...found, rotation: { periodInDays, next: call.now + periodInDays * DAY } });
    synchronizeAt(call.tx, found, call.now);
    return {};
  },
});

export const disableKeyRotation = operation({
  ...shapes.disableKeyRotation,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'DisableKeyRotation')],
  // asymmetric and HMAC keys are not refused: there is nothing to disable
  origins: ['AWS_KMS'],
  state: 'use',
  requireKey: (_, [found]) => refuseReplica(found!),
  run(call) {
    const { key: found } = keyOf(call);
    const { rotation, ...kept } = found;
    if (!rotation) return {};
    changeKey(call.tx, found, kept);
    synchronizeAt(call.tx, found, call.now);
    return {};
  },
});

export const getKeyRotationStatus = operation({
  ...shapes.getKeyRotationStatus,
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'GetKeyRotationStatus')],
  // Imported material answers too: false, and whether a rotation on demand is in progress. The footnotes of "Key
  // states of AWS KMS keys" that refuse it are older than its rotation on demand.
  origins: ['AWS_KMS', 'EXTERNAL'],
  state: 'any',
  run(call) {
    const { key: found, arn } = keyOf(call);
    const { onDemandRotation } = found;
    const inProgress = onDemandRotation ? { OnDemandRotationStartDate: new Date(onDemandRotation.started) } : {};
    const rotation = isPendingDeletion(found) ? undefined : found.rotation;
    if (!rotation) return { KeyRotationEnabled: false, KeyId: arn, ...inProgress };
    return {
      KeyRotationEnabled: true,
      KeyId: arn,
      RotationPeriodInDays: rotation.periodInDays,
      // of a key that was disabled when it was due there is no date
      ...(rotation.next > call.now ? { NextRotationDate: new Date(rotation.next) } : {}),
      ...inProgress,
    };
  },
});

const isPendingDeletion = ({ state }: KmsKey): boolean =>
  state === 'PendingDeletion' || state === 'PendingReplicaDeletion';

export const rotateKeyOnDemand = operation({
  ...shapes.rotateKeyOnDemand,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'RotateKeyOnDemand')],
  origins: ['AWS_KMS', 'EXTERNAL'],
  state: 'use',
  requireKey(_, [found]) {
    requireSymmetric(found!);
    refuseReplica(found!);
  },
  log: { response: 'keyId' },
  async run(call) {
    const { key: found, arn } = keyOf(call);
    const { tx, now } = call;
    if (found.onDemandRotation || (found.rotation && found.rotation.next - now <= NEAR)) {
      // AWS's own text is not known
      throw new KmsError(
        'ConflictException',
        `A rotation of ${arn} is in progress or scheduled to begin within the next 20 minutes.`,
      );
    }
    const before = found.onDemandRotations ?? 0;
    if (before >= MAX_ON_DEMAND) {
      throw new KmsError(
        'LimitExceededException',
        `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arn}`,
      );
    }
    if (found.origin === 'EXTERNAL' && (await pendingState(tx, found)) !== 'PENDING_ROTATION') {
      throw new KmsError('KMSInvalidStateException', `No available key material pending rotation for the key: ${arn}.`);
    }
    const onDemandRotation = { started: now, ends: now + transitionTimeOf(tx.settings) };
    changeKey(tx, found, { ...found, onDemandRotations: before + 1, onDemandRotation });
    return { KeyId: arn };
  },
});

type PendingState = 'PENDING_ROTATION' | 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION';

/** New imported material can become current when every related key has it (public model, KeyMaterialState). */
async function pendingState(tx: Transaction, found: KmsKey): Promise<PendingState | undefined> {
  const { pendingMaterial } = found;
  if (!pendingMaterial) return undefined;
  const all = [found, ...(await relatedKeys(tx, found))];
  const everywhere = all.every((related) => related.pendingMaterial && isImported(related.pendingMaterial));
  return everywhere ? 'PENDING_ROTATION' : 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION';
}

type RotationsListEntry = ValueOf<typeof shapes.rotationsListEntry>;

export const listKeyRotations = operation({
  ...shapes.listKeyRotations,
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'ListKeyRotations')],
  origins: ['AWS_KMS', 'EXTERNAL'],
  state: 'any',
  requireKey: (_, [found]) => requireSymmetric(found!),
  async run(call) {
    const { tx, input } = call;
    const { key: found, arn } = keyOf(call);
    const current = found.backingKeys.at(-1);
    const entries = found.backingKeys.map((material) =>
      listed(found, material, material === current ? 'CURRENT' : 'NON_CURRENT'),
    );
    const waiting = await pendingState(tx, found);
    const all = waiting ? [...entries, listed(found, found.pendingMaterial!, waiting)] : entries;
    // the first material and pending material are not rotations
    const wanted = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL' ? all : all.filter((entry) => entry.RotationDate);
    const list = `rotations of ${arn} ${input.IncludeKeyMaterial ?? ''}`;
    const rules = { default: 100, max: 1000 };
    const { items, ...rest } = pageOfItems(tx, {
      list,
      all: wanted,
      nameOf: ({ KeyMaterialId: id }) => id!,
      request: input,
      rules,
    });
    return { Rotations: items, ...rest };
  },
});

function listed(
  { keyId, origin }: KmsKey,
  material: BackingKey,
  KeyMaterialState: RotationsListEntry['KeyMaterialState'],
): RotationsListEntry {
  const { id, rotated } = material;
  return {
    KeyId: keyId,
    KeyMaterialId: id,
    ...(origin === 'EXTERNAL' ? importMembers(material) : {}),
    KeyMaterialState,
    ...(rotated ? { RotationDate: new Date(rotated.time), RotationType: rotated.type } : {}),
  };
}

function importMembers(material: BackingKey): Partial<RotationsListEntry> {
  const { description, expiration } = material;
  const validTo = expiration?.validTo;
  return {
    ...(description === undefined ? {} : { KeyMaterialDescription: description }),
    ImportState: isImported(material) ? 'IMPORTED' : 'PENDING_IMPORT',
    ...(expiration && validTo === undefined ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } : {}),
    ...(validTo === undefined ? {} : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(validTo) }),
  };
}
