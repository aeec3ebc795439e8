/** The shapes of ListGrants, ListRetirableGrants. */
import { keyId, limit, marker, page } from '../../model/members.ts';
import { list, required, string, structure, timestamp } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { constraints, grantId, grantOperation, principal, servicePrincipal } from './grant-members.ts';

const grantListEntry = structure({
  KeyId: string(),
  GrantId: grantId,
  Name: string(),
  CreationDate: timestamp,
  GranteePrincipal: principal,
  RetiringPrincipal: principal,
  IssuingAccount: string(),
  Operations: list(grantOperation),
  Constraints: constraints,
  GranteeServicePrincipal: servicePrincipal,
  RetiringServicePrincipal: servicePrincipal,
});

export const listGrants = operationShape({
  name: 'ListGrants',
  input: structure({
    Limit: limit,
    Marker: marker,
    KeyId: required(keyId),
    GrantId: grantId,
    GranteePrincipal: principal,
    GranteeServicePrincipal: servicePrincipal,
  }),
  output: structure({ Grants: list(grantListEntry), ...page }),
  paginated: 'Grants',
});

export const listRetirableGrants = operationShape({
  name: 'ListRetirableGrants',
  input: structure({
    Limit: limit,
    Marker: marker,
    RetiringPrincipal: principal,
    RetiringServicePrincipal: servicePrincipal,
  }),
  output: structure({ Grants: list(grantListEntry), ...page }),
  paginated: 'Grants',
});
