/** GetKeyLastUsage, and the note that every cryptographic operation leaves for it. */
import { keyId } from '../../model/members.ts';
import { oneOf, required, string, structure, timestamp, type ValueOf } from '../../model/shape.ts';
import { findLastUse, putLastUse, type LastUse } from '../../keyring/last-use.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { operation } from '../row/operation.ts';
import { key, keyOf } from '../row/target.ts';

const trackedOperation = oneOf([
  'Decrypt',
  'DeriveSharedSecret',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'ReEncrypt',
  'Sign',
  'Verify',
  'VerifyMac',
  'Encapsulate',
  'Decapsulate',
]);
type TrackedOperation = ValueOf<typeof trackedOperation>;

/** Times are told in whole seconds. */
const second = (time: number): number => Math.floor(time / 1000);

/**
 * Notes a use that has succeeded. In a loop of one operation, the first of each second stands for all of that second,
 * so that calls do not each pay for a record.
 */
export async function noteUse(tx: Transaction, used: KmsKey, use: LastUse): Promise<void> {
  const last = await findLastUse(tx, used);
  if (last?.operation === use.operation && second(last.time) === second(use.time)) return;
  putLastUse(tx, used, use);
}

export const getKeyLastUsage = operation({
  name: 'GetKeyLastUsage',
  input: structure({ KeyId: required(keyId) }),
  output: structure({
    KeyId: string(),
    KeyLastUsage: structure({
      Operation: trackedOperation,
      Timestamp: timestamp,
      CloudTrailEventId: string(),
      KmsRequestId: string(),
    }),
    TrackingStartDate: timestamp,
    KeyCreationDate: timestamp,
  }),
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'GetKeyLastUsage')],
  state: 'any',
  async run(call) {
    const { key: found } = keyOf(call);
    const use = await findLastUse(call.tx, found);
    const created = new Date(found.created);
    return {
      KeyId: found.keyId,
      KeyLastUsage: use
        ? {
            Operation: use.operation as TrackedOperation,
            Timestamp: new Date(second(use.time) * 1000),
            CloudTrailEventId: use.eventId,
            KmsRequestId: use.requestId,
          }
        : {},
      // a keyring has noted every use since its first key
      TrackingStartDate: created,
      KeyCreationDate: created,
    };
  },
});
