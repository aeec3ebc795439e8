/** The shapes of GetKeyLastUsage. */
import { TRACKED_OPERATIONS } from '../../keyring/key-uses.ts';
import { keyId } from '../../model/members.ts';
import { oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const trackedOperation = oneOf(TRACKED_OPERATIONS);

export const getKeyLastUsage = operationShape({
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
});
