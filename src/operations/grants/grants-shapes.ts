/** The shapes of CreateGrant, RetireGrant, RevokeGrant. */
import { grantToken, grantTokens, keyId } from '../../model/members.ts';
import { boolean, required, string, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { grantId, parties, terms } from './grant-members.ts';

export const createGrant = operationShape({
  name: 'CreateGrant',
  input: structure({
    KeyId: required(keyId),
    GranteePrincipal: parties.GranteePrincipal,
    RetiringPrincipal: parties.RetiringPrincipal,
    ...terms,
    GrantTokens: grantTokens,
    Name: string({ min: 1, max: 256, pattern: '^[a-zA-Z0-9:/_-]+$' }),
    DryRun: boolean,
    GranteeServicePrincipal: parties.GranteeServicePrincipal,
    RetiringServicePrincipal: parties.RetiringServicePrincipal,
  }),
  output: structure({ GrantToken: grantToken, GrantId: grantId }),
});

export const retireGrant = operationShape({
  name: 'RetireGrant',
  input: structure({ GrantToken: grantToken, KeyId: keyId, GrantId: grantId, DryRun: boolean }),
  output: structure({}),
});

export const revokeGrant = operationShape({
  name: 'RevokeGrant',
  input: structure({ KeyId: required(keyId), GrantId: required(grantId), DryRun: boolean }),
  output: structure({}),
});
