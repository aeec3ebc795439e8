/** The shapes of DescribeKey, ListKeys, UpdateKeyDescription, EnableKey, DisableKey, ScheduleKeyDeletion, CancelKeyDeletion. */
import { keyState } from '../../model/enumeration.ts';
import { description, grantTokens, keyId, limit, marker, page } from '../../model/members.ts';
import { integer, list, required, string, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { keyMetadataShape } from './key-metadata-shape.ts';

export const describeKey = operationShape({
  name: 'DescribeKey',
  input: structure({ KeyId: required(keyId), GrantTokens: grantTokens }),
  output: structure({ KeyMetadata: keyMetadataShape }),
});

export const listKeys = operationShape({
  name: 'ListKeys',
  input: structure({ Limit: limit, Marker: marker }),
  output: structure({ Keys: list(structure({ KeyId: string(), KeyArn: string() })), ...page }),
  paginated: 'Keys',
});

export const updateKeyDescription = operationShape({
  name: 'UpdateKeyDescription',
  input: structure({ KeyId: required(keyId), Description: required(description) }),
  output: structure({}),
});

export const enableKey = operationShape({
  name: 'EnableKey',
  input: structure({ KeyId: required(keyId) }),
  output: structure({}),
});

export const disableKey = operationShape({
  name: 'DisableKey',
  input: structure({ KeyId: required(keyId) }),
  output: structure({}),
});

export const scheduleKeyDeletion = operationShape({
  name: 'ScheduleKeyDeletion',
  input: structure({ KeyId: required(keyId), PendingWindowInDays: integer(1, 365) }),
  output: structure({ KeyId: string(), DeletionDate: timestamp, KeyState: keyState, PendingWindowInDays: integer() }),
});

export const cancelKeyDeletion = operationShape({
  name: 'CancelKeyDeletion',
  input: structure({ KeyId: required(keyId) }),
  output: structure({ KeyId: string() }),
});
