/** The functions of a PKCS#11 library as C has them: their values are numbers, and they write into memory. */
import type { Koffi } from './koffi.ts';
import { Memory, readUnsigned, type Chunk, type Layout } from './memory.ts';
import { CKR, Pkcs11Error } from './return-value.ts';

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

export type NativeArgument = number | bigint | Buffer | null;
type NativeValue = number | bigint;
interface NativeFunction {
  (...values: readonly NativeArgument[]): NativeValue;
  async(...values: readonly [...NativeArgument[], (error: unknown, value: NativeValue) => void]): void;
}

export class NativeLibrary {
  readonly layout: Layout;
  /** The address of C_Initialize: libraries that have it in common are one. */
  readonly code: bigint;
  readonly #koffi: Koffi;
  /** Kept as long as its functions: koffi unloads a library whose handle is collected. */
  readonly #handle: ReturnType<Koffi['load']>;
  readonly #functions: ReadonlyMap<FunctionName, NativeFunction>;

  /** Loads the library, which runs its code. */
  constructor(koffi: Koffi, path: string) {
    this.#koffi = koffi;
    this.layout = layoutOf(koffi);
    this.#handle = attempt(() => koffi.load(path));
    const { functions, code } = this.#findFunctions();
    this.#functions = functions;
    this.code = code;
  }

  #findFunctions(): { readonly functions: ReadonlyMap<FunctionName, NativeFunction>; readonly code: bigint } {
    const getFunctionList = attempt(() =>
      this.#handle.func('C_GetFunctionList', 'ulong', ['void *']),
    ) as NativeFunction;
    const { pointer, isPacked } = this.layout;
    const memory = new Memory(this.#koffi, this.layout);
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

  /** In a thread of libuv. */
  async value(name: FunctionName, ...values: readonly NativeArgument[]): Promise<number> {
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

  async call(name: FunctionName, ...values: readonly NativeArgument[]): Promise<void> {
    const value = await this.value(name, ...values);
    if (value !== CKR.OK) throw new Pkcs11Error(name, value);
  }

  async withMemory<T>(work: (memory: Memory) => Promise<T>): Promise<T> {
    const memory = new Memory(this.#koffi, this.layout);
    try {
      return await work(memory);
    } finally {
      memory.wipe();
    }
  }

  readUlong({ bytes }: Chunk): bigint {
    return readUnsigned(bytes, 0, this.layout.ulong);
  }
}

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
