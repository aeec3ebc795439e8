/** The policies and grants of the keyring, as documents of the linter. */
import { keyArn, unknownKeyArn, type Home } from '../../model/arn.ts';
import type { Meter } from '../../model/progress.ts';
import { decodeGrant, grantsPath, type GrantRecord, type GrantsPlace } from '../../keyring/grant.ts';
import { identities, type Identity } from '../../keyring/identity.ts';
import { countKeys, keysIn, type KmsKey } from '../../keyring/kms-key.ts';
import { shownGrant } from '../../operations/principals/bound-ids.ts';
import { vpcEndpoints } from '../../keyring/vpc-endpoint.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { knownBy } from '../../lint/known-identities.ts';
import { readPolicy } from '../../policy/document.ts';
import type { Document } from '../../lint/run.ts';
import type { LintSettings } from '../../lint/core/settings.ts';
import type { CallerChoice, KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { keyNamed } from '../command/named.ts';

export interface KeyringScope {
  readonly key: string | undefined;
  readonly all: boolean;
  /** Files belong to the key: they are what its policy is to be. */
  readonly files: readonly Document[];
}

export async function readKeyring(
  session: KeyringAccess & CallerChoice & RegionChoice & Progress,
  { key, all, files }: KeyringScope,
): Promise<readonly Document[]> {
  const keyring = await session.open();
  const read = (meter: Meter) => keyring.transact((tx) => documentsIn(tx, { key, all, files }, { session, meter }));
  return session.progress('keys', read);
}

interface ReadDeps {
  readonly session: CallerChoice & RegionChoice;
  readonly meter: Meter;
}

async function documentsIn(
  tx: Transaction,
  { key, all, files }: KeyringScope,
  { session, meter }: ReadDeps,
): Promise<readonly Document[]> {
  const known = await knownIdentities(tx);
  const home: Home = { account: tx.settings.account, region: session.region ?? tx.settings.region };
  const named = all ? undefined : (await keyNamed(tx, key!, session.region)).key;
  const settingsOf = sharedSettings(known, session);
  if (named && files.length > 0) return files.map((file) => ({ ...file, settings: settingsOf(named) }));
  const grants = await grantsByKey(tx, named ?? home);
  const documents: Document[] = [];
  if (all) meter.expect(await countKeys(tx, home));
  for await (const one of named ? [named] : keysIn(tx, home)) {
    meter.advance(1);
    documents.push(...(await documentsOf(tx, one, { settings: settingsOf(one), grants: grants.get(one.keyId) })));
  }
  if (all) {
    for (const identity of await identities(tx)) documents.push(...policiesOf(identity, known));
    for (const { id, policy } of await vpcEndpoints(tx))
      documents.push({ name: id, text: policy, kind: 'endpoint', settings: known });
  }
  return documents;
}

/** A permissions boundary allows nothing by itself. */
const OF_BOUNDARY = { KP5: 'off', KP209: 'off', KP212: 'off' } as const;

function policiesOf(
  { arn, account, policies, trustPolicy, boundary }: Identity,
  settings: LintSettings,
): readonly Document[] {
  const trust = trustPolicy && { text: trustPolicy.text, kind: 'trust' as const, settings: { ...settings, account } };
  const limit = boundary && {
    text: boundary.text,
    kind: 'identity' as const,
    settings: { ...settings, rules: OF_BOUNDARY },
  };
  return [
    ...policies.map(({ name, text }): Document => ({ name: `${arn}/${name}`, text, kind: 'identity', settings })),
    ...(trust ? [{ name: `${arn}/trust-policy`, ...trust }] : []),
    ...(limit ? [{ name: `${arn}/permissions-boundary`, ...limit }] : []),
  ];
}

interface KeyDocuments {
  readonly settings: LintSettings & { readonly keyPolicy: string };
  readonly grants: readonly GrantRecord[] | undefined;
}

/** Of a key: its policy, unless nobody can change it, and its grants if it has any. */
async function documentsOf(
  tx: Transaction,
  key: KmsKey,
  { settings, grants }: KeyDocuments,
): Promise<readonly Document[]> {
  const name = keyArn(key, key.keyId);
  const documents: Document[] = [];
  if (key.manager === 'CUSTOMER') documents.push({ name, text: settings.keyPolicy, kind: 'key', settings });
  if (grants) documents.push({ name: `${name}/grants`, text: await printGrants(tx, grants), kind: 'grant', settings });
  return documents;
}

/** The documents of these keys of an account in a Region, by key ID. */
export async function documentsByKey(
  tx: Transaction,
  {
    keys,
    place,
    session,
  }: { readonly keys: readonly KmsKey[]; readonly place: GrantsPlace; readonly session: CallerChoice },
): Promise<ReadonlyMap<string, readonly Document[]>> {
  const settingsOf = sharedSettings(await knownIdentities(tx), session);
  const grants = await grantsByKey(tx, place);
  const documents = new Map<string, readonly Document[]>();
  for (const key of keys) {
    const own = { settings: settingsOf(key), grants: grants.get(key.keyId) };
    documents.set(key.keyId, await documentsOf(tx, key, own));
  }
  return documents;
}

async function knownIdentities(tx: Transaction): Promise<LintSettings> {
  const everyone = await identities(tx);
  return everyone.length > 0 ? knownBy(everyone.map(({ arn, uniqueId }) => ({ arn, id: uniqueId }))) : {};
}

/**
 * One object for all keys between which a policy makes no difference: documents with the same text and the same settings
 * are checked once, and most keys of a keyring have a policy of a few.
 */
function sharedSettings(
  known: LintSettings,
  { caller }: CallerChoice,
): (key: KmsKey) => LintSettings & { readonly keyPolicy: string } {
  const made = new Map<string, ReturnType<ReturnType<typeof sharedSettings>>>();
  const arnMatters = memoized(distinguishesKeys);
  return (one) => {
    const { account, region, spec, usage, origin, multiRegion, policy } = one;
    const arn = arnMatters(policy) ? keyArn(one, one.keyId) : unknownKeyArn(account, region);
    const key = { arn, account, region, spec, usage, origin, multiRegion };
    const name = JSON.stringify(Object.values(key)) + policy;
    let settings = made.get(name);
    if (!settings) made.set(name, (settings = { ...known, key, keyPolicy: policy, caller: caller(account) }));
    return settings;
  };
}

/** Only Resource elements tell keys of the same kind apart. */
const distinguishesKeys = (policy: string): boolean =>
  readPolicy(policy).statements.some(
    ({ resources, notResources }) => notResources !== undefined || !resources?.every((resource) => resource === '*'),
  );

function memoized<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    if (!made.has(text)) made.set(text, make(text));
    return made.get(text) as T;
  };
}

/** Of one key, or of all keys of an account in a Region, by their key: one pass, however many keys there are. */
async function grantsByKey(tx: Transaction, place: GrantsPlace): Promise<ReadonlyMap<string, readonly GrantRecord[]>> {
  const grants = new Map<string, GrantRecord[]>();
  for await (const { value } of tx.rows(grantsPath(place))) {
    const grant = decodeGrant(value);
    const own = grants.get(grant.keyId);
    if (own) own.push(grant);
    else grants.set(grant.keyId, [grant]);
  }
  return grants;
}

/** As ListGrants answers them. */
async function printGrants(tx: Transaction, grants: readonly GrantRecord[]): Promise<string> {
  const Grants: object[] = [];
  for (const record of grants) {
    const grant = await shownGrant(tx, record);
    const { encryptionContextEquals, encryptionContextSubset, sourceArn } = grant.constraints ?? {};
    const constraints = {
      EncryptionContextEquals: encryptionContextEquals,
      EncryptionContextSubset: encryptionContextSubset,
      SourceArn: sourceArn,
    };
    Grants.push({
      KeyId: grant.keyId,
      GrantId: grant.id,
      Name: grant.name,
      GranteePrincipal: grant.granteePrincipal,
      GranteeServicePrincipal: grant.granteeServicePrincipal,
      RetiringPrincipal: grant.retiringPrincipal,
      RetiringServicePrincipal: grant.retiringServicePrincipal,
      Operations: grant.operations,
      ...(grant.constraints ? { Constraints: constraints } : {}),
    });
  }
  return JSON.stringify({ Grants }, undefined, 2);
}
