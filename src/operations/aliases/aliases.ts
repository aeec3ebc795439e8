/** Aliases: names for keys, resources of their own. */
import { aliasArn, isAliasIdentifier, keyArn, parseKeyIdentifier, type Home } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { type ValueOf } from '../../model/shape.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import {
  aliasesOf,
  aliasesPath,
  decodeAlias,
  findAlias,
  keyAliasesPath,
  putAlias,
  removeAlias,
  type Alias,
} from '../../keyring/alias.ts';
import { findKey, type KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { unusedAliases } from '../keys/managed-keys.ts';
import { operation, type TargetSource } from '../row/operation.ts';
import { pageOfBoth, pageOfRecords } from '../row/page.ts';
import { alias, key, keysOf, noTarget } from '../row/target.ts';
import * as shapes from './aliases-shapes.ts';

/** AWS KMS Developer Guide, Resource quotas */
const ALIASES_PER_KEY = 50;
const PREFIX_TEXT =
  'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html';

function checkName({ AliasName: name }: { readonly AliasName: string }): void {
  if (!name.startsWith('alias/')) throw new KmsError('ValidationException', PREFIX_TEXT);
}

function checkCustomerName(input: { readonly AliasName: string; readonly TargetKeyId: string }): void {
  checkName(input);
  if (input.AliasName === 'alias/aws' || input.AliasName.startsWith('alias/aws/')) {
    throw new KmsError(
      'NotAuthorizedException',
      'The alias name for a customer managed CMK cannot begin with alias/aws/.',
    );
  }
  // the pattern allows it, the service does not
  if (input.AliasName.includes(':')) {
    throw new KmsError('ValidationException', `${input.AliasName} contains invalid characters for an alias`);
  }
  if (input.AliasName === 'alias/')
    throw new KmsError('InvalidAliasNameException', 'The alias name after alias/ is empty.');
  if (isAliasIdentifier(input.TargetKeyId))
    throw new KmsError('ValidationException', 'Aliases must refer to keys. Not aliases');
}

export const createAlias = operation({
  ...shapes.createAlias,
  access: 'write',
  validateInput: checkCustomerName,
  targets: ({ AliasName, TargetKeyId }) => [key(TargetKeyId, 'CreateAlias'), alias(AliasName, 'CreateAlias')],
  state: 'not-pending',
  log: { response: 'keyId' },
  async run(call) {
    const { tx, home, input, now } = call;
    const { key: target } = keysOf(call)[0]!;
    if (await findAlias(tx, home, input.AliasName)) {
      const arn = aliasArn(home, input.AliasName);
      throw new KmsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
    }
    await checkTarget(tx, home, target);
    const { account, region } = home;
    putAlias(tx, { account, region, name: input.AliasName, targetKeyId: target.keyId, created: now, updated: now });
    return {};
  },
});

export const updateAlias = operation({
  ...shapes.updateAlias,
  access: 'write',
  validateInput: checkCustomerName,
  // the state of the key that the alias leaves does not matter
  targets: async ({ AliasName, TargetKeyId }, source) => [
    alias(AliasName, 'UpdateAlias'),
    { ...key((await aliasOrNotFound(source, AliasName)).targetKeyId, 'UpdateAlias'), authorizeOnly: true },
    key(TargetKeyId, 'UpdateAlias'),
  ],
  state: 'not-pending',
  log: { response: 'keyId' },
  async run(call) {
    const { tx, home, input, now } = call;
    const [current, target] = keysOf(call).map(({ key }) => key) as [KmsKey, KmsKey];
    const previous = (await findAlias(tx, home, input.AliasName))!;
    if (KEY_SPECS[current.spec].type !== KEY_SPECS[target.spec].type || current.usage !== target.usage) {
      // API reference, UpdateAlias; AWS's own text is not known
      throw new KmsError(
        'ValidationException',
        `The current and the new key of ${aliasArn(home, input.AliasName)} must be of the same type and have the same key usage.`,
      );
    }
    if (current.keyId !== target.keyId) await checkTarget(tx, home, target);
    putAlias(tx, { ...previous, targetKeyId: target.keyId, updated: now }, previous);
    return {};
  },
});

async function aliasOrNotFound(source: TargetSource, name: string): Promise<Alias> {
  const { home } = source;
  const found = await source.alias(name);
  if (!found) throw new KmsError('NotFoundException', `Alias ${aliasArn(home, name)} is not found.`);
  return found;
}

/** An alias and its key are of one account and Region, and customer managed. */
async function checkTarget(tx: Transaction, home: Home, target: KmsKey): Promise<void> {
  if (target.manager === 'AWS' || target.account !== home.account) {
    throw new KmsError('NotAuthorizedException', `An alias cannot refer to ${keyArn(target, target.keyId)}.`);
  }
  if ((await aliasesOf(tx, home, target.keyId)).length >= ALIASES_PER_KEY) {
    throw new KmsError(
      'LimitExceededException',
      `${keyArn(target, target.keyId)} has ${ALIASES_PER_KEY} aliases already.`,
    );
  }
}

export const deleteAlias = operation({
  ...shapes.deleteAlias,
  access: 'write',
  validateInput(input) {
    checkName(input);
    if (input.AliasName.startsWith('alias/aws/')) {
      throw new KmsError('NotAuthorizedException', `${input.AliasName} is an alias of an AWS managed key.`);
    }
  },
  targets: async ({ AliasName }, source) => [
    alias(AliasName, 'DeleteAlias'),
    key((await aliasOrNotFound(source, AliasName)).targetKeyId, 'DeleteAlias'),
  ],
  state: 'any',
  log: { response: 'keyId' },
  async run({ tx, home, input }) {
    removeAlias(tx, (await findAlias(tx, home, input.AliasName))!);
    return {};
  },
});

export const listAliases = operation({
  ...shapes.listAliases,
  access: 'read',
  targets: () => [noTarget('ListAliases')],
  async run({ tx, home, input }) {
    const item = ({ value }: { readonly value: Uint8Array }): Listed => listedAlias(decodeAlias(value));
    const records = { request: input, rules: { default: 50, max: 100 }, item };
    const { items, ...rest } =
      input.KeyId === undefined
        ? await pageOfBoth(tx, await predefined(tx, home), { prefix: aliasesPath(home), ...records })
        : await pageOfRecords(tx, { prefix: await aliasesOfKey(tx, home, input.KeyId), ...records });
    return { Aliases: items, ...rest };
  },
});

type Listed = ValueOf<typeof shapes.aliasListEntry>;

/** Aliases of AWS managed keys that do not exist yet have a name and no key. */
const predefined = async (tx: Transaction, home: Home) => ({
  items: (await unusedAliases(tx, home)).map((name): Listed => ({ AliasName: name, AliasArn: aliasArn(home, name) })),
  mark: ({ AliasName }: Listed) => AliasName!,
  isMark: (mark: string) => mark.startsWith('alias/'),
});

/** The filter names a key, by ID or ARN, in the caller's account and Region. */
async function aliasesOfKey(tx: Transaction, home: Home, identifier: string): Promise<string> {
  const named = parseKeyIdentifier(identifier, home);
  if (named.kind === 'alias')
    throw new KmsError('InvalidArnException', 'Key Aliases are not supported for this operation.');
  if (named.account !== home.account || !(await findKey(tx, home, named.keyId))) {
    throw new KmsError('NotFoundException', `Key '${keyArn(named, named.keyId)}' does not exist`);
  }
  return keyAliasesPath(home, named.keyId);
}

const listedAlias = (entry: Alias) => ({
  AliasName: entry.name,
  AliasArn: aliasArn(entry, entry.name),
  TargetKeyId: entry.targetKeyId,
  CreationDate: new Date(entry.created),
  LastUpdatedDate: new Date(entry.updated),
});
