/** The shapes of EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations. */
import { expirationModel } from '../../model/enumeration.ts';
import { keyId, limit, marker, page } from '../../model/members.ts';
import { boolean, integer, list, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const enableKeyRotation = operationShape({
  name: 'EnableKeyRotation',
  input: structure({ KeyId: required(keyId), RotationPeriodInDays: integer(90, 2560) }),
  output: structure({}),
});

export const disableKeyRotation = operationShape({
  name: 'DisableKeyRotation',
  input: structure({ KeyId: required(keyId) }),
  output: structure({}),
});

export const getKeyRotationStatus = operationShape({
  name: 'GetKeyRotationStatus',
  input: structure({ KeyId: required(keyId) }),
  output: structure({
    KeyRotationEnabled: boolean,
    KeyId: string(),
    RotationPeriodInDays: integer(),
    NextRotationDate: timestamp,
    OnDemandRotationStartDate: timestamp,
  }),
});

export const rotateKeyOnDemand = operationShape({
  name: 'RotateKeyOnDemand',
  input: structure({ KeyId: required(keyId) }),
  output: structure({ KeyId: string() }),
});

export const rotationsListEntry = structure({
  KeyId: string(),
  KeyMaterialId: string(),
  KeyMaterialDescription: string(),
  ImportState: oneOf(['IMPORTED', 'PENDING_IMPORT']),
  KeyMaterialState: oneOf(['NON_CURRENT', 'CURRENT', 'PENDING_ROTATION', 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION']),
  ExpirationModel: expirationModel,
  ValidTo: timestamp,
  RotationDate: timestamp,
  RotationType: oneOf(['AUTOMATIC', 'ON_DEMAND']),
});

export const listKeyRotations = operationShape({
  name: 'ListKeyRotations',
  input: structure({
    KeyId: required(keyId),
    IncludeKeyMaterial: oneOf(['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY']),
    Limit: limit,
    Marker: marker,
  }),
  output: structure({ Rotations: list(rotationsListEntry), ...page }),
  paginated: 'Rotations',
});
