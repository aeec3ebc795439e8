/** Resolving: from the targets an operation asks for to the keys and aliases that they name. */
import { aliasArn, keyArn, parseKeyIdentifier, isAliasIdentifier, type Home } from '../api/arn.ts';
import { KmsError } from '../api/error.ts';
import { findAlias } from '../keyring/alias.ts';
import { findKey } from '../keyring/kms-key.ts';
import type { Transaction } from '../keyring/transaction.ts';
import type { KeyRequest, KeyTarget, Target, TargetRequest } from '../operations/operation.ts';

/** Aliases are refused before anything is looked up (spec/error-messages.md 2). */
export function refuseAliases(requests: readonly TargetRequest[]): void {
  const refused = requests.some(
    (request) => request.kind === 'key' && request.alias === 'refused' && isAliasIdentifier(request.identifier),
  );
  if (refused) throw new KmsError('InvalidArnException', 'Key Aliases are not supported for this operation.');
}

export async function resolve(tx: Transaction, request: TargetRequest, home: Home): Promise<Target> {
  if (request.kind === 'none') return { kind: 'none', request };
  if (request.kind === 'alias') return { kind: 'alias', request, arn: aliasArn(home, request.name) };
  return resolveKey(tx, request, home);
}

async function resolveKey(tx: Transaction, request: KeyRequest, home: Home): Promise<KeyTarget> {
  const named = parseKeyIdentifier(request.identifier, home);
  const absent = (text: string): Error => request.absent?.() ?? new KmsError('NotFoundException', text);
  const alias = named.kind === 'alias' ? await findAlias(tx, named, named.name) : undefined;
  if (named.kind === 'alias' && !alias) throw absent(`Alias ${aliasArn(named, named.name)} is not found.`);
  const keyId = named.kind === 'alias' ? alias!.targetKeyId : named.keyId;
  const arn = keyArn(named, keyId);
  const key = await findKey(tx, named, keyId);
  if (!key) throw absent(`Key '${arn}' does not exist`);
  return { kind: 'key', request, key, arn, ...(alias ? { requestAlias: alias.name } : {}) };
}
