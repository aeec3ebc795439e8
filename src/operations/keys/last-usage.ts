/** GetKeyLastUsage: the last use according to the audit log (keyring/last-use.ts). */
import { type ValueOf } from '../../model/shape.ts';
import { findLastUse, wholeSecond } from '../../keyring/last-use.ts';
import { operation } from '../row/operation.ts';
import { key, keyOf } from '../row/target.ts';
import * as shapes from './last-usage-shapes.ts';

type TrackedOperation = ValueOf<typeof shapes.trackedOperation>;

export const getKeyLastUsage = operation({
  ...shapes.getKeyLastUsage,
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
