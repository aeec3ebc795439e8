/** The input of `kms lint`: files, standard input, and the policies and grants of the keyring. */
import { keyArn, type Home } from '../../model/arn.ts';
import { readText } from '../../files/limited-read.ts';
import { decodeGrant, grantsPath, type GrantRecord } from '../../keyring/grant.ts';
import { identities } from '../../keyring/identity.ts';
import { findKey, keysPath, type KmsKey } from '../../keyring/kms-key.ts';
import { vpcEndpoints } from '../../keyring/vpc-endpoint.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { knownBy } from '../../lint/known-identities.ts';
import { kindOf } from '../../lint/lint.ts';
import type { Document } from '../../lint/run.ts';
import type { LintKind, LintSettings } from '../../lint/core/settings.ts';
import { readTolerantly } from '../../lint/core/tolerant.ts';
import type { CallerChoice, KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import { keyNamed } from '../command/named.ts';
import { checkPolicySize } from './policy-file.ts';

const STANDARD_INPUT = '-';

/** Bytes of a list of grants, some 2,000 of them. */
const MAX_GRANTS = 1 << 20;

export const readFiles = (paths: readonly string[], kind: LintKind | undefined): readonly Document[] =>
  paths.map((path) => {
    const name = path === STANDARD_INPUT ? 'stdin' : path;
    const text = checkPolicySize(name, readText(path), MAX_GRANTS);
    if ((kind ?? kindOf(readTolerantly(text))) !== 'grant') checkPolicySize(name, text);
    return { name, text, kind };
  });

export interface KeyringScope {
  readonly key: string | undefined;
  readonly all: boolean;
  /** Files belong to the key: they are what its policy is to be. */
  readonly files: readonly Document[];
}

export async function readKeyring(
  session: KeyringAccess & CallerChoice & RegionChoice,
  { key, all, files }: KeyringScope,
): Promise<readonly Document[]> {
  const keyring = await session.open();
  return keyring.transact(async (tx) => {
    const everyone = await identities(tx);
    const known: LintSettings =
      everyone.length > 0 ? knownBy(everyone.map(({ arn, uniqueId }) => ({ arn, id: uniqueId }))) : {};
    const keys = all ? await everyKey(tx, session.region) : [(await keyNamed(tx, key!, session.region)).key];
    const documents: Document[] = [];
    for (const one of keys) {
      const settings = { ...known, ...settingsFor(one, session) };
      if (files.length > 0) {
        documents.push(...files.map((file) => ({ ...file, settings })));
        continue;
      }
      const name = keyArn(one, one.keyId);
      documents.push({ name, text: one.policy, kind: 'key', settings });
      const grants = await grantsOf(tx, one);
      if (grants.length > 0)
        documents.push({ name: `${name}/grants`, text: printGrants(grants), kind: 'grant', settings });
    }
    if (all) {
      for (const { arn, policies } of everyone) {
        for (const { name, text } of policies)
          documents.push({ name: `${arn}/${name}`, text, kind: 'identity', settings: known });
      }
      for (const { id, policy } of await vpcEndpoints(tx))
        documents.push({ name: id, text: policy, kind: 'endpoint', settings: known });
    }
    return documents;
  });
}

const settingsFor = (key: KmsKey, { caller }: CallerChoice): LintSettings => ({
  key: {
    arn: keyArn(key, key.keyId),
    account: key.account,
    region: key.region,
    spec: key.spec,
    usage: key.usage,
    origin: key.origin,
    multiRegion: key.multiRegion,
  },
  keyPolicy: key.policy,
  caller: caller(key.account),
});

async function everyKey(tx: Transaction, region: string | undefined): Promise<readonly KmsKey[]> {
  const home: Home = { account: tx.settings.account, region: region ?? tx.settings.region };
  const prefix = keysPath(home);
  const keys: KmsKey[] = [];
  for await (const { path } of tx.rows(prefix)) {
    const key = await findKey(tx, home, path.slice(prefix.length));
    if (key) keys.push(key);
  }
  return keys;
}

async function grantsOf(tx: Transaction, key: KmsKey): Promise<readonly GrantRecord[]> {
  const grants: GrantRecord[] = [];
  for await (const { value } of tx.rows(grantsPath(key))) grants.push(decodeGrant(value));
  return grants;
}

/** As ListGrants answers them. */
function printGrants(grants: readonly GrantRecord[]): string {
  const Grants = grants.map((grant) => {
    const { encryptionContextEquals, encryptionContextSubset, sourceArn } = grant.constraints ?? {};
    const constraints = {
      EncryptionContextEquals: encryptionContextEquals,
      EncryptionContextSubset: encryptionContextSubset,
      SourceArn: sourceArn,
    };
    return {
      KeyId: grant.keyId,
      GrantId: grant.id,
      Name: grant.name,
      GranteePrincipal: grant.granteePrincipal,
      GranteeServicePrincipal: grant.granteeServicePrincipal,
      RetiringPrincipal: grant.retiringPrincipal,
      RetiringServicePrincipal: grant.retiringServicePrincipal,
      Operations: grant.operations,
      ...(grant.constraints ? { Constraints: constraints } : {}),
    };
  });
  return JSON.stringify({ Grants }, undefined, 2);
}
