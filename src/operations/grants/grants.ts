/** Grants: permissions on one key for one grantee, in addition to policies (AWS KMS Developer Guide, Grants in AWS KMS). */
import { isObject } from '../../model/json-object.ts';
import { keyArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { hex } from '../../crypto/bytes.ts';
import { addGrant, countGrants, findGrantOfCall, removeGrant, type GrantRecord } from '../../keyring/grant.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { invalidParty, partyArn, partyOf } from './grant-party.ts';
import { checkParties, checkGrantId, checkTerms, grantConditions, termsOf, type GrantInput } from './grant-rules.ts';
import { makeGrantToken } from './grant-token.ts';
import { bindIds, mayExist } from '../principals/bound-ids.ts';
import { operation, type Call } from '../row/operation.ts';
import { key, keyOf } from '../row/target.ts';
import * as shapes from './grants-shapes.ts';

/** AWS KMS Developer Guide, Resource quotas */
const GRANTS_PER_KEY = 50_000;
const GRANT_ID_BYTES = 32;

export const createGrant = operation({
  ...shapes.createGrant,
  access: 'write',
  dryRun: 'DryRun',
  grantTokens: 'GrantTokens',
  targets: ({ KeyId }) => [key(KeyId, 'CreateGrant')],
  state: 'create-grant',
  validateMembers: checkParties,
  requireKey: (input, [found]) => checkTerms(input, found!),
  conditions: grantConditions,
  newGrant: termsOf,
  aboutGrants: true,
  log: { response: ({ GrantId }, call) => ({ grantId: GrantId, keyId: keyOf(call).arn }) },
  async run(call) {
    const { tx } = call;
    const { key: found } = keyOf(call);
    await checkPartiesExist(tx, call.input);
    const asked = await grantOf(call, found);
    const { call: same } = asked.index;
    const existing = same === undefined ? undefined : await findGrantOfCall(tx, asked, same);
    if (existing) return { GrantToken: makeGrantToken(tx, existing), GrantId: existing.id };
    if (found.manager === 'CUSTOMER' && (await countGrants(tx, asked)) >= GRANTS_PER_KEY) {
      throw new KmsError(
        'LimitExceededException',
        `${keyArn(found, found.keyId)} has ${GRANTS_PER_KEY} grants already.`,
      );
    }
    await addGrant(tx, asked);
    return { GrantToken: makeGrantToken(tx, asked), GrantId: asked.id };
  },
});

/** AWS refuses them: clients try again while a new role is not known everywhere (Terraform AWS provider, aws_kms_grant). */
async function checkPartiesExist(tx: Transaction, { GranteePrincipal, RetiringPrincipal }: GrantInput): Promise<void> {
  if (!tx.settings.principalsMustExist) return;
  for (const principal of [GranteePrincipal, RetiringPrincipal]) {
    if (principal !== undefined && !(await mayExist(tx, principal))) throw invalidParty(principal);
  }
}

/** The grant that a call asks for. */
async function grantOf(
  call: Call<GrantInput & { readonly Name?: string | undefined }>,
  found: KmsKey,
): Promise<GrantRecord> {
  const { input, caller, now, random, tx } = call;
  const { account, region, keyId: id } = found;
  const { GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal, Name } = input;
  const named = {
    ...(GranteePrincipal === undefined ? {} : { granteePrincipal: partyArn(GranteePrincipal, found) }),
    ...(GranteeServicePrincipal === undefined ? {} : { granteeServicePrincipal: GranteeServicePrincipal }),
    ...(RetiringPrincipal === undefined ? {} : { retiringPrincipal: partyArn(RetiringPrincipal, found) }),
    ...(RetiringServicePrincipal === undefined ? {} : { retiringServicePrincipal: RetiringServicePrincipal }),
    ...(Name === undefined ? {} : { name: Name }),
    ...(await bindIds(
      tx,
      [GranteePrincipal, RetiringPrincipal].filter((arn) => arn !== undefined),
    )),
    // services have no account
    issuingAccount: caller.account ?? account,
  };
  const given = termsOf(input);
  const retiring = named.retiringPrincipal ?? named.retiringServicePrincipal;
  return {
    account,
    region,
    keyId: id,
    id: hex(random(GRANT_ID_BYTES)),
    created: now,
    ...named,
    ...given,
    index: {
      grantee: partyOf((named.granteePrincipal ?? named.granteeServicePrincipal)!),
      ...(retiring === undefined ? {} : { retiring: partyOf(retiring) }),
      ...(Name === undefined
        ? {}
        : { call: canonical({ ...named, ...given, operations: given.operations.toSorted() }) }),
    },
  };
}

/** Canonical text of the parameters. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    isObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );

/** The grant must be named in one complete way. The text is our own, as AWS's is not known. */
function checkGrantNamed({
  GrantToken: token,
  KeyId: id,
  GrantId: grant,
}: {
  readonly GrantToken?: string | undefined;
  readonly KeyId?: string | undefined;
  readonly GrantId?: string | undefined;
}): void {
  const byId = id !== undefined && grant !== undefined;
  const neither = id === undefined && grant === undefined;
  if (token === undefined ? byId : neither) return;
  throw new KmsError('ValidationException', 'Specify either GrantToken, or KeyId and GrantId.');
}

export const retireGrant = operation({
  ...shapes.retireGrant,
  access: 'write',
  dryRun: 'DryRun',
  validateInput(input) {
    checkGrantNamed(input);
    checkGrantId(input);
  },
  async targets({ GrantToken, KeyId, GrantId }, source) {
    if (GrantToken === undefined) return [{ ...key(KeyId!, 'RetireGrant'), grantId: GrantId! }];
    const named = await source.grantOf(GrantToken);
    return [{ ...key(keyArn(named, named.keyId), 'RetireGrant'), grantId: named.id }];
  },
  state: 'any',
  log: { request: null, additional: (_, call) => ({ grantId: keyOf(call).grant!.id }) },
  async run(call) {
    await removeGrant(call.tx, keyOf(call).grant!);
    return {};
  },
});

export const revokeGrant = operation({
  ...shapes.revokeGrant,
  access: 'write',
  dryRun: 'DryRun',
  validateInput: checkGrantId,
  targets: ({ KeyId, GrantId }) => [{ ...key(KeyId, 'RevokeGrant'), grantId: GrantId }],
  state: 'any',
  aboutGrants: true,
  async run(call) {
    await removeGrant(call.tx, keyOf(call).grant!);
    return {};
  },
});
