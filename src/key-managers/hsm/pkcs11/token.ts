/** A PKCS#11 token that stands for a cluster. */
import { concat } from '../../../crypto/bytes.ts';
import type { Secret } from '../../../crypto/secret.ts';
import type { ClusterEntry } from '../cluster-entry.ts';
import { HsmError, type BackingKeyName, type HsmCiphertext } from '../hsm.ts';
import { backingKeyId, keyTemplate, labelTemplate } from './key-template.ts';
import { TAG, type Handle, type Pkcs11Library } from './library.ts';
import { mayBeWrongCiphertext, Pkcs11Error } from './return-value.ts';
import { TokenSessions, type TokenSession, type TokenUser } from './token-sessions.ts';

/** SP 800-38D 8.2.1 */
const IV = 12;
/** Initialization vectors that the token makes at once: each question may go over a network. */
const IVS = 32;
const KEY_ID = 16;
/** Keys with one label that are found at once. */
const MAX_KEYS = 100;
/** Handles that are remembered. */
const MAX_HANDLES = 10_000;
/** What is encrypted to see whether a key still works. */
const PROBE = new Uint8Array(16);

export interface TokenKey extends TokenUser {
  readonly label: string;
}

export class Pkcs11Token {
  readonly #entry: ClusterEntry;
  readonly #library: Pkcs11Library;
  readonly #sessions: TokenSessions;

  constructor(entry: ClusterEntry, library: Pkcs11Library) {
    this.#entry = entry;
    this.#library = library;
    this.#sessions = new TokenSessions(entry, library);
  }

  connect(passwords: readonly Secret[], next: Secret): Promise<Secret> {
    return this.#sessions.connect(passwords, next);
  }

  find(): Promise<void> {
    return this.#sessions.find();
  }

  disconnect(): Promise<void> {
    return this.#sessions.disconnect();
  }

  createKey({ label, ...user }: TokenKey): Promise<BackingKeyName> {
    return this.#sessions.useAlone(user, async ({ session, keys }) => {
      if ((await this.#find(session, label)).length > 0) {
        throw new HsmError('INTERNAL_ERROR', `${this.#entry.clusterId}: there is a key with the label ${label}`);
      }
      const id = await this.#library.random(session, KEY_ID);
      const handle = await this.#library.generateAesKey(session, keyTemplate(label, id));
      remember(keys, label, handle);
      return nameOf(handle, id);
    });
  }

  encrypt(key: TokenKey, side: { readonly plaintext: Uint8Array; readonly aad: Uint8Array }): Promise<HsmCiphertext> {
    return this.#withKey(key, (session, handle) => this.#encryptWith(session, handle, side));
  }

  async #encryptWith(
    { session, ivs }: TokenSession,
    key: Handle,
    { plaintext, aad }: { readonly plaintext: Uint8Array; readonly aad: Uint8Array },
  ): Promise<HsmCiphertext> {
    const { ivSource } = this.#entry;
    const own = ivSource === 'CALLER' ? (ivs.pop() ?? (await this.#moreIvs(session, ivs))) : new Uint8Array(IV);
    const { output, iv } = await this.#library.encryptGcm(session, key, { iv: own, aad, plaintext });
    const ends = plaintext.length + TAG;
    if (output.length !== (ivSource === 'APPENDED' ? ends + IV : ends)) {
      throw new Pkcs11Error('C_Encrypt', `${output.length} bytes for ${plaintext.length}`);
    }
    const used = ivSource === 'APPENDED' ? output.subarray(ends) : ivSource === 'TOKEN' ? iv : own;
    checkWritten('C_Encrypt', used);
    return { iv: used, ciphertext: output.subarray(0, plaintext.length), tag: output.subarray(plaintext.length, ends) };
  }

  /** @returns the first of them */
  async #moreIvs(session: Handle, ivs: Uint8Array[]): Promise<Uint8Array> {
    const random = await this.#library.random(session, IV * IVS);
    const [first, ...others] = Array.from({ length: IVS }, (_, at) => random.subarray(at * IV, (at + 1) * IV));
    for (const iv of [first!, ...others]) checkWritten('C_GenerateRandom', iv);
    ivs.push(...others);
    return first!;
  }

  /** undefined: not a ciphertext of this key and AAD. */
  async decrypt(
    key: TokenKey,
    { iv, ciphertext, tag, aad }: HsmCiphertext & { readonly aad: Uint8Array },
  ): Promise<Uint8Array | undefined> {
    if (iv.length !== IV || tag.length !== TAG) return undefined;
    const sealed = concat(ciphertext, tag);
    return this.#withKey(key, async (session, handle) => {
      try {
        const plaintext = await this.#library.decryptGcm(session.session, handle, { iv, aad, sealed });
        if (plaintext.length === ciphertext.length) return plaintext;
        throw new Pkcs11Error('C_Decrypt', `${plaintext.length} bytes for ${ciphertext.length}`);
      } catch (error) {
        if (!mayBeWrongCiphertext(error)) throw error;
        // the same error can mean that the token is gone: it is not, if the key encrypts
        await this.#encryptWith(session, handle, { plaintext: PROBE, aad: PROBE });
        return undefined;
      }
    });
  }

  random(user: TokenUser, size: number): Promise<Uint8Array> {
    return this.#sessions.use(user, ({ session }) => this.#library.random(session, size));
  }

  findKeys({ label, ...user }: TokenKey): Promise<readonly BackingKeyName[]> {
    return this.#sessions.use(user, async ({ session }) => {
      const found: BackingKeyName[] = [];
      for (const handle of await this.#find(session, label, MAX_KEYS)) {
        found.push(nameOf(handle, await this.#idOf(session, handle)));
      }
      return found;
    });
  }

  destroyKeys({ label, ...user }: TokenKey): Promise<void> {
    return this.#sessions.useAlone(user, async ({ session, keys }) => {
      keys.delete(label);
      for (const handle of await this.#find(session, label, MAX_KEYS)) {
        await this.#library.destroyObject(session, handle);
      }
    });
  }

  #idOf(session: Handle, handle: Handle): Promise<Uint8Array> {
    const CKA_ID = 0x102;
    return this.#library.attribute(session, handle, CKA_ID);
  }

  #find(session: Handle, label: string, limit = 2): Promise<readonly Handle[]> {
    return this.#library.findObjects(session, labelTemplate(label), limit);
  }

  #withKey<T>({ label, ...user }: TokenKey, work: (session: TokenSession, key: Handle) => Promise<T>): Promise<T> {
    return this.#sessions.use(user, async (session) => {
      const known = session.keys.get(label);
      return work(session, known ?? (await this.#findOne(session, label)));
    });
  }

  async #findOne({ session, keys }: TokenSession, label: string): Promise<Handle> {
    const [key, another] = await this.#find(session, label);
    if (key === undefined) {
      throw new HsmError('KEY_NOT_FOUND', `${this.#entry.clusterId}: the token has no key with the label ${label}`);
    }
    // someone has made or copied it: which of them is meant cannot be known
    if (another !== undefined) {
      throw new HsmError('KEY_NOT_FOUND', `${this.#entry.clusterId}: several keys have the label ${label}`);
    }
    remember(keys, label, key);
    return key;
  }
}

/** One initialization vector for two plaintexts would give both of them away. */
function checkWritten(functionName: string, iv: Uint8Array): void {
  if (iv.every((byte) => byte === 0)) {
    throw new Pkcs11Error(functionName, 'the token has not written its initialization vector');
  }
}

const nameOf = (handle: Handle, id: Uint8Array): BackingKeyName => ({
  keyHandle: String(handle),
  backingKeyId: backingKeyId(id),
});

function remember(keys: Map<string, Handle>, label: string, key: Handle): void {
  if (keys.size >= MAX_HANDLES) keys.clear();
  keys.set(label, key);
}
