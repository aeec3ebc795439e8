/** A cluster with a token for tests of its HSM: its entry, its user and a key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { Secret } from '../../../src/crypto/secret.ts';
import { clusterEntries, type ClusterEntry } from '../../../src/key-managers/hsm/cluster-entry.ts';
import type { Hsm, HsmKey } from '../../../src/key-managers/hsm/hsm.ts';
import { pkcs11Hsm } from '../../../src/key-managers/hsm/pkcs11/pkcs11-hsm.ts';
import type { TestToken } from '../../support/pkcs11/token.ts';

export const CLUSTER = 'cluster-a2b3c4d5e6f';
export const ARN = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
export const secret = (text: string): Secret => new Secret(Buffer.from(text));
export const [FIRST, SECOND, THIRD] = ['firstPassword1', 'secondPassword2', 'thirdPassword3'];
const bytes = (text: string): Uint8Array => Buffer.from(text);
export const raised = (code: string): object => expect.objectContaining({ name: 'HsmError', code });

export const entryOf = ({ module, moduleArguments, label }: TestToken, changes: Partial<ClusterEntry> = {}) => ({
  clusterId: CLUSTER,
  module,
  moduleArguments,
  token: label,
  pinFormat: 'PASSWORD' as const,
  ivSource: 'CALLER' as const,
  ...changes,
});

/** Of a process that has this token. */
export function hsmOf(token: TestToken, changes: Partial<ClusterEntry> = {}): Hsm {
  Object.assign(process.env, token.env);
  const configFolder = mkdtempSync(join(tmpdir(), 'pocket-kms-test-'));
  onTestFinished(() => rmSync(configFolder, { recursive: true }));
  clusterEntries(configFolder).write(entryOf(token, changes));
  const hsm = pkcs11Hsm({ configFolder, inProcesses: true });
  onTestFinished(() => hsm.close());
  return hsm;
}

export const keyOf = (password: string, label = ARN): HsmKey => ({
  clusterId: CLUSTER,
  password: secret(password),
  label,
});

/** Connected, with a key. */
export async function connected(
  token: TestToken,
  changes: Partial<ClusterEntry> = {},
): Promise<{ hsm: Hsm; key: HsmKey }> {
  const hsm = hsmOf(token, changes);
  await hsm.connect(CLUSTER, [secret(token.password)], secret(FIRST));
  const key = keyOf(FIRST);
  await hsm.createKey(key);
  return { hsm, key };
}

export const side = { plaintext: bytes('plaintext'), aad: bytes('context') };

export async function works(hsm: Hsm, key: HsmKey): Promise<void> {
  const sealed = await hsm.encrypt(key, side);
  expect(Buffer.from((await hsm.decrypt(key, { ...sealed, aad: side.aad }))!)).toEqual(Buffer.from(side.plaintext));
}
