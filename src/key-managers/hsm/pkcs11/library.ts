/**
 * A PKCS#11 library (PKCS #11 Cryptographic Token Interface Base Specification 2.40). A session must not be used by two calls
 * at once, and none while the library is initialized or finalized, which its lock is for. Nothing that it returns is believed: lengths and counts are compared with the memory that it was given.
 */
import type { Koffi } from './koffi.ts';
import { initializationOf, type Initialization } from './initialization.ts';
import { readUnsigned, type Chunk, type Field, type Memory } from './memory.ts';
import { NativeLibrary, type NativeArgument } from './native-library.ts';
import type { ReadWriteLock } from './read-write-lock.ts';
import { CKR, Pkcs11Error, quietly } from './return-value.ts';

/** Handles of slots, sessions and objects. */
export type Handle = bigint;

export type AttributeValue = boolean | number | Uint8Array;
/** By their types, CKA_... */
export type AttributeTemplate = readonly (readonly [type: number, value: AttributeValue])[];

export interface TokenInfo {
  readonly label: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serialNumber: string;
  /** CKF_... */
  readonly flags: number;
}

export interface Gcm {
  /** The token may write its own over it. */
  readonly iv: Uint8Array;
  readonly aad: Uint8Array;
}

const CKF_OS_LOCKING_OK = 2;
const CKF_RW_SESSION = 2;
const CKF_SERIAL_SESSION = 4;
const CKU_USER = 1;
export const CKM_AES_KEY_GEN = 0x1080;
export const CKM_AES_GCM = 0x1087;
export const TAG = 16;
const TAG_BITS = 128;

/** More than any machine has. */
const MAX_LIST = 4096;
/** Labels, IDs. */
const MAX_ATTRIBUTE = 4096;
const PADDED = / +$/;

export class Pkcs11Library {
  readonly #native: NativeLibrary;
  readonly #initArguments: string | undefined;
  readonly #initialization: Initialization;

  /**
   * Loads the library, which runs its code.
   * @param initArguments its text for C_Initialize
   */
  constructor(koffi: Koffi, path: string, initArguments: string | undefined) {
    this.#native = new NativeLibrary(koffi, path);
    this.#initArguments = initArguments;
    this.#initialization = initializationOf(this.#native.code);
  }

  get lock(): ReadWriteLock {
    return this.#initialization.lock;
  }

  /** Counts initializations: what was opened before the last one is dead. */
  get generation(): number {
    return this.#initialization.generation;
  }

  /** With its own arguments: with others, other tokens are there. */
  get isInitialized(): boolean {
    const { arguments: given } = this.#initialization;
    return given !== undefined && given.text === this.#initArguments;
  }

  /**
   * Once more, if it is. Without threads of its own and with the locks of the system: other processes would wait for ever for
   * some libraries.
   */
  async initialize(): Promise<void> {
    await this.finalize();
    await this.#native.withMemory(async (memory) => {
      const text = memory.chunk(this.#initArguments === undefined ? 0 : Buffer.from(`${this.#initArguments}\0`));
      const nothing: Field = { pointer: 0n };
      const flags: Field = { ulong: CKF_OS_LOCKING_OK };
      const args = memory.structures([[nothing, nothing, nothing, nothing, flags, { pointer: text.address }]]);
      const value = await this.#native.value('C_Initialize', args.bytes);
      if (value !== CKR.OK && value !== CKR.ALREADY_INITIALIZED) throw new Pkcs11Error('C_Initialize', value);
    });
    this.#initialization.arguments = { text: this.#initArguments };
  }

  /** If it is initialized. */
  async finalize(): Promise<void> {
    const initialization = this.#initialization;
    initialization.generation += 1;
    if (!initialization.arguments) return;
    initialization.arguments = undefined;
    await quietly(() => this.#native.call('C_Finalize', null));
  }

  /** @param withToken only those that have a token */
  slots(withToken: boolean): Promise<readonly Handle[]> {
    return this.#list('C_GetSlotList', [withToken ? 1 : 0]);
  }

  async mechanisms(slot: Handle): Promise<readonly number[]> {
    return (await this.#list('C_GetMechanismList', [slot])).map(Number);
  }

  /** Asks for the count, and then for as many. */
  #list(name: 'C_GetSlotList' | 'C_GetMechanismList', [of]: readonly [NativeArgument]): Promise<readonly bigint[]> {
    return this.#native.withMemory(async (memory) => {
      const count = memory.ulong();
      await this.#native.call(name, of, null, count.bytes);
      const length = Number(this.#native.readUlong(count));
      if (length > MAX_LIST) throw new Pkcs11Error(name, `a count of ${length}`);
      if (length === 0) return [];
      const { ulong } = this.#native.layout;
      const items = memory.chunk(length * ulong);
      await this.#native.call(name, of, items.bytes, count.bytes);
      const found = Number(this.#native.readUlong(count));
      if (found > length) throw new Pkcs11Error(name, `a count of ${found} in the place of ${length}`);
      return Array.from({ length: found }, (_, index) => readUnsigned(items.bytes, index * ulong, ulong));
    });
  }

  tokenInfo(slot: Handle): Promise<TokenInfo> {
    return this.#native.withMemory(async (memory) => {
      // CK_TOKEN_INFO: texts of 32, 32, 16 and 16 bytes, the flags, ten numbers, two versions and a time
      const { bytes } = memory.chunk(512);
      await this.#native.call('C_GetTokenInfo', slot, bytes);
      const text = (from: number, to: number): string => bytes.toString('utf8', from, to).replace(PADDED, '');
      return {
        label: text(0, 32),
        manufacturer: text(32, 64),
        model: text(64, 80),
        serialNumber: text(80, 96),
        flags: Number(readUnsigned(bytes, 96, this.#native.layout.ulong)),
      };
    });
  }

  /** For reading and writing, or, where the token cannot be written, for reading. */
  openSession(slot: Handle): Promise<Handle> {
    return this.#native.withMemory(async (memory) => {
      const session = memory.ulong();
      const open = (flags: number): Promise<number> =>
        this.#native.value('C_OpenSession', slot, flags, null, null, session.bytes);
      let value = await open(CKF_SERIAL_SESSION | CKF_RW_SESSION);
      if (value === CKR.TOKEN_WRITE_PROTECTED) value = await open(CKF_SERIAL_SESSION);
      if (value !== CKR.OK) throw new Pkcs11Error('C_OpenSession', value);
      return this.#native.readUlong(session);
    });
  }

  closeSession(session: Handle): Promise<void> {
    return this.#native.call('C_CloseSession', session);
  }

  /** The log-in is that of all sessions of the process. @returns whether it was not logged in before */
  login(session: Handle, pin: Uint8Array): Promise<boolean> {
    return this.#native.withMemory(async (memory) => {
      const { bytes } = memory.chunk(pin);
      const value = await this.#native.value('C_Login', session, CKU_USER, bytes, bytes.length);
      if (value !== CKR.OK && value !== CKR.USER_ALREADY_LOGGED_IN) throw new Pkcs11Error('C_Login', value);
      return value === CKR.OK;
    });
  }

  logout(session: Handle): Promise<void> {
    return this.#native.call('C_Logout', session);
  }

  setPin(session: Handle, from: Uint8Array, to: Uint8Array): Promise<void> {
    return this.#native.withMemory(async (memory) => {
      const [{ bytes: old }, { bytes: next }] = [memory.chunk(from), memory.chunk(to)];
      await this.#native.call('C_SetPIN', session, old, old.length, next, next.length);
    });
  }

  /** @param limit how many at most */
  findObjects(session: Handle, template: AttributeTemplate, limit: number): Promise<readonly Handle[]> {
    return this.#native.withMemory(async (memory) => {
      await this.#native.call('C_FindObjectsInit', session, this.#template(memory, template).bytes, template.length);
      try {
        const { ulong } = this.#native.layout;
        const found = memory.chunk(limit * ulong);
        const count = memory.ulong();
        await this.#native.call('C_FindObjects', session, found.bytes, limit, count.bytes);
        const length = Number(this.#native.readUlong(count));
        if (length > limit) throw new Pkcs11Error('C_FindObjects', `a count of ${length} in the place of ${limit}`);
        return Array.from({ length }, (_, index) => readUnsigned(found.bytes, index * ulong, ulong));
      } finally {
        await this.#native.value('C_FindObjectsFinal', session);
      }
    });
  }

  attribute(session: Handle, object: Handle, type: number): Promise<Uint8Array> {
    return this.#native.withMemory(async (memory) => {
      const value = memory.chunk(MAX_ATTRIBUTE);
      const fields: readonly Field[] = [{ ulong: type }, { pointer: value.address }, { ulong: MAX_ATTRIBUTE }];
      const { bytes } = memory.structures([fields]);
      await this.#native.call('C_GetAttributeValue', session, object, bytes, 1);
      const { ulong, pointer } = this.#native.layout;
      const length = Number(readUnsigned(bytes, ulong + pointer, ulong));
      if (length > MAX_ATTRIBUTE) throw new Pkcs11Error('C_GetAttributeValue', `a length of ${length}`);
      return Uint8Array.from(value.bytes.subarray(0, length));
    });
  }

  generateAesKey(session: Handle, template: AttributeTemplate): Promise<Handle> {
    return this.#native.withMemory(async (memory) => {
      const mechanism = memory.structures([[{ ulong: CKM_AES_KEY_GEN }, { pointer: 0n }, { ulong: 0 }]]);
      const attributes = this.#template(memory, template);
      const key = memory.ulong();
      await this.#native.call('C_GenerateKey', session, mechanism.bytes, attributes.bytes, template.length, key.bytes);
      return this.#native.readUlong(key);
    });
  }

  destroyObject(session: Handle, object: Handle): Promise<void> {
    return this.#native.call('C_DestroyObject', session, object);
  }

  random(session: Handle, size: number): Promise<Uint8Array> {
    return this.#native.withMemory(async (memory) => {
      const { bytes } = memory.chunk(size);
      await this.#native.call('C_GenerateRandom', session, bytes, size);
      return Uint8Array.from(bytes);
    });
  }

  /** @returns what the token put out, and the initialization vector as it left it */
  encryptGcm(
    session: Handle,
    key: Handle,
    { iv, aad, plaintext }: Gcm & { readonly plaintext: Uint8Array },
  ): Promise<{ readonly iv: Uint8Array; readonly output: Uint8Array }> {
    return this.#native.withMemory(async (memory) => {
      const vector = memory.chunk(iv);
      await this.#native.call('C_EncryptInit', session, this.#gcm(memory, vector, aad).bytes, key);
      const output = await this.#transform(memory, ['C_Encrypt', session], plaintext);
      return { output, iv: Uint8Array.from(vector.bytes) };
    });
  }

  decryptGcm(
    session: Handle,
    key: Handle,
    { iv, aad, sealed }: Gcm & { readonly sealed: Uint8Array },
  ): Promise<Uint8Array> {
    return this.#native.withMemory(async (memory) => {
      await this.#native.call('C_DecryptInit', session, this.#gcm(memory, memory.chunk(iv), aad).bytes, key);
      return this.#transform(memory, ['C_Decrypt', session], sealed);
    });
  }

  async #transform(
    memory: Memory,
    [name, session]: readonly ['C_Encrypt' | 'C_Decrypt', Handle],
    input: Uint8Array,
  ): Promise<Uint8Array> {
    const from = memory.chunk(input);
    const to = memory.chunk(input.length + 64);
    const length = memory.ulong(to.bytes.length);
    await this.#native.call(name, session, from.bytes, from.bytes.length, to.bytes, length.bytes);
    const size = Number(this.#native.readUlong(length));
    if (size > to.bytes.length) throw new Pkcs11Error(name, `a length of ${size} in the place of ${to.bytes.length}`);
    return Uint8Array.from(to.bytes.subarray(0, size));
  }

  /** CK_MECHANISM with CK_GCM_PARAMS. */
  #gcm(memory: Memory, iv: Chunk, aad: Uint8Array): Chunk {
    const data = memory.chunk(aad);
    const parameters = memory.structures([
      [
        { pointer: iv.address },
        { ulong: iv.bytes.length },
        { ulong: iv.bytes.length * 8 },
        { pointer: data.address },
        { ulong: data.bytes.length },
        { ulong: TAG_BITS },
      ],
    ]);
    return memory.structures([
      [{ ulong: CKM_AES_GCM }, { pointer: parameters.address }, { ulong: parameters.bytes.length }],
    ]);
  }

  #template(memory: Memory, template: AttributeTemplate): Chunk {
    return memory.structures(
      template.map(([type, value]) => {
        const chunk = typeof value === 'number' ? memory.ulong(value) : memory.chunk(bytesOf(value));
        return [{ ulong: type }, { pointer: chunk.address }, { ulong: chunk.bytes.length }];
      }),
    );
  }
}

const bytesOf = (value: boolean | Uint8Array): Uint8Array =>
  typeof value === 'boolean' ? Uint8Array.of(value ? 1 : 0) : value;
