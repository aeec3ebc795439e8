/** GetKeyLastUsage: the last use according to the audit log (keyring/last-use.ts). */
import { keyId } from '../../model/members.ts';
import { oneOf, required, string, structure, timestamp, type ValueOf } from '../../model/shape.ts';
import { TRACKED_OPERATIONS } from '../../keyring/key-uses.ts';
import { findLastUse, wholeSecond } from '../../keyring/last-use.ts';
import { operation } from '../row/operation.ts';
import { key, keyOf } from '../row/target.ts';

const trackedOperation = oneOf(TRACKED_OPERATIONS);
type TrackedOperation = ValueOf<typeof trackedOperation>;

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
            Timestamp: new Date(wholeSecond(use.time) * 1000),
            CloudTrailEventId: use.eventId,
            KmsRequestId: use.requestId,
          }
        : {},
      // a keyring has recorded uses since its first key
      TrackingStartDate: created,
      KeyCreationDate: created,
    };
  },
});
