/** What becomes of calls when a token or its library fails, lies, hangs or crashes. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tokensInProcesses } from '../../../src/key-managers/hsm/pkcs11/tokens-in-processes.ts';
import type { Hsm, HsmErrorCode, HsmKey } from '../../../src/key-managers/hsm/hsm.ts';
import { temporaryFolders } from '../../support/folder.ts';
import { faultyToken, softHsmToken } from '../../support/pkcs11/token.ts';
import {
  ARN,
  CLUSTER,
  connected,
  entryOf,
  FIRST,
  hsmOf,
  keyOf,
  raised,
  SECOND,
  secret,
  side,
  works,
} from './cluster.ts';

const folder = temporaryFolders();

function newToken(options: Parameters<typeof softHsmToken>[1] = {}): ReturnType<typeof faultyToken> {
  const at = folder();
  return faultyToken(at, softHsmToken(at, options));
}

describe('connecting fails with', () => {
  const CODES: readonly (readonly [HsmErrorCode, string, fault: string])[] = [
    ['CLUSTER_NOT_FOUND', 'CKR_SLOT_ID_INVALID', 'C_OpenSession value 0x3'],
    ['CLUSTER_NOT_FOUND', 'cannot be loaded: C_GetFunctionList: CKR_GENERAL_ERROR', 'C_GetFunctionList value 0x5'],
    ['INSUFFICIENT_CLOUDHSM_HSMS', 'no slot of', 'C_GetSlotList no-token'],
    ['INVALID_CREDENTIALS', 'CKR_PIN_INCORRECT', 'C_Login value 0xa0'],
    ['INVALID_CREDENTIALS', 'CKR_PIN_LEN_RANGE', 'C_Login value 0xa2'],
    ['USER_LOCKED_OUT', 'CKR_PIN_LOCKED', 'C_Login value 0xa4'],
    ['USER_LOGGED_IN', 'CKR_USER_ANOTHER_ALREADY_LOGGED_IN', 'C_Login value 0x104'],
    ['USER_NOT_FOUND', 'CKR_USER_PIN_NOT_INITIALIZED', 'C_Login value 0x102'],
    ['NETWORK_ERRORS', 'CKR_DEVICE_ERROR', 'C_OpenSession value 0x30'],
    ['NETWORK_ERRORS', 'CKR_DEVICE_REMOVED', 'C_Login value 0x32'],
    ['NO_FREE_SESSION', 'CKR_SESSION_COUNT', 'C_OpenSession value 0xb1'],
    ['INTERNAL_ERROR', 'CKR_HOST_MEMORY', 'C_Login value 0x2'],
    ['INTERNAL_ERROR', '0x80000001', 'C_Login value 0x80000001'],
    ['INTERNAL_ERROR', 'C_Login: CKR_FUNCTION_NOT_SUPPORTED', 'C_Login none'],
    ['INTERNAL_ERROR', 'C_GetSlotList: a count of 4294967295', 'C_GetSlotList length 4294967295'],
    ['INTERNAL_ERROR', 'C_SetPIN: CKR_SESSION_READ_ONLY', 'C_SetPIN value 0xb5'],
  ];
  test.each(CODES)('%s: %s', async (code, message, fault) => {
    const token = newToken();
    token.faults(fault);
    const connecting = hsmOf(token).connect(CLUSTER, [secret(token.password)], secret(FIRST));
    await expect(connecting).rejects.toThrow(raised(code));
    await expect(connecting).rejects.toThrow(message);
    await expect(connecting).rejects.toThrow(CLUSTER);
  });

  test('USER_NOT_FOUND for a token whose user has no PIN', async () => {
    const token = softHsmToken(folder(), { hasUser: false });
    await expect(hsmOf(token).connect(CLUSTER, [secret(token.password)], secret(FIRST))).rejects.toThrow(
      raised('USER_NOT_FOUND'),
    );
  });

  test('CLUSTER_NOT_FOUND for a token of another label, and INTERNAL_ERROR for two of one', async () => {
    const at = folder();
    const token = softHsmToken(at);
    const connect = (label: string): Promise<unknown> =>
      hsmOf(token, { token: label }).connect(CLUSTER, [secret(token.password)], secret(FIRST));
    await expect(connect('another')).rejects.toThrow(raised('CLUSTER_NOT_FOUND'));
    await expect(connect('another')).rejects.toThrow('has the label another; there are "experiments"');
    softHsmToken(at);
    await expect(connect(token.label)).rejects.toThrow('several tokens');
  });

  test('CLUSTER_NOT_FOUND for a library that is gone, or that others can write', async () => {
    const token = newToken();
    const hsm = hsmOf(token);
    chmodSync(token.module, 0o666);
    const connect = (): Promise<unknown> => hsm.connect(CLUSTER, [secret(token.password)], secret(FIRST));
    await expect(connect()).rejects.toThrow(raised('CLUSTER_NOT_FOUND'));
    await expect(connect()).rejects.toThrow('is writable by other users');
    const gone = hsmOf(token, { module: `${token.module}.6` });
    await expect(gone.random(keyOf(FIRST), 1)).rejects.toThrow('does not exist');
    const text = join(folder(), 'text.so');
    writeFileSync(text, 'no library');
    await expect(hsmOf(token, { module: text }).random(keyOf(FIRST), 1)).rejects.toThrow('cannot be loaded');
  });

  test('no more tries of a password that locks the user out than there are passwords', async () => {
    const token = newToken();
    token.faults('C_Login value 0xa4');
    const hsm = hsmOf(token);
    await expect(hsm.connect(CLUSTER, [secret(SECOND), secret(token.password)], secret(FIRST))).rejects.toThrow(
      raised('USER_LOCKED_OUT'),
    );
  });
});

describe('the password is changed so that a crash loses nothing', () => {
  test.each(['C_Login kill-before', 'C_Login kill-after', 'C_SetPIN kill-before', 'C_SetPIN kill-after'])(
    '%s',
    async (fault) => {
      const token = newToken();
      token.faults(fault);
      const hsm = hsmOf(token);
      const connect = (...passwords: readonly string[]): Promise<unknown> =>
        hsm.connect(CLUSTER, passwords.map(secret), secret(FIRST));
      await expect(connect(token.password)).rejects.toThrow('its process ended: SIGKILL');
      token.faults();
      await connect(token.password, FIRST);
      expect((await hsm.random(keyOf(FIRST), 4)).length).toBe(4);
    },
  );

  test('a library that cannot change it: the old one stays right', async () => {
    const token = newToken();
    token.faults('C_SetPIN value 0x54');
    const hsm = hsmOf(token);
    const right = await hsm.connect(CLUSTER, [secret(token.password)], secret(FIRST));
    expect(right.equals(secret(token.password))).toBe(true);
    expect((await hsm.random(keyOf(token.password), 4)).length).toBe(4);
  });

  test('with the user in the PIN, as CloudHSM has it', async () => {
    const token = newToken({ password: 'kmsuser:kmsPswd1' });
    const hsm = hsmOf(token, { pinFormat: 'USER_AND_PASSWORD' });
    await hsm.connect(CLUSTER, [secret('kmsPswd1')], secret(FIRST));
    expect(token.pkcs11Tool(['--list-objects'], `kmsuser:${FIRST}`)).toBe('');
  });
});

describe('a call fails, and the next one succeeds, when', () => {
  const FAULTS: readonly (readonly [fault: string, HsmErrorCode])[] = [
    ['C_Encrypt value 0x30', 'NETWORK_ERRORS'],
    ['C_Encrypt then 0x30', 'NETWORK_ERRORS'],
    ['C_EncryptInit value 0x60', 'KEY_NOT_FOUND'],
    ['C_EncryptInit value 0x82', 'KEY_NOT_FOUND'],
    ['C_EncryptInit value 0x101', 'NETWORK_ERRORS'],
    ['C_EncryptInit value 0xb3', 'NETWORK_ERRORS'],
    ['C_EncryptInit value 0x190', 'NETWORK_ERRORS'],
    ['C_EncryptInit value 0x70', 'INTERNAL_ERROR'],
    ['C_Encrypt value 0x5', 'INTERNAL_ERROR'],
    ['C_Encrypt length 0', 'INTERNAL_ERROR'],
    ['C_Encrypt length 24', 'INTERNAL_ERROR'],
    ['C_Encrypt length 26', 'INTERNAL_ERROR'],
    ['C_Encrypt length 18446744073709551615', 'INTERNAL_ERROR'],
    ['C_GenerateRandom skip', 'INTERNAL_ERROR'],
    ['C_FindObjects length 3', 'INTERNAL_ERROR'],
    ['C_FindObjects length 0', 'KEY_NOT_FOUND'],
    ['C_Encrypt crash', 'NETWORK_ERRORS'],
    ['C_Encrypt kill-after', 'NETWORK_ERRORS'],
  ];
  test.each(FAULTS)('%s', async (fault, code) => {
    const token = newToken();
    const { hsm, key } = await connected(token);
    // another process, which does not know the handle of the key
    const other = hsmOf(token);
    token.faults(fault);
    await expect(other.encrypt(key, side)).rejects.toThrow(raised(code));
    token.faults();
    await works(other, key);
    await works(hsm, key);
  });

  test.each(['C_Decrypt length 8', 'C_Decrypt length 10', 'C_Decrypt length 99999', 'C_Decrypt value 0x5'])(
    '%s, which is not a wrong ciphertext unless the token lives',
    async (fault) => {
      const token = newToken();
      const { hsm, key } = await connected(token);
      const sealed = { ...(await hsm.encrypt(key, side)), aad: side.aad };
      token.faults(fault, 'C_Encrypt value 0x5');
      await expect(hsm.decrypt(key, sealed)).rejects.toThrow(raised('INTERNAL_ERROR'));
      token.faults();
      expect(await hsm.decrypt(key, sealed)).toBeDefined();
    },
  );

  test('C_GetAttributeValue length 99999', async () => {
    const token = newToken();
    const { hsm, key } = await connected(token);
    token.faults('C_GetAttributeValue length 99999');
    await expect(hsm.findKeys(key)).rejects.toThrow('a length of 99999');
    token.faults();
    await works(hsm, key);
  });

  test('the token is full', async () => {
    const token = newToken();
    const { hsm } = await connected(token);
    token.faults('C_GenerateKey value 0x31');
    await expect(hsm.createKey(keyOf(FIRST, `${ARN}-2`))).rejects.toThrow('CKR_DEVICE_MEMORY');
  });

  test('it hangs: the process is ended, and all that wait are told', async () => {
    const token = newToken();
    await connected(token);
    const tokens = tokensInProcesses({ timeout: 1_000 });
    onTestFinished(() => tokens.close());
    const random = (): Promise<unknown> =>
      tokens.call(entryOf(token), 'random', { password: Buffer.from(FIRST), size: 4 });
    await random();
    token.faults('C_GenerateRandom hang');
    const calls = await Promise.allSettled([random(), random()]);
    for (const call of calls) {
      expect(call).toMatchObject({ status: 'rejected', reason: raised('NETWORK_ERRORS') });
      expect(String((call as PromiseRejectedResult).reason)).toContain('did not answer within 1000 milliseconds');
    }
    token.faults();
    await random();
  });

  test('one call hangs while others are answered: it does not wait for longer', async () => {
    const token = newToken();
    const { key } = await connected(token);
    const tokens = tokensInProcesses({ timeout: 1_000 });
    onTestFinished(() => tokens.close());
    const input = { label: key.label, password: Buffer.from(FIRST), ...side };
    const encrypt = (): Promise<unknown> => tokens.call(entryOf(token), 'encrypt', input);
    await encrypt();
    token.faults('C_GenerateRandom hang');
    const hangs = tokens.call(entryOf(token), 'random', { password: Buffer.from(FIRST), size: 4 });
    const outcome = expect(hangs).rejects.toThrow('did not answer within 1000 milliseconds');
    let answered = 0;
    const encryptOften = async (): Promise<void> => {
      for (; answered < 250; answered += 1) {
        await encrypt();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await expect(encryptOften()).rejects.toThrow('did not answer within 1000 milliseconds');
    expect(answered).toBeGreaterThan(10);
    await outcome;
    token.faults();
    await encrypt();
  });

  test('too many wait', async () => {
    const token = newToken();
    await connected(token);
    const tokens = tokensInProcesses({ maxWaiting: 2 });
    onTestFinished(() => tokens.close());
    const random = (): Promise<unknown> =>
      tokens.call(entryOf(token), 'random', { password: Buffer.from(FIRST), size: 4 });
    const calls = await Promise.allSettled([random(), random(), random()]);
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(calls[2]).toMatchObject({ reason: raised('NO_FREE_SESSION') });
  });
});

describe('sessions', () => {
  const encryptMany = async (hsm: Hsm, key: HsmKey, callers: number, calls: number): Promise<void> => {
    const each = Array.from({ length: callers }, async () => {
      for (let call = 0; call < calls; call += 1) await works(hsm, key);
    });
    await Promise.all(each);
  };

  test('50 calls run at once', async () => {
    const token = newToken();
    const { hsm, key } = await connected(token);
    // none of them goes on before there are so many
    token.faults('C_Encrypt together 50');
    await encryptMany(hsm, key, 50, 1);
    token.faults('C_Encrypt together 51');
    await expect(encryptMany(hsm, key, 51, 1)).rejects.toThrow('CKR_FUNCTION_FAILED');
  });

  test('one after the other need one session', async () => {
    const token = newToken();
    const { hsm, key } = await connected(token);
    token.faults('C_OpenSession value 0xb1');
    await encryptMany(hsm, key, 1, 10);
  });

  test.each([1, 3])('a token that has %i: the other calls wait for them', async (limit) => {
    const token = newToken();
    token.faults(`C_OpenSession at-most ${limit}`);
    const { hsm, key } = await connected(token);
    await encryptMany(hsm, key, 20, 5);
    token.faults(`C_OpenSession at-most ${limit}`, `C_Encrypt together ${limit + 1}`);
    await expect(encryptMany(hsm, key, 20, 1)).rejects.toThrow('CKR_FUNCTION_FAILED');
  });

  test('of which all are dead: the user logs in once for all calls, none of which fails', async () => {
    const token = newToken();
    token.faults('C_Login times 2');
    const { hsm, key } = await connected(token);
    await encryptMany(hsm, key, 50, 1);
    token.faults('C_Encrypt until-login 2', 'C_Login times 2');
    await encryptMany(hsm, key, 50, 10);
    // and would be locked out by logging in once more
    token.faults('C_Encrypt until-login 3', 'C_Login times 2');
    await expect(encryptMany(hsm, key, 50, 1)).rejects.toThrow(raised('USER_LOCKED_OUT'));
  });

  test('of a library that has to be initialized again: it is once for all calls, none of which fails', async () => {
    const token = newToken();
    const { hsm, key } = await connected(token);
    await encryptMany(hsm, key, 50, 1);
    const over = new AbortController();
    const others = Array.from({ length: 5 }, async () => {
      while (!over.signal.aborted) await hsm.random(key, 4);
    });
    for (let times = 2; times <= 9; times += 1) {
      token.faults(
        `C_Encrypt until-initialized ${times}`,
        `C_Initialize times ${times}`,
        'C_GenerateRandom slow 5', // so that some run when the library is finalized, unless they are waited for
      );
      await encryptMany(hsm, key, 50, 2);
    }
    over.abort();
    await Promise.all(others);
    token.faults('C_Encrypt until-initialized 10', 'C_Initialize times 9');
    await expect(encryptMany(hsm, key, 50, 1)).rejects.toThrow('cannot be initialized');
  });
});

describe('the initialization vector', () => {
  test.each([
    ['iv-written', 'TOKEN'],
    ['iv-appended', 'APPENDED'],
  ] as const)('of the token: %s', async (mode, ivSource) => {
    const token = newToken();
    const { hsm, key } = await connected(token, { ivSource });
    // the token must write one
    await expect(hsm.encrypt(key, side)).rejects.toThrow(
      ivSource === 'TOKEN' ? 'has not written its initialization vector' : 'bytes for',
    );
    token.faults(`C_Encrypt ${mode}`);
    const [one, other] = [await hsm.encrypt(key, side), await hsm.encrypt(key, side)];
    expect(one.iv).not.toEqual(other.iv);
    expect([one.ciphertext.length, one.tag.length]).toEqual([side.plaintext.length, 16]);
    for (const sealed of [one, other]) {
      expect(Buffer.from((await hsm.decrypt(key, { ...sealed, aad: side.aad }))!)).toEqual(side.plaintext);
    }
    expect(await hsm.decrypt(key, { ...one, aad: Buffer.from('another') })).toBeUndefined();
  });
});

describe('keys that others have put into the token', () => {
  test('without logging in, or that can be extracted, are not taken', async () => {
    const token = softHsmToken(folder());
    const { hsm } = await connected(token);
    const label = `${ARN}-planted`;
    const value = join(folder(), 'value');
    writeFileSync(value, randomBytes(32));
    const write = ['--write-object', value, '--type', 'secrkey', '--key-type', 'AES:32', '--label', label];
    token.pkcs11Tool([...write, '--usage-decrypt'], FIRST);
    token.pkcs11Tool(['--keygen', '--key-type', 'AES:32', '--label', label, '--extractable', '--private'], FIRST);
    expect(token.pkcs11Tool(['--list-objects'], FIRST).split(label)).toHaveLength(3);
    await expect(hsm.encrypt(keyOf(FIRST, label), side)).rejects.toThrow('has no key with the label');
  });

  test('as a second one of the same label: neither is used, and both are destroyed', async () => {
    const token = softHsmToken(folder());
    const { hsm, key } = await connected(token);
    token.pkcs11Tool(['--keygen', '--key-type', 'AES:32', '--label', ARN, '--sensitive', '--private'], FIRST);
    const other = hsmOf(token);
    await expect(other.encrypt(key, side)).rejects.toThrow('several keys have the label');
    expect(await other.findKeys(key)).toHaveLength(2);
    await other.destroyKeys(key);
    expect(await other.findKeys(key)).toEqual([]);
    await expect(hsm.encrypt(key, side)).rejects.toThrow(raised('KEY_NOT_FOUND'));
  });
});

test('an operator who changes the entry changes what the next call does', async () => {
  const token = softHsmToken(folder());
  const hsm = hsmOf(token);
  await hsm.connect(CLUSTER, [secret(token.password)], secret(FIRST));
  await expect(hsm.checkCluster('cluster-b2b3c4d5e6f', '')).rejects.toThrow(raised('NO_ENTRY'));
  await expect(hsm.random({ ...keyOf(FIRST), clusterId: '../hsm' }, 1)).rejects.toThrow(raised('CLUSTER_NOT_FOUND'));
});

test('passwords are in no message', async () => {
  const token = newToken();
  const hsm = hsmOf(token);
  for (const fault of ['C_Login value 0xa0', 'C_Login value 0x5', 'C_Initialize value 0x5', 'C_Login crash']) {
    token.faults(fault);
    const error: unknown = await hsm.connect(CLUSTER, [secret(SECOND)], secret(FIRST)).catch((one: unknown) => one);
    expect(JSON.stringify([String(error), error])).not.toMatch(/Password/);
  }
});

function certificate(): string {
  const key = join(folder(), 'key.pem');
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=customerCA'];
  return execFileSync('openssl', ['req', '-x509', '-keyout', key, ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

test('certificates are compared, however they are written', async () => {
  const [pem, other] = [certificate(), certificate()];
  const token = softHsmToken(folder());
  const hsm = hsmOf(token, { trustAnchor: pem });
  await hsm.checkCluster(CLUSTER, pem);
  await hsm.checkCluster(CLUSTER, `comment\n${pem.replaceAll('\n', '\r\n')}\n`);
  for (const wrong of [other, '', 'certificate']) {
    await expect(hsm.checkCluster(CLUSTER, wrong)).rejects.toThrow(raised('INCORRECT_TRUST_ANCHOR'));
  }
  await hsmOf(token).checkCluster(CLUSTER, 'anything');
});

test.each([
  ['C_GetSlotList no-token', 'INSUFFICIENT_CLOUDHSM_HSMS'],
  ['C_Initialize value 0x5', 'CLUSTER_NOT_FOUND'],
  ['C_GetSlotList crash', 'NETWORK_ERRORS'],
])('a cluster is looked for without its password: %s', async (fault, code) => {
  const token = newToken();
  const hsm = hsmOf(token);
  token.faults('C_Login kill-before', 'C_OpenSession kill-before');
  await hsm.checkCluster(CLUSTER, '');
  token.faults(fault);
  await expect(hsmOf(token).checkCluster(CLUSTER, '')).rejects.toThrow(raised(code));
  token.faults();
  await expect(hsmOf(token, { token: 'another' }).checkCluster(CLUSTER, '')).rejects.toThrow(
    raised('CLUSTER_NOT_FOUND'),
  );
  await hsm.checkCluster(CLUSTER, '');
});

test('a library stays loaded when garbage is collected', () => {
  const token = softHsmToken(folder());
  const code = `
    import { loadLibrary } from ${JSON.stringify(join(import.meta.dirname, '../../../src/key-managers/hsm/pkcs11/tokens-here.ts'))};
    const library = await loadLibrary(${JSON.stringify(entryOf(token))});
    await library.initialize();
    for (let round = 0; round < 20; round += 1) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log((await library.slots(true)).length);`;
  const args = ['--expose-gc', '--input-type=module', '--eval', code];
  const env = { ...process.env, ...token.env };
  expect(execFileSync(process.execPath, args, { env, encoding: 'utf8' })).toBe('2\n');
});
