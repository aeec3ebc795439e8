/**
 * CBOR (RFC 8949) as attestation documents use it: shortest lengths, no duplicate keys, no floats, no tags. What a document
 * may hold is small, so the number of data items is limited, and with it the depth: a hostile one costs no more than a good one.
 */
import type { DecodeOptions } from 'cborg';

type DecodeTokenizer = NonNullable<DecodeOptions['tokenizer']>;

export type Cbor = string | number | boolean | null | Uint8Array | readonly Cbor[] | CborMap;
export type CborMap = ReadonlyMap<unknown, Cbor>;

/** A document has about 80: a field of 24 PCRs has 49. */
const MAX_ITEMS = 256;

/** Everything else has no meaning in a document: floats equal integers in JavaScript, and undefined equals what is absent. */
const ALLOWED = new Set(['uint', 'negint', 'bytes', 'string', 'array', 'map', 'null', 'break']);

const OPTIONS: DecodeOptions = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowBigInt: false,
  allowUndefined: false,
};

/**
 * @param allowIndefinite NitroTPM writes the map of a document without its length; the signature is over its bytes
 * @returns undefined for what is no CBOR of this kind, or has bytes behind it
 */
export async function readCbor(
  bytes: Uint8Array,
  { allowIndefinite }: { readonly allowIndefinite: boolean },
): Promise<Cbor | undefined> {
  const { decode, Tokenizer } = await import('cborg'); // its package has no CommonJS form: a bundled static import would fail
  const options = { ...OPTIONS, allowIndefinite };
  const all = new Tokenizer(bytes, options);
  let items = 0;
  const tokenizer: DecodeTokenizer = {
    done: () => all.done(),
    pos: () => all.pos(),
    next() {
      items += 1;
      if (items > MAX_ITEMS) throw new RangeError(`more than ${MAX_ITEMS} data items`);
      const token = all.next();
      if (!ALLOWED.has(token.type.name)) throw new TypeError(`a data item of type ${token.type.name}`);
      return token;
    },
  };
  try {
    return decode(bytes, { ...options, tokenizer }) as Cbor;
  } catch {
    return undefined;
  }
}

export const isMap = (value: Cbor | undefined): value is CborMap => value instanceof Map;
