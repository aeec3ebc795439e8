/** The HSMs of clusters over PKCS#11 tokens: SoftHSM and NSS, whose errors differ. Each has its process, as in a server. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { temporaryFolders } from '../../support/folder.ts';
import { faultyToken, TOKENS } from '../../support/pkcs11/token.ts';
import { ARN, CLUSTER, connected, FIRST, hsmOf, keyOf, raised, SECOND, secret, side, THIRD, works } from './cluster.ts';

const folder = temporaryFolders();

describe.each(Object.entries(TOKENS))('%s', (name, make) => {
  test('a key is made in the token, encrypts and decrypts there, and is destroyed', async () => {
    const token = make(folder());
    const { hsm } = await connected(token);
    const key = keyOf(FIRST, `${ARN.slice(0, -1)}c`);
    const made = await hsm.createKey(key);
    expect(made).toEqual({
      keyHandle: expect.stringMatching(/^\d+$/),
      backingKeyId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    await expect(hsm.createKey(key)).rejects.toThrow(raised('INTERNAL_ERROR'));
    for (const size of [1, 15, 16, 4096]) {
      const [plaintext, aad] = [randomBytes(size), randomBytes(size)];
      const sealed = await hsm.encrypt(key, { plaintext, aad });
      expect([sealed.iv.length, sealed.ciphertext.length, sealed.tag.length]).toEqual([12, size, 16]);
      const opened = await hsm.decrypt(key, { ...sealed, aad });
      expect(Buffer.from(opened!)).toEqual(plaintext);
    }
    expect((await hsm.random(key, 1024)).length).toBe(1024);
    expect(await hsm.random(key, 16)).not.toEqual(await hsm.random(key, 16));
    expect(await hsm.findKeys(key)).toEqual([made]);
    await hsm.destroyKeys(key);
    expect(await hsm.findKeys(key)).toEqual([]);
    await hsm.destroyKeys(key);
    await expect(hsm.encrypt(key, side)).rejects.toThrow(raised('KEY_NOT_FOUND'));
  });

  test('pkcs11-tool sees a 256-bit AES key that cannot be extracted, with the ARN as its label', async () => {
    const token = make(folder());
    const { hsm, key } = await connected(token);
    const listed = token.pkcs11Tool(['--list-objects', '--type', 'secrkey'], FIRST);
    expect(listed).toMatch(/Secret Key Object; AES length 32/);
    expect(listed).toContain(`label:      ${ARN}`);
    expect(listed).toMatch(/Usage: +encrypt, decrypt\n/);
    expect(listed).toMatch(/Access: +sensitive, always sensitive, never extractable/);
    const [{ backingKeyId } = { backingKeyId: '' }] = await hsm.findKeys(key);
    await hsm.destroyKeys(key);
    expect(listed).toContain(`ID:         ${backingKeyId}`);
    expect(token.pkcs11Tool(['--list-objects', '--type', 'secrkey'], FIRST)).not.toContain(ARN);
  });

  test('what is not a ciphertext of the key and AAD is none, whatever was changed', async () => {
    const { hsm, key } = await connected(make(folder()));
    const { iv, ciphertext, tag } = await hsm.encrypt(key, side);
    const flip = (part: Uint8Array): Uint8Array => part.map((byte, at) => (at === 3 ? byte ^ 1 : byte));
    const { aad } = side;
    const wrong = [
      { iv: flip(iv), ciphertext, tag, aad },
      { iv, ciphertext: flip(ciphertext), tag, aad },
      { iv, ciphertext, tag: flip(tag), aad },
      { iv, ciphertext, tag, aad: flip(aad) },
      { iv, ciphertext: ciphertext.subarray(1), tag, aad },
      { iv, ciphertext: new Uint8Array(), tag, aad },
      { iv: iv.subarray(1), ciphertext, tag, aad },
      { iv, ciphertext, tag: tag.subarray(1), aad },
    ];
    for (const one of wrong) expect(await hsm.decrypt(key, one)).toBeUndefined();
    await works(hsm, key);
  });

  test('the password is changed when connecting, and only the new one is right', async () => {
    const token = make(folder());
    const hsm = hsmOf(token);
    const connect = (passwords: readonly string[], next: string): Promise<string> =>
      hsm.connect(CLUSTER, passwords.map(secret), secret(next)).then((right) => Buffer.from(right.expose()).toString());
    await expect(connect(['wrongPassword1', 'wrongPassword1'], FIRST)).rejects.toThrow(raised('INVALID_CREDENTIALS'));
    expect(await connect([token.password], FIRST)).toBe(FIRST);
    await expect(connect([token.password], SECOND)).rejects.toThrow(raised('INVALID_CREDENTIALS'));
    // the one that was to be is the one that is: the process had crashed
    expect(await connect([FIRST, SECOND], FIRST)).toBe(FIRST);
    expect(await connect([SECOND, FIRST], THIRD)).toBe(THIRD);
    const other = hsmOf(token);
    await expect(other.random(keyOf(FIRST), 1)).rejects.toThrow(raised('INVALID_CREDENTIALS'));
    expect((await other.random(keyOf(THIRD), 1)).length).toBe(1);
  });

  test('after disconnecting, calls log in again, and a password that was refused is not tried again', async () => {
    const token = make(folder());
    const { hsm, key } = await connected(token);
    await hsm.disconnect(CLUSTER);
    await hsm.disconnect(CLUSTER);
    await works(hsm, key);
    await expect(hsm.encrypt(keyOf(SECOND), side)).rejects.toThrow('C_Login: CKR_PIN_INCORRECT');
    await expect(hsm.encrypt(keyOf(SECOND), side)).rejects.toThrow('is not asked again');
    await works(hsm, key);
  });

  test('a password that another process has changed is the right one here too', async () => {
    const token = make(folder());
    const { hsm, key } = await connected(token);
    await works(hsm, key);
    const other = hsmOf(token);
    await other.connect(CLUSTER, [secret(FIRST)], secret(SECOND));
    await works(hsm, keyOf(SECOND));
    // also by one that was disconnected, and whose caller has not heard of it before
    await other.connect(CLUSTER, [secret(SECOND)], secret(THIRD));
    await hsm.disconnect(CLUSTER);
    await works(hsm, keyOf(THIRD));
    await expect(hsm.encrypt(keyOf(FIRST), side)).rejects.toThrow(raised('INVALID_CREDENTIALS'));
    await works(hsm, keyOf(THIRD));
  });

  test('a key that another process makes and destroys is found and missed', async () => {
    const token = make(folder());
    const { hsm, key } = await connected(token);
    const other = hsmOf(token);
    await works(other, key);
    const second = keyOf(FIRST, `${ARN}-2`);
    await other.createKey(second);
    await works(hsm, second);
    expect(await hsm.findKeys(second)).toHaveLength(1);
    await other.destroyKeys(second);
    await expect(hsm.encrypt(second, side)).rejects.toThrow(raised('KEY_NOT_FOUND'));
    await works(hsm, key);
  });

  test('no initialization vector is used twice', async () => {
    const { hsm, key } = await connected(make(folder()));
    const sealed = await Promise.all(Array.from({ length: 200 }, () => hsm.encrypt(key, side)));
    for (let call = 0; call < 50; call += 1) sealed.push(await hsm.encrypt(key, side));
    expect(new Set(sealed.map(({ iv }) => Buffer.from(iv).toString('hex'))).size).toBe(250);
  });

  test('1,000 operations on 50 sessions', async () => {
    const at = folder();
    const token = faultyToken(at, make(at));
    const { hsm, key } = await connected(token);
    token.faults('C_Encrypt together 50'); // the first does not go on before there are 50
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        for (let call = 0; call < 10; call += 1) await works(hsm, key);
      }),
    );
  });

  test('a token that is gone under load, and back: the calls in between fail, none is wrong, those after it succeed', async () => {
    const token = make(folder());
    const { hsm, key } = await connected(token);
    const sealed = await hsm.encrypt(key, side);
    let state: 'there' | 'gone' | 'returning' | 'back' = 'there';
    const codes = new Set<string>();
    const answers: string[] = [];
    const callers = Array.from({ length: 5 }, async () => {
      for (let call = 0; call < 40; call += 1) {
        const began = state;
        try {
          const opened = await hsm.decrypt(key, { ...sealed, aad: side.aad });
          answers.push(opened === undefined ? 'wrong' : 'right');
        } catch (error) {
          codes.add((error as { code: string }).code);
          if (began === 'back') throw error;
        }
        if (call === 10 && state === 'there') {
          token.remove();
          state = 'gone';
        }
        if (call === 20 && state === 'gone') {
          state = 'returning';
          token.putBack();
          await new Promise((resolve) => setTimeout(resolve, 50));
          state = 'back';
        }
      }
    });
    await Promise.all(callers);
    expect(new Set(answers)).toEqual(new Set(['right']));
    const known = new Set(['KEY_NOT_FOUND', 'CLUSTER_NOT_FOUND', 'NETWORK_ERRORS', 'INTERNAL_ERROR']);
    expect([...codes].filter((code) => !known.has(code))).toEqual([]);
    if (name === 'SoftHSM') expect(codes.size).toBeGreaterThan(0); // NSS has its database open
    await works(hsm, key);
  });
});
