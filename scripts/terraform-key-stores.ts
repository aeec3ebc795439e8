/** What custom key stores need beside `kms serve`: a token of SoftHSM, a proxy, and the operator's entries for both. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConnectCustomKeyStoreCommand, DescribeCustomKeyStoresCommand, type KMSClient } from '@aws-sdk/client-kms';
import { certificateAuthority } from '../test/support/certificates.ts';
import { startProxy } from '../test/support/external-proxy.ts';
import { softHsmToken } from '../test/support/pkcs11/token.ts';
import { root } from './root.ts';

/** As in test/terraform/key-stores/main.tf. */
const CLUSTER = 'cluster-2a23b4cdefg';
const PASSWORD = 'firstPassword';
const HOST = 'xks.example.com';
const CREDENTIALS = { ABCDE234567ABCDEFGHIJ: 'DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=' };

export interface KeyManagersOfTest {
  /** For `kms serve`. */
  readonly env: NodeJS.ProcessEnv;
  /** A certificate for the key store of the cluster. */
  readonly certificate: string;
  readonly stop: () => Promise<void>;
}

/** @param folder an empty one */
export async function keyManagers(folder: string): Promise<KeyManagersOfTest> {
  const below = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { mode: 0o700 });
    return path;
  };
  const token = softHsmToken(below('token'), { password: PASSWORD });
  const authority = certificateAuthority(below('authority'));
  const proxy = await startProxy({
    credentials: CREDENTIALS,
    keys: { 'external-key-1': { material: '0b'.repeat(32) } },
    tls: authority.sign(HOST),
  });
  const env = { ...process.env, ...token.env, XDG_CONFIG_HOME: below('config') };
  const add = (...words: readonly string[]): void => {
    const { status, stderr } = spawnSync(process.execPath, [root('bin/kms.js'), ...words], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`kms ${words.join(' ')}: ${stderr}`);
  };
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.cert);
  add('hsm', 'add', CLUSTER, ...token.addOptions);
  add('xks', 'add', HOST, '--connect', `127.0.0.1:${proxy.port}`, '--ca', ca);
  return { env, certificate: authority.cert, stop: () => proxy.stop() };
}

/** Terraform does not. */
export async function connectAll(client: KMSClient): Promise<void> {
  const { CustomKeyStores = [] } = await client.send(new DescribeCustomKeyStoresCommand({}));
  for (const { CustomKeyStoreId } of CustomKeyStores) {
    await client.send(new ConnectCustomKeyStoreCommand({ CustomKeyStoreId }));
  }
  const { CustomKeyStores: connected = [] } = await client.send(new DescribeCustomKeyStoresCommand({}));
  const other = connected.find(({ ConnectionState }) => ConnectionState !== 'CONNECTED');
  if (other) throw new Error(`${other.CustomKeyStoreName} is ${other.ConnectionState}: ${other.ConnectionErrorCode}`);
}

export async function countKeyStores(client: KMSClient): Promise<number> {
  const { CustomKeyStores = [] } = await client.send(new DescribeCustomKeyStoresCommand({}));
  return CustomKeyStores.length;
}
