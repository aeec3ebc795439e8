/** Actions and keys as they are named on the command line. */
import { findAlias } from '../../keyring/alias.ts';
import { findKey, type KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { parseKeyIdentifier } from '../../model/arn.ts';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { actionRow } from '../../policy/actions.ts';

/** `Decrypt` or `kms:Decrypt`, in any case. */
export function actionNamed(text: string): string {
  const row = actionRow(text.toLowerCase().startsWith('kms:') ? text.toLowerCase() : `kms:${text.toLowerCase()}`);
  if (row) return `kms:${row.name}`;
  throw new EnvironmentError(`${text} is not an action of AWS KMS`, [
    'actions and operations can have different names: ReEncrypt requires ReEncryptFrom and ReEncryptTo',
  ]);
}

/** An action, and the operation whose call asks for it. */
export interface ActionOf {
  readonly action: string;
  readonly operation: string;
}

/** Operations that need several permissions, each on another resource. */
const SEVERAL: { readonly [name: string]: readonly string[] } = {
  reencrypt: ['kms:ReEncryptFrom', 'kms:ReEncryptTo'],
  replicatekey: ['kms:ReplicateKey', 'kms:CreateKey'],
};

/** An action, or an operation that needs several. */
export function actionsNamed(text: string): readonly ActionOf[] {
  const name = text.toLowerCase().replace(/^kms:/, '');
  const several = SEVERAL[name];
  if (several) {
    const operation = name === 'reencrypt' ? 'ReEncrypt' : 'ReplicateKey';
    return several.map((action) => ({ action, operation }));
  }
  return [actionOf(actionNamed(text))];
}

/** ReEncrypt is the only operation whose actions have other names. */
export const actionOf = (action: string): ActionOf => ({
  action,
  operation: action.startsWith('kms:ReEncrypt') ? 'ReEncrypt' : action.slice('kms:'.length),
});

export interface FoundKey {
  readonly key: KmsKey;
  readonly alias?: string;
}

export async function keyNamed(tx: Transaction, identifier: string, region: string | undefined): Promise<FoundKey> {
  const home = { account: tx.settings.account, region: region ?? tx.settings.region };
  const named = parseKeyIdentifier(identifier, home);
  const alias = named.kind === 'alias' ? await findAlias(tx, named, named.name) : undefined;
  const keyId = named.kind === 'key' ? named.keyId : alias?.targetKeyId;
  const key = keyId === undefined ? undefined : await findKey(tx, named, keyId);
  if (!key) throw new KmsError('NotFoundException', `Key '${identifier}' does not exist`);
  return { key, ...(alias ? { alias: alias.name } : {}) };
}
