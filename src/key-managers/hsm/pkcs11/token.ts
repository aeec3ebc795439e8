/**
 * A PKCS#11 token that stands for a cluster. Its handles die whenever the token is away, or another process changes it: they
 * are found again, in steps, before a call fails.
 */
import { concat } from '../../../crypto/bytes.ts';
import { Secret } from '../../../crypto/secret.ts';
import type { ClusterEntry } from '../cluster-entry.ts';
import { HsmError, type BackingKeyName, type HsmCiphertext, type HsmErrorCode } from '../hsm.ts';
import { backingKeyId, keyTemplate, labelTemplate } from './key-template.ts';
import { TAG, type Handle, type Pkcs11Library } from './library.ts';
import { CKR, mayBeWrongCiphertext, Pkcs11Error, quietly } from './return-value.ts';
import { findToken, initialize } from './find-token.ts';

/** SP 800-38D 8.2.1 */
const IV = 12;
/** Of a key store's user (AWS KMS Developer Guide, "Connecting a CloudHSM key store"). */
const USER = 'kmsuser';
const KEY_ID = 16;
/** Keys with one label that are found at once. */
const MAX_KEYS = 100;
/** Handles that are remembered. */
const MAX_HANDLES = 10_000;
/** What is encrypted to see whether a key still works. */
const PROBE = new Uint8Array(16);

export interface TokenUser {
  readonly password: Secret;
}

export interface TokenKey extends TokenUser {
  readonly label: string;
}

/** A session whose user is logged in. */
interface LoggedIn {
  readonly session: Handle;
  readonly password: Secret;
  /** Of the library. */
  readonly generation: number;
  /** By label. */
  readonly keys: Map<string, Handle>;
}

/**
 * What is made again before the next attempt, each with the ones before it, and after how many milliseconds: a library whose
 * token is files, as SoftHSM's, does not find it while another process writes them.
 */
const ATTEMPTS = [
  { again: 'nothing', after: 0 },
  { again: 'key', after: 0 },
  { again: 'session', after: 0 },
  { again: 'library', after: 0 },
  { again: 'library', after: 10 },
  { again: 'library', after: 30 },
  { again: 'library', after: 90 },
] as const;

export class Pkcs11Token {
  readonly #entry: ClusterEntry;
  readonly #library: Pkcs11Library;
  #loggedIn: LoggedIn | undefined;
  /** It was waited for in vain: calls do not wait for it before it has been there again. */
  #isAway = false;
  /** A password that the token has refused: it is not asked again, since it counts how often. */
  #refused: Secret | undefined;
  /** The last one that the token took, from the library as it is initialized now. */
  #taken: Secret | undefined;

  constructor(entry: ClusterEntry, library: Pkcs11Library) {
    this.#entry = entry;
    this.#library = library;
  }

  /** @returns the password that is right now: `next`, or the old one where the library cannot change it */
  connect(passwords: readonly Secret[], next: Secret): Secret {
    return this.#translating(() => {
      this.disconnect();
      this.#refused = undefined;
      this.#initializeAgain();
      const different = passwords.filter((one, at) => !passwords.slice(0, at).some((other) => other.equals(one)));
      const password = this.#firstRight(different);
      if (password.equals(next)) return next;
      const { session } = this.#loggedIn!;
      try {
        this.#library.setPin(session, this.#pin(password), this.#pin(next));
      } catch (error) {
        if (error instanceof Pkcs11Error && error.value === CKR.FUNCTION_NOT_SUPPORTED) return password;
        throw error;
      }
      this.#loggedIn = { ...this.#loggedIn!, password: next };
      this.#taken = next;
      return next;
    });
  }

  #firstRight(passwords: readonly Secret[]): Secret {
    let refusal: unknown = new HsmError('INVALID_CREDENTIALS', `${this.#entry.clusterId}: no password`);
    for (const password of passwords) {
      try {
        this.#logIn(password, { isFresh: true });
        return password;
      } catch (error) {
        if (!(error instanceof Pkcs11Error) || error.code !== 'INVALID_CREDENTIALS') throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  disconnect(): void {
    this.#forget({ logsOut: true });
  }

  createKey({ label, ...user }: TokenKey): { readonly backingKeyId: string } {
    return this.#withSession(user, ({ session, keys }) => {
      if (this.#find(session, label).length > 0) {
        throw new HsmError('INTERNAL_ERROR', `${this.#entry.clusterId}: there is a key with the label ${label}`);
      }
      const id = this.#library.random(session, KEY_ID);
      remember(keys, label, this.#library.generateAesKey(session, keyTemplate(label, id)));
      return { backingKeyId: backingKeyId(id) };
    });
  }

  encrypt(key: TokenKey, side: { readonly plaintext: Uint8Array; readonly aad: Uint8Array }): HsmCiphertext {
    return this.#withKey(key, (session, handle) => this.#encryptWith(session, handle, side));
  }

  #encryptWith(
    session: Handle,
    key: Handle,
    { plaintext, aad }: { readonly plaintext: Uint8Array; readonly aad: Uint8Array },
  ): HsmCiphertext {
    const { ivSource } = this.#entry;
    const own = ivSource === 'CALLER' ? this.#library.random(session, IV) : new Uint8Array(IV);
    const { output, iv } = this.#library.encryptGcm(session, key, { iv: own, aad, plaintext });
    const ends = plaintext.length + TAG;
    if (output.length !== (ivSource === 'APPENDED' ? ends + IV : ends)) {
      throw new Pkcs11Error('C_Encrypt', `${output.length} bytes for ${plaintext.length}`);
    }
    const used = ivSource === 'APPENDED' ? output.subarray(ends) : ivSource === 'TOKEN' ? iv : own;
    // one initialization vector for two plaintexts would give both of them away
    if (used.every((byte) => byte === 0)) {
      throw new Pkcs11Error('C_Encrypt', 'the token has not written its initialization vector');
    }
    return { iv: used, ciphertext: output.subarray(0, plaintext.length), tag: output.subarray(plaintext.length, ends) };
  }

  /** undefined: not a ciphertext of this key and AAD. */
  decrypt(
    key: TokenKey,
    { iv, ciphertext, tag, aad }: HsmCiphertext & { readonly aad: Uint8Array },
  ): Uint8Array | undefined {
    if (iv.length !== IV || tag.length !== TAG) return undefined;
    const sealed = concat(ciphertext, tag);
    return this.#withKey(key, (session, handle) => {
      try {
        const plaintext = this.#library.decryptGcm(session, handle, { iv, aad, sealed });
        if (plaintext.length === ciphertext.length) return plaintext;
        throw new Pkcs11Error('C_Decrypt', `${plaintext.length} bytes for ${ciphertext.length}`);
      } catch (error) {
        if (!mayBeWrongCiphertext(error)) throw error;
        // the same error can mean that the token is gone: it is not, if the key encrypts
        this.#encryptWith(session, handle, { plaintext: PROBE, aad: PROBE });
        return undefined;
      }
    });
  }

  random(user: TokenUser, size: number): Uint8Array {
    return this.#withSession(user, ({ session }) => this.#library.random(session, size));
  }

  findKeys({ label, ...user }: TokenKey): readonly BackingKeyName[] {
    return this.#withSession(user, ({ session }) =>
      this.#find(session, label, MAX_KEYS).map((handle) => ({
        keyHandle: String(handle),
        backingKeyId: backingKeyId(this.#idOf(session, handle)),
      })),
    );
  }

  destroyKeys({ label, ...user }: TokenKey): void {
    this.#withSession(user, ({ session, keys }) => {
      keys.delete(label);
      for (const handle of this.#find(session, label, MAX_KEYS)) this.#library.destroyObject(session, handle);
    });
  }

  #idOf(session: Handle, handle: Handle): Uint8Array {
    const CKA_ID = 0x102;
    return this.#library.attribute(session, handle, CKA_ID);
  }

  #find(session: Handle, label: string, limit = 2): readonly Handle[] {
    return this.#library.findObjects(session, labelTemplate(label), limit);
  }

  #withKey<T>({ label, ...user }: TokenKey, work: (session: Handle, key: Handle) => T): T {
    return this.#withSession(user, ({ session, keys }) => {
      const known = keys.get(label);
      return work(session, known ?? this.#findOne(session, { label, keys }));
    });
  }

  #findOne(session: Handle, { label, keys }: { readonly label: string } & Pick<LoggedIn, 'keys'>): Handle {
    const [key, another] = this.#find(session, label);
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

  /** Works with what is there, and as long as it is dead makes more of it again. */
  #withSession<T>({ password }: TokenUser, work: (loggedIn: LoggedIn) => T): T {
    return this.#translating(() => {
      let failure: unknown;
      for (const { again, after } of ATTEMPTS) {
        if (after > 0 && this.#isAway) break;
        if (after > 0) pause(after);
        try {
          if (again === 'key') this.#loggedIn?.keys.clear();
          if (again === 'session') this.#forget({ logsOut: true });
          if (again === 'library') this.#initializeAgain();
          const result = work(this.#logIn(password));
          this.#isAway = false;
          return result;
        } catch (error) {
          if (!mayBeThereAgain(error)) throw error;
          failure = error;
        }
      }
      this.#isAway = true;
      throw failure;
    });
  }

  /** @param isFresh the password has to be the one of the token, not only that of this session */
  #logIn(password: Secret, { isFresh = false } = {}): LoggedIn {
    const { generation } = this.#library;
    const known = this.#loggedIn;
    if (known?.generation === generation && known.password.equals(password)) return known;
    if (this.#refused?.equals(password)) {
      throw new HsmError(
        'INVALID_CREDENTIALS',
        `${this.#entry.clusterId}: the token has refused this password before, and is not asked again before the key store is connected`,
      );
    }
    this.#forget({ logsOut: true });
    if (generation === 0) initialize(this.#library, this.#entry);
    const session = this.#library.openSession(findToken(this.#library, this.#entry));
    try {
      const pin = this.#pin(password);
      const wasLoggedOut = this.#library.login(session, pin);
      if (!wasLoggedOut && isFresh) {
        // by another key store of this process: that one logs in again
        this.#library.logout(session);
        this.#library.login(session, pin);
      }
    } catch (error) {
      quietly(() => this.#library.closeSession(session));
      if (!(error instanceof Pkcs11Error) || error.code !== 'INVALID_CREDENTIALS') throw error;
      // another process has changed the password: a library that reads it once, as SoftHSM's, still has the one before
      if (!isFresh && this.#taken && !this.#taken.equals(password)) {
        this.#initializeAgain();
        return this.#logIn(password);
      }
      this.#refused = password;
      throw error;
    }
    this.#taken = password;
    this.#loggedIn = { session, password, generation: this.#library.generation, keys: new Map() };
    return this.#loggedIn;
  }

  #pin(password: Secret): Uint8Array {
    const { pinFormat } = this.#entry;
    return pinFormat === 'PASSWORD' ? password.expose() : concat(Buffer.from(`${USER}:`), password.expose());
  }

  #forget({ logsOut }: { readonly logsOut: boolean }): void {
    const known = this.#loggedIn;
    this.#loggedIn = undefined;
    if (!known || !logsOut || known.generation !== this.#library.generation) return;
    quietly(() => this.#library.logout(known.session));
    quietly(() => this.#library.closeSession(known.session));
  }

  /** Libraries read their configuration, and see which tokens there are, when they are initialized. */
  #initializeAgain(): void {
    this.#loggedIn = undefined;
    this.#taken = undefined;
    if (this.#library.generation > 0) quietly(() => this.#library.finalize());
    initialize(this.#library, this.#entry);
  }

  #translating<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Pkcs11Error) throw error.toHsmError(this.#entry.clusterId);
      throw error;
    }
  }
}

/** What is found again once the library has looked for its tokens again, perhaps. */
const ABSENT: ReadonlySet<HsmErrorCode> = new Set(['KEY_NOT_FOUND', 'CLUSTER_NOT_FOUND', 'INSUFFICIENT_CLOUDHSM_HSMS']);

const mayBeThereAgain = (error: unknown): boolean =>
  error instanceof Pkcs11Error ? error.isDead : error instanceof HsmError && ABSENT.has(error.code);

/** The library waits for the disk and for other processes too. */
const pause = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

function remember(keys: Map<string, Handle>, label: string, key: Handle): void {
  if (keys.size >= MAX_HANDLES) keys.clear();
  keys.set(label, key);
}
