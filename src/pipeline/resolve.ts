/** Resolution of target requests to keys and aliases. */
import { aliasArn, keyArn, parseKeyIdentifier, isAliasIdentifier, type Home } from '../model/arn.ts';
import { KmsError } from '../model/error.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { findAlias, type Alias } from '../keyring/alias.ts';
import { findGrant, type GrantRecord } from '../keyring/grant.ts';
import { findKeyStore, keyStoreOfKey, type KeyStore } from '../keyring/key-store.ts';
import { findKey, isKnownKeyId, type KmsKey } from '../keyring/kms-key.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { KeyRequest, KeyTarget, NoRequest, Target, TargetRequest } from '../operations/row/operation.ts';

/** Aliases are refused before anything is looked up. */
export function refuseAliases(requests: readonly TargetRequest[]): void {
  const refused = requests.some(
    (request) => request.kind === 'key' && request.alias === 'refused' && isAliasIdentifier(request.identifier),
  );
  if (refused) throw new KmsError('InvalidArnException', 'Key Aliases are not supported for this operation.');
}

/** Account and Region of a call, and what creating an AWS managed key needs. */
export interface ResolveDeps {
  readonly home: Home;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly random: RandomBytes;
  readonly viaService: string | undefined;
}

export function resolve(tx: Transaction, request: TargetRequest, deps: ResolveDeps): Target | Promise<Target> {
  const { home } = deps;
  if (request.kind === 'none') return resolveKeyStore(tx, request, home);
  if (request.kind === 'alias') return { kind: 'alias', request, arn: aliasArn(home, request.name) };
  return resolveKey(
    tx,
    request,
    request.region === undefined ? deps : { ...deps, home: { ...home, region: request.region } },
  );
}

async function resolveKeyStore(tx: Transaction, request: NoRequest, home: Home): Promise<Target> {
  const { keyStoreId } = request;
  if (keyStoreId === undefined) return { kind: 'none', request };
  return { kind: 'none', request, keyStore: await keyStoreAt(tx, home, keyStoreId) };
}

async function resolveKey(tx: Transaction, request: KeyRequest, deps: ResolveDeps): Promise<KeyTarget> {
  const named = parseKeyIdentifier(request.identifier, deps.home);
  const alias =
    named.kind === 'alias'
      ? ((await findAlias(tx, named, named.name)) ?? (await createOnFirstUse(tx, { request, name: named.name }, deps)))
      : undefined;
  if (named.kind === 'alias' && !alias) throw notFound(`Alias ${aliasArn(named, named.name)} is not found.`);
  const keyId = named.kind === 'alias' ? alias!.targetKeyId : named.keyId;
  const arn = keyArn(named, keyId);
  const key = await findKey(tx, named, keyId);
  if (!key) {
    throw request.onNotFound
      ? request.onNotFound({ isKnown: await isKnownKeyId(tx, named.account, keyId) })
      : notFound(`Key '${arn}' does not exist`);
  }
  const keyStore = await keyStoreOfKey(tx, key);
  const grant = request.grantId === undefined ? undefined : await grantOn(tx, key, request.grantId);
  return {
    kind: 'key',
    request,
    key,
    arn,
    requestAlias: alias?.name,
    grant,
    keyStore,
  };
}

const notFound = (text: string): KmsError => new KmsError('NotFoundException', text);

/** The alias of an AWS managed key finds one once DescribeKey, or its service, has asked for it (public model, DescribeKey). */
async function createOnFirstUse(
  tx: Transaction,
  { request, name }: { readonly request: KeyRequest; readonly name: string },
  deps: ResolveDeps,
): Promise<Alias | undefined> {
  if (!name.startsWith('alias/aws/')) return undefined;
  const { findManagedKey, isOwnService, makeManagedKey } = await import('../operations/keys/managed-keys.ts');
  const managed = findManagedKey(name);
  if (!managed || !(request.createOnFirstUse || isOwnService(managed, deps.home, deps.viaService))) return undefined;
  return makeManagedKey(tx, managed, deps);
}

async function keyStoreAt(tx: Transaction, home: Home, id: string): Promise<KeyStore> {
  const keyStore = await findKeyStore(tx, home, id);
  if (!keyStore) throw new KmsError('CustomKeyStoreNotFoundException', `Custom key store ${id} does not exist.`);
  return keyStore;
}

async function grantOn(tx: Transaction, key: KmsKey, id: string): Promise<GrantRecord> {
  const grant = await findGrant(tx, { account: key.account, region: key.region, keyId: key.keyId, id });
  if (!grant) throw new KmsError('NotFoundException', `Grant '${id}' does not exist`);
  return grant;
}
