/** KMS keys: describe, list, enable, disable, update, delete. */
import { text } from '../../policy/input-condition.ts';
import { keyArn, type Home } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { localeDate } from '../../audit/request-parameters.ts';
import { inStateOfMaterial } from '../../keyring/imported-material.ts';
import { changeKey, resumed } from '../../keyring/key-jobs.ts';
import { keysPath, putKey } from '../../keyring/kms-key.ts';
import { multiRegionKeyTypeOf, relationsOf } from '../../keyring/multi-region.ts';
import { DAY } from '../../keyring/time.ts';
import { aboutClusterKey } from '../key-stores/key-store-event.ts';
import { keyMetadata } from './key-metadata.ts';
import { operation } from '../row/operation.ts';
import { pageOfPaths } from '../row/page.ts';
import { key, keyOf, keyOrAlias, noTarget } from '../row/target.ts';
import * as shapes from './keys-shapes.ts';

const WAITING_PERIOD = { min: 7, max: 30, default: 30 } as const;

export const describeKey = operation({
  ...shapes.describeKey,
  access: 'read',
  grantTokens: 'GrantTokens',
  targets: ({ KeyId }) => [{ ...keyOrAlias(KeyId, 'DescribeKey'), createOnFirstUse: true }],
  state: 'any',
  run: (call) => ({ KeyMetadata: keyMetadata(keyOf(call).key, keyOf(call).keyStore) }),
});

export const listKeys = operation({
  ...shapes.listKeys,
  access: 'read',
  targets: () => [noTarget('ListKeys')],
  async run({ tx, home, input }) {
    const prefix = keysPath(home);
    const item = ({ path }: { readonly path: string }) => listedKey(home, path.slice(prefix.length));
    const { items, ...rest } = await pageOfPaths(tx, {
      prefix,
      request: input,
      rules: { default: 100, max: 1000 },
      item,
    });
    return { Keys: items, ...rest };
  },
});

const listedKey = (home: Home, id: string) => ({ KeyId: id, KeyArn: keyArn(home, id) });

export const updateKeyDescription = operation({
  ...shapes.updateKeyDescription,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'UpdateKeyDescription')],
  state: 'not-pending',
  run(call) {
    putKey(call.tx, { ...keyOf(call).key, description: call.input.Description });
    return {};
  },
});

export const enableKey = operation({
  ...shapes.enableKey,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'EnableKey')],
  state: 'switch',
  log: { response: 'keyId' },
  run(call) {
    const { key: found } = keyOf(call);
    // a key whose deletion was canceled may have no material
    changeKey(call.tx, found, inStateOfMaterial(resumed({ ...found, state: 'Enabled' }, call.now)));
    return {};
  },
});

export const disableKey = operation({
  ...shapes.disableKey,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'DisableKey')],
  state: 'switch',
  log: { response: 'keyId' },
  run(call) {
    putKey(call.tx, { ...keyOf(call).key, state: 'Disabled' });
    return {};
  },
});

export const scheduleKeyDeletion = operation({
  ...shapes.scheduleKeyDeletion,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'ScheduleKeyDeletion')],
  state: 'schedule-deletion',
  validateMembers({ PendingWindowInDays: days = WAITING_PERIOD.default }) {
    if (days < WAITING_PERIOD.min || days > WAITING_PERIOD.max) {
      throw new KmsError('ValidationException', 'PendingWindowInDays must be between 7 and 30 (inclusive).');
    }
  },
  conditions: [
    text('kms:ScheduleKeyDeletionPendingWindowInDays', 'PendingWindowInDays', {
      default: String(WAITING_PERIOD.default),
    }),
  ],
  log: {
    response: ({ KeyId, KeyState, DeletionDate, PendingWindowInDays }) => ({
      keyId: KeyId,
      keyState: KeyState,
      ...(DeletionDate ? { deletionDate: localeDate(DeletionDate) } : {}),
      pendingWindowInDays: PendingWindowInDays,
    }),
    additional: (_, call) => aboutClusterKey(keyOf(call)),
  },
  run(call) {
    const { key: found, arn } = keyOf(call);
    const days = call.input.PendingWindowInDays ?? WAITING_PERIOD.default;
    const answer = { KeyId: arn, PendingWindowInDays: days };
    if (multiRegionKeyTypeOf(found) === 'PRIMARY' && relationsOf(found).replicas.length > 0) {
      // its waiting period begins when the last replica has been deleted
      changeKey(call.tx, found, { ...found, state: 'PendingReplicaDeletion', pendingWindow: days });
      return { ...answer, KeyState: 'PendingReplicaDeletion' as const };
    }
    const deletionDate = call.now + days * DAY;
    changeKey(call.tx, found, { ...found, state: 'PendingDeletion', deletionDate });
    return { ...answer, DeletionDate: new Date(deletionDate), KeyState: 'PendingDeletion' as const };
  },
});

export const cancelKeyDeletion = operation({
  ...shapes.cancelKeyDeletion,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'CancelKeyDeletion')],
  state: 'cancel-deletion',
  log: { response: 'keyId' },
  run(call) {
    const { key: found, arn } = keyOf(call);
    const { deletionDate: _, pendingWindow: __, ...kept } = found;
    changeKey(call.tx, found, { ...kept, state: 'Disabled' });
    return { KeyId: arn };
  },
});
