/** The shapes of CreateAlias, UpdateAlias, DeleteAlias, ListAliases. */
import { aliasName, keyId, limit, marker, newAliasName, page, targetKeyId } from '../../model/members.ts';
import { list, required, string, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const createAlias = operationShape({
  name: 'CreateAlias',
  input: structure({ AliasName: required(newAliasName), TargetKeyId: required(targetKeyId) }),
  output: structure({}),
});

export const updateAlias = operationShape({
  name: 'UpdateAlias',
  input: structure({ AliasName: required(aliasName), TargetKeyId: required(targetKeyId) }),
  output: structure({}),
});

export const deleteAlias = operationShape({
  name: 'DeleteAlias',
  input: structure({ AliasName: required(aliasName) }),
  output: structure({}),
});

export const aliasListEntry = structure({
  AliasName: string(),
  AliasArn: string(),
  TargetKeyId: string(),
  CreationDate: timestamp,
  LastUpdatedDate: timestamp,
});

export const listAliases = operationShape({
  name: 'ListAliases',
  input: structure({ KeyId: keyId, Limit: limit, Marker: marker }),
  output: structure({ Aliases: list(aliasListEntry), ...page }),
  paginated: 'Aliases',
});
