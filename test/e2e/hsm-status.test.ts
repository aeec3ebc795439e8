/** `kms hsm status`: what it says of tokens that key stores cannot use; and calls where the package koffi is not installed. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultyToken, softHsmToken, type TestToken } from '../support/pkcs11/token.ts';
import { workplace, type Workplace } from './command.ts';

const CLUSTER = 'cluster-a2b3c4d5e6f';

interface Place {
  readonly work: Workplace;
  readonly token: ReturnType<typeof faultyToken>;
}

async function place(wanted: Parameters<typeof softHsmToken>[1] = {}): Promise<Place> {
  const work = await workplace({ init: false });
  const token = faultyToken(work.folder, softHsmToken(work.folder, wanted));
  await work.json('hsm', 'add', CLUSTER, ...token.addOptions);
  return { work, token };
}

async function statusOf(
  { folder, env, kmsWith }: Pick<Workplace, 'folder' | 'env' | 'kmsWith'>,
  token: TestToken,
  more: NodeJS.ProcessEnv = {},
): Promise<{ readonly exitCode: number | undefined; readonly cluster: { readonly [member: string]: unknown } }> {
  const ran = await kmsWith({ cwd: folder, env: { ...env, ...token.env, ...more } }, 'hsm', 'status', CLUSTER);
  const { Clusters } = JSON.parse(ran.stdout) as {
    readonly Clusters: readonly [{ readonly [member: string]: unknown }];
  };
  return { exitCode: ran.exitCode, cluster: Clusters[0] };
}

const PROBLEMS: readonly (readonly [fault: string, status: string, problem: string])[] = [
  ['C_GetFunctionList value 0x5', 'CLUSTER_NOT_FOUND', 'cannot be loaded'],
  ['C_Initialize value 0x5', 'CLUSTER_NOT_FOUND', 'cannot be initialized: C_Initialize: CKR_GENERAL_ERROR'],
  ['C_GetSlotList no-token', 'INSUFFICIENT_CLOUDHSM_HSMS', 'no slot of'],
  ['C_GetSlotList length 99999', 'INTERNAL_ERROR', 'C_GetSlotList: a count of 99999'],
  ['C_GetTokenInfo value 0x30', 'NETWORK_ERRORS', 'CKR_DEVICE_ERROR'],
  ['C_GetTokenInfo skip', 'CLUSTER_NOT_FOUND', 'has the label experiments'],
  ['C_GetMechanismList value 0x3', 'CLUSTER_NOT_FOUND', 'CKR_SLOT_ID_INVALID'],
  ['C_GetMechanismList length 0', 'INTERNAL_ERROR', 'the token does not have CKM_AES_GCM, CKM_AES_KEY_GEN'],
];

test.each(PROBLEMS)('%s: %s', async (fault, status, problem) => {
  const { work, token } = await place();
  expect(await statusOf(work, token)).toMatchObject({ exitCode: 0, cluster: { Status: 'READY' } });
  token.faults(fault);
  const found = await statusOf(work, token);
  expect(found).toMatchObject({ exitCode: 1, cluster: { Status: status } });
  expect(found.cluster['Problem']).toContain(problem);
});

test('a token without a user, and a library that others can write', async () => {
  const { work, token } = await place({ hasUser: false });
  expect(await statusOf(work, token)).toMatchObject({ exitCode: 1, cluster: { Status: 'USER_NOT_FOUND' } });
  chmodSync(token.module, 0o646);
  const { cluster } = await statusOf(work, token);
  expect(cluster).toMatchObject({ Status: 'CLUSTER_NOT_FOUND' });
  expect(cluster['Problem']).toContain('is writable by other users');
});

test('without koffi, it says what to install', async () => {
  const { work, token } = await place();
  const hiding = join(work.folder, 'without-koffi.cjs');
  writeFileSync(
    hiding,
    `require('node:module').registerHooks({
      resolve(name, context, next) {
        if (name === 'koffi') throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' });
        return next(name, context);
      },
    });`,
  );
  const { exitCode, cluster } = await statusOf(work, token, { NODE_OPTIONS: `--require=${hiding}` });
  expect(exitCode).toBe(1);
  expect(cluster['Problem']).toBe(
    'PKCS#11 tokens need the package koffi, which is not installed: npm install --include=optional installs it',
  );
});
