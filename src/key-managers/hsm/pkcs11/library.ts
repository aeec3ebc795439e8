/**
 * A PKCS#11 library (PKCS #11 Cryptographic Token Interface Base Specification 2.40). Its functions run in the threads of
 * libuv: a session must not be used by two calls at once, and none while the library is initialized or finalized, which its
 * lock is for. Nothing that it returns is believed: lengths and counts are compared with the memory that it was given.
 */
import type { Koffi } from './koffi.ts';
import { initializationOf, type Initialization } from './initialization.ts';
import { Memory, readUnsigned, type Chunk, type Field, type Layout } from './memory.ts';
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

/** The functions that are used, with their places in CK_FUNCTION_LIST and their arguments. */
const FUNCTIONS = {
  C_Initialize: [0, ['p']],
  C_Finalize: [1, ['p']],
  C_GetSlotList: [4, ['b', 'p', 'p']],
  C_GetTokenInfo: [6, ['u', 'p']],
  C_GetMechanismList: [7, ['u', 'p', 'p']],
  C_SetPIN: [11, ['u', 'p', 'u', 'p', 'u']],
  C_OpenSession: [12, ['u', 'u', 'p', 'p', 'p']],
  C_CloseSession: [13, ['u']],
  C_Login: [18, ['u', 'u', 'p', 'u']],
  C_Logout: [19, ['u']],
  C_DestroyObject: [22, ['u', 'u']],
  C_GetAttributeValue: [24, ['u', 'u', 'p', 'u']],
  C_FindObjectsInit: [26, ['u', 'p', 'u']],
  C_FindObjects: [27, ['u', 'p', 'u', 'p']],
  C_FindObjectsFinal: [28, ['u']],
  C_EncryptInit: [29, ['u', 'p', 'u']],
  C_Encrypt: [30, ['u', 'p', 'u', 'p', 'p']],
  C_DecryptInit: [33, ['u', 'p', 'u']],
  C_Decrypt: [34, ['u', 'p', 'u', 'p', 'p']],
  C_GenerateKey: [58, ['u', 'p', 'p', 'u', 'p']],
  C_GenerateRandom: [64, ['u', 'p', 'u']],
} as const satisfies { readonly [name: string]: readonly [place: number, parameters: readonly ('p' | 'u' | 'b')[]] };
type FunctionName = keyof typeof FUNCTIONS;

/** Those that are called in the main thread: they only prepare what the next call does, and a thread would cost more. */
const IN_MAIN_THREAD: ReadonlySet<FunctionName> = new Set(['C_EncryptInit', 'C_DecryptInit']);

const TYPES = { p: 'void *', u: 'ulong', b: 'uint8_t' } as const;
const FUNCTION_COUNT = 68;
const VERSION = 2;

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

type Argument = number | bigint | Buffer | null;
type NativeValue = number | bigint;
interface NativeFunction {
  (...values: readonly Argument[]): NativeValue;
  async(...values: readonly [...Argument[], (error: unknown, value: NativeValue) => void]): void;
}

export class Pkcs11Library {
  readonly #koffi: Koffi;
  readonly #layout: Layout;
  readonly #functions: ReadonlyMap<FunctionName, NativeFunction>;
  readonly #initArguments: string | undefined;
  /** Kept as long as its functions: koffi unloads a library whose handle is collected. */
  readonly #handle: ReturnType<Koffi['load']>;
  readonly #initialization: Initialization;

  /**
   * Loads the library, which runs its code.
   * @param initArguments its text for C_Initialize
   */
  constructor(koffi: Koffi, path: string, initArguments: string | undefined) {
    this.#koffi = koffi;
    this.#layout = layoutOf(koffi);
    this.#initArguments = initArguments;
    this.#handle = attempt(() => koffi.load(path));
    const { functions, code } = this.#findFunctions();
    this.#functions = functions;
    this.#initialization = initializationOf(code);
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

  #findFunctions(): { readonly functions: ReadonlyMap<FunctionName, NativeFunction>; readonly code: bigint } {
    const getFunctionList = attempt(() =>
      this.#handle.func('C_GetFunctionList', 'ulong', ['void *']),
    ) as NativeFunction;
    const { pointer, isPacked } = this.#layout;
    const memory = new Memory(this.#koffi, this.#layout);
    const place = memory.chunk(pointer);
    const value = Number(getFunctionList(place.bytes));
    if (value !== CKR.OK) throw new Pkcs11Error('C_GetFunctionList', value);
    const list = readUnsigned(place.bytes, 0, pointer);
    if (list === 0n) throw new Pkcs11Error('C_GetFunctionList', 'no list of functions');
    const first = isPacked ? VERSION : pointer;
    const pointers = Buffer.from(this.#koffi.view(list, first + FUNCTION_COUNT * pointer));
    const names = Object.keys(FUNCTIONS) as readonly FunctionName[];
    const entries = names.flatMap((name) => {
      const [number, parameters] = FUNCTIONS[name];
      const address = readUnsigned(pointers, first + number * pointer, pointer);
      if (address === 0n) return [];
      const prototype = this.#koffi.proto(
        'ulong',
        parameters.map((parameter) => TYPES[parameter]),
      );
      return [[name, this.#koffi.decode(address, prototype) as NativeFunction] as const];
    });
    return { functions: new Map(entries), code: readUnsigned(pointers, first, pointer) };
  }

  async #value(name: FunctionName, ...values: readonly Argument[]): Promise<number> {
    const native = this.#functions.get(name);
    if (!native) return CKR.FUNCTION_NOT_SUPPORTED;
    if (IN_MAIN_THREAD.has(name)) return Number(native(...values));
    return new Promise((resolve, reject) => {
      native.async(...values, (error, value) => {
        if (error === null) resolve(Number(value));
        else reject(error);
      });
    });
  }

  async #call(name: FunctionName, ...values: readonly Argument[]): Promise<void> {
    const value = await this.#value(name, ...values);
    if (value !== CKR.OK) throw new Pkcs11Error(name, value);
  }

  async #withMemory<T>(work: (memory: Memory) => Promise<T>): Promise<T> {
    const memory = new Memory(this.#koffi, this.#layout);
    try {
      return await work(memory);
    } finally {
      memory.wipe();
    }
  }

  #readUlong({ bytes }: Chunk): bigint {
    return readUnsigned(bytes, 0, this.#layout.ulong);
  }

  /**
   * Once more, if it is. Without threads of its own and with the locks of the system: other processes would wait for ever for
   * some libraries.
   */
  async initialize(): Promise<void> {
    await this.finalize();
    await this.#withMemory(async (memory) => {
      const text = memory.chunk(this.#initArguments === undefined ? 0 : Buffer.from(`${this.#initArguments}\0`));
      const nothing: Field = { pointer: 0n };
      const flags: Field = { ulong: CKF_OS_LOCKING_OK };
      const args = memory.structures([[nothing, nothing, nothing, nothing, flags, { pointer: text.address }]]);
      const value = await this.#value('C_Initialize', args.bytes);
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
    await quietly(() => this.#call('C_Finalize', null));
  }

  /** @param withToken only those that have a token */
  slots(withToken: boolean): Promise<readonly Handle[]> {
    return this.#list('C_GetSlotList', [withToken ? 1 : 0]);
  }

  async mechanisms(slot: Handle): Promise<readonly number[]> {
    return (await this.#list('C_GetMechanismList', [slot])).map(Number);
  }

  /** Asks for the count, and then for as many. */
  #list(name: 'C_GetSlotList' | 'C_GetMechanismList', [of]: readonly [Argument]): Promise<readonly bigint[]> {
    return this.#withMemory(async (memory) => {
      const count = memory.ulong();
      await this.#call(name, of, null, count.bytes);
      const length = Number(this.#readUlong(count));
      if (length > MAX_LIST) throw new Pkcs11Error(name, `a count of ${length}`);
      if (length === 0) return [];
      const { ulong } = this.#layout;
      const items = memory.chunk(length * ulong);
      await this.#call(name, of, items.bytes, count.bytes);
      const found = Number(this.#readUlong(count));
      if (found > length) throw new Pkcs11Error(name, `a count of ${found} in the place of ${length}`);
      return Array.from({ length: found }, (_, index) => readUnsigned(items.bytes, index * ulong, ulong));
    });
  }

  tokenInfo(slot: Handle): Promise<TokenInfo> {
    return this.#withMemory(async (memory) => {
      // CK_TOKEN_INFO: texts of 32, 32, 16 and 16 bytes, the flags, ten numbers, two versions and a time
      const { bytes } = memory.chunk(512);
      await this.#call('C_GetTokenInfo', slot, bytes);
      const text = (from: number, to: number): string => bytes.toString('utf8', from, to).replace(PADDED, '');
      return {
        label: text(0, 32),
        manufacturer: text(32, 64),
        model: text(64, 80),
        serialNumber: text(80, 96),
        flags: Number(readUnsigned(bytes, 96, this.#layout.ulong)),
      };
    });
  }

  /** For reading and writing, or, where the token cannot be written, for reading. */
  openSession(slot: Handle): Promise<Handle> {
    return this.#withMemory(async (memory) => {
      const session = memory.ulong();
      const open = (flags: number): Promise<number> =>
        this.#value('C_OpenSession', slot, flags, null, null, session.bytes);
      let value = await open(CKF_SERIAL_SESSION | CKF_RW_SESSION);
      if (value === CKR.TOKEN_WRITE_PROTECTED) value = await open(CKF_SERIAL_SESSION);
      if (value !== CKR.OK) throw new Pkcs11Error('C_OpenSession', value);
      return this.#readUlong(session);
    });
  }

  closeSession(session: Handle): Promise<void> {
    return this.#call('C_CloseSession', session);
  }

  /** The log-in is that of all sessions of the process. @returns whether it was not logged in before */
  login(session: Handle, pin: Uint8Array): Promise<boolean> {
    return this.#withMemory(async (memory) => {
      const { bytes } = memory.chunk(pin);
      const value = await this.#value('C_Login', session, CKU_USER, bytes, bytes.length);
      if (value !== CKR.OK && value !== CKR.USER_ALREADY_LOGGED_IN) throw new Pkcs11Error('C_Login', value);
      return value === CKR.OK;
    });
  }

  logout(session: Handle): Promise<void> {
    return this.#call('C_Logout', session);
  }

  setPin(session: Handle, from: Uint8Array, to: Uint8Array): Promise<void> {
    return this.#withMemory(async (memory) => {
      const [{ bytes: old }, { bytes: next }] = [memory.chunk(from), memory.chunk(to)];
      await this.#call('C_SetPIN', session, old, old.length, next, next.length);
    });
  }

  /** @param limit how many at most */
  findObjects(session: Handle, template: AttributeTemplate, limit: number): Promise<readonly Handle[]> {
    return this.#withMemory(async (memory) => {
      await this.#call('C_FindObjectsInit', session, this.#template(memory, template).bytes, template.length);
      try {
        const { ulong } = this.#layout;
        const found = memory.chunk(limit * ulong);
        const count = memory.ulong();
        await this.#call('C_FindObjects', session, found.bytes, limit, count.bytes);
        const length = Number(this.#readUlong(count));
        if (length > limit) throw new Pkcs11Error('C_FindObjects', `a count of ${length} in the place of ${limit}`);
        return Array.from({ length }, (_, index) => readUnsigned(found.bytes, index * ulong, ulong));
      } finally {
        await this.#value('C_FindObjectsFinal', session);
      }
    });
  }

  attribute(session: Handle, object: Handle, type: number): Promise<Uint8Array> {
    return this.#withMemory(async (memory) => {
      const value = memory.chunk(MAX_ATTRIBUTE);
      const fields: readonly Field[] = [{ ulong: type }, { pointer: value.address }, { ulong: MAX_ATTRIBUTE }];
      const { bytes } = memory.structures([fields]);
      await this.#call('C_GetAttributeValue', session, object, bytes, 1);
      const { ulong, pointer } = this.#layout;
      const length = Number(readUnsigned(bytes, ulong + pointer, ulong));
      if (length > MAX_ATTRIBUTE) throw new Pkcs11Error('C_GetAttributeValue', `a length of ${length}`);
      return Uint8Array.from(value.bytes.subarray(0, length));
    });
  }

  generateAesKey(session: Handle, template: AttributeTemplate): Promise<Handle> {
    return this.#withMemory(async (memory) => {
      const mechanism = memory.structures([[{ ulong: CKM_AES_KEY_GEN }, { pointer: 0n }, { ulong: 0 }]]);
      const attributes = this.#template(memory, template);
      const key = memory.ulong();
      await this.#call('C_GenerateKey', session, mechanism.bytes, attributes.bytes, template.length, key.bytes);
      return this.#readUlong(key);
    });
  }

  destroyObject(session: Handle, object: Handle): Promise<void> {
    return this.#call('C_DestroyObject', session, object);
  }

  random(session: Handle, size: number): Promise<Uint8Array> {
    return this.#withMemory(async (memory) => {
      const { bytes } = memory.chunk(size);
      await this.#call('C_GenerateRandom', session, bytes, size);
      return Uint8Array.from(bytes);
    });
  }

  /** @returns what the token put out, and the initialization vector as it left it */
  encryptGcm(
    session: Handle,
    key: Handle,
    { iv, aad, plaintext }: Gcm & { readonly plaintext: Uint8Array },
  ): Promise<{ readonly iv: Uint8Array; readonly output: Uint8Array }> {
    return this.#withMemory(async (memory) => {
      const vector = memory.chunk(iv);
      await this.#call('C_EncryptInit', session, this.#gcm(memory, vector, aad).bytes, key);
      const output = await this.#transform(memory, ['C_Encrypt', session], plaintext);
      return { output, iv: Uint8Array.from(vector.bytes) };
    });
  }

  decryptGcm(
    session: Handle,
    key: Handle,
    { iv, aad, sealed }: Gcm & { readonly sealed: Uint8Array },
  ): Promise<Uint8Array> {
    return this.#withMemory(async (memory) => {
      await this.#call('C_DecryptInit', session, this.#gcm(memory, memory.chunk(iv), aad).bytes, key);
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
    await this.#call(name, session, from.bytes, from.bytes.length, to.bytes, length.bytes);
    const size = Number(this.#readUlong(length));
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

const layoutOf = (koffi: Koffi): Layout => ({
  ulong: koffi.sizeof('ulong'),
  pointer: koffi.sizeof('void *'),
  isPacked: process.platform === 'win32',
});

function attempt<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    throw new Pkcs11Error('dlopen', error instanceof Error ? error.message : 'failed');
  }
}
