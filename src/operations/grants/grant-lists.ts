/**
 * Lists of grants: those of a key, and those that a principal may retire (AWS KMS Developer Guide, Grants in AWS KMS).
 */
import { keyArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import {
  decodeGrant,
  findGrant,
  granteePath,
  grantsPath,
  retiringPath,
  type GrantRecord,
} from '../../keyring/grant.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { accountOf } from '../../policy/principal.ts';
import { rootArn } from '../../model/principal-arn.ts';
import { checkGrantee, checkParty, partyArn, partyOf } from './grant-party.ts';
import { checkGrantId, oneAtMost, oneOfTwo, type GrantInput } from './grant-rules.ts';
import { shownGrant, shownPrincipal } from '../principals/bound-ids.ts';
import { operation, type Call } from '../row/operation.ts';
import { pageOfItems, pageOfRecords } from '../row/page.ts';
import { key, keyOf, noTarget } from '../row/target.ts';
import * as shapes from './grant-lists-shapes.ts';

const PAGE = { default: 50, max: 100 } as const;

async function listedGrant(tx: Transaction, record: GrantRecord) {
  const grant = await shownGrant(tx, record);
  const { encryptionContextEquals, encryptionContextSubset, sourceArn } = grant.constraints ?? {};
  return {
    KeyId: keyArn(grant, grant.keyId),
    GrantId: grant.id,
    Name: grant.name ?? '',
    CreationDate: new Date(grant.created),
    GranteePrincipal: grant.granteePrincipal,
    RetiringPrincipal: grant.retiringPrincipal,
    IssuingAccount: rootArn(grant.issuingAccount, grant.region),
    Operations: grant.operations as GrantInput['Operations'],
    Constraints: grant.constraints && {
      EncryptionContextSubset: encryptionContextSubset,
      EncryptionContextEquals: encryptionContextEquals,
      SourceArn: sourceArn,
    },
    GranteeServicePrincipal: grant.granteeServicePrincipal,
    RetiringServicePrincipal: grant.retiringServicePrincipal,
  };
}

type Party = 'granteePrincipal' | 'retiringPrincipal';

/** An entry of a list by party: a grant whose party was deleted is none of who has the name now. */
const listedFor =
  (tx: Transaction, party: Party, name: string | undefined) =>
  async ({ value }: { readonly value: Uint8Array }) => {
    const grant = decodeGrant(value);
    const arn = grant[party];
    if (arn !== undefined && arn === name && (await shownPrincipal(tx, arn, grant.boundIds)) !== arn) return undefined;
    return listedGrant(tx, grant);
  };

async function hasGrantee(tx: Transaction, grant: GrantRecord, party: string): Promise<boolean> {
  const { index, boundIds = {} } = grant;
  if (boundIds[index.grantee] === party) return true;
  return (
    index.grantee === party && (boundIds[party] === undefined || (await shownPrincipal(tx, party, boundIds)) === party)
  );
}

/** Only services may filter by service principal (public model, ListGrants). The text is our own, as AWS's is not known. */
function checkServiceFilter({ caller, input }: Pick<Call<object>, 'caller' | 'input'>, member: string): void {
  if (caller.kind !== 'service' && member in input) {
    throw new KmsError('ValidationException', `${member} can be used by AWS services alone.`);
  }
}

export const listGrants = operation({
  ...shapes.listGrants,
  access: 'read',
  validateInput(input) {
    checkGrantId(input);
    oneAtMost(input, 'GranteePrincipal', 'GranteeServicePrincipal');
  },
  targets: ({ KeyId }) => [key(KeyId, 'ListGrants')],
  state: 'any',
  aboutGrants: true,
  async run(call) {
    const { tx, input } = call;
    checkServiceFilter(call, 'GranteeServicePrincipal');
    const { account, region, keyId: id } = keyOf(call).key;
    const place = { account, region, keyId: id };
    const grantee = input.GranteePrincipal ?? input.GranteeServicePrincipal;
    if (input.GranteePrincipal !== undefined) checkGrantee(input.GranteePrincipal);
    const party = grantee === undefined ? undefined : partyOf(grantee);
    if (input.GrantId !== undefined) {
      const found = await findGrant(tx, { ...place, id: input.GrantId });
      const fits = found && (party === undefined || (await hasGrantee(tx, found, party)));
      const { items, ...rest } = pageOfItems(tx, {
        list: `grant ${input.GrantId} of ${keyOf(call).arn}`,
        all: fits ? [await listedGrant(tx, found)] : [],
        nameOf: ({ GrantId }) => GrantId,
        request: input,
        rules: PAGE,
      });
      return { Grants: items, ...rest };
    }
    const prefix = party === undefined ? grantsPath(place) : granteePath(tx, place, party);
    const item = listedFor(tx, 'granteePrincipal', party);
    const { items, ...rest } = await pageOfRecords(tx, { prefix, request: input, rules: PAGE, item });
    return { Grants: items, ...rest };
  },
});

export const listRetirableGrants = operation({
  ...shapes.listRetirableGrants,
  access: 'read',
  validateInput: (input) => oneOfTwo(input, 'RetiringPrincipal', 'RetiringServicePrincipal'),
  targets: () => [noTarget('ListRetirableGrants')],
  async run(call) {
    const { tx, input, home } = call;
    checkServiceFilter(call, 'RetiringServicePrincipal');
    const retiring = input.RetiringServicePrincipal ?? ownPrincipal(call, input.RetiringPrincipal!);
    const prefix = retiringPath(tx, home.region, partyOf(retiring));
    const item = listedFor(tx, 'retiringPrincipal', retiring);
    const { items, ...rest } = await pageOfRecords(tx, { prefix, request: input, rules: PAGE, item });
    return { Grants: items, ...rest };
  },
});

/** The resource of the permission is the principal, which must be of the caller's account (public model). */
function ownPrincipal({ caller, home }: Pick<Call<unknown>, 'caller' | 'home'>, retiring: string): string {
  checkParty(retiring);
  if (accountOf(retiring) === home.account) return retiring;
  throw new KmsError(
    'AccessDeniedException',
    `User: ${caller.arn} is not authorized to perform: kms:ListRetirableGrants on resource: ${partyArn(retiring, home)}`,
  );
}
