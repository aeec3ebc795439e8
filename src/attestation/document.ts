/**
 * The signed attestation document of a Nitro Enclave or of NitroTPM: COSE_Sign1 (RFC 9052 4.2) around a CBOR map, read
 * within the limits of "Nitro Enclaves Attestation Process" in aws/aws-nitro-enclaves-nsm-api (the process document below). Nothing is verified here.
 */
import { concat, utf8 } from '../crypto/bytes.ts';
import { isMap, readCbor, type Cbor, type CborMap } from './cbor.ts';
import { problem, type Problem } from './problem.ts';

export type Platform = 'NITRO_ENCLAVE' | 'NITRO_TPM';

export interface AttestationDocument {
  readonly platform: Platform;
  readonly moduleId: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** X.509, DER: of the key that signed the document. */
  readonly certificate: Uint8Array;
  /** The certificates above it; the first is the root. */
  readonly caBundle: readonly Uint8Array[];
  readonly publicKey: Uint8Array | undefined;
  readonly userData: Uint8Array | undefined;
  readonly nonce: Uint8Array | undefined;
  /** The Sig_structure of RFC 9052 4.4, of which the signature is. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** {1: -35}: the algorithm ES384 (RFC 9053 2.1). */
const PROTECTED = Uint8Array.of(0xa1, 0x01, 0x38, 0x22);
const COSE_SIGN1 = 18;
const MAX_PAYLOAD = 16_384;
/** The headers and the signature take less than the rest. */
const MAX_DOCUMENT = MAX_PAYLOAD + 256;
export const MAX_CERTIFICATE = 1_024;
/** Of documents that AWS signed it is 4. */
const MAX_BUNDLE = 8;
const MAX_MODULE_ID = 256;
/** P-384: two integers of 48 bytes. */
const SIGNATURE_LENGTH = 96;

/** The field with the registers, and how many there are; the process document of enclaves says 0 to 31 of `pcrs`. */
const REGISTERS: readonly { readonly field: string; readonly platform: Platform }[] = [
  { field: 'pcrs', platform: 'NITRO_ENCLAVE' },
  { field: 'nitrotpm_pcrs', platform: 'NITRO_TPM' },
];
const MAX_REGISTERS = 32;
const DIGEST_LENGTHS = [32, 48, 64];

const MAX_DATA = { public_key: 1_024, user_data: 512, nonce: 512 } as const;

const FIELDS = new Set([
  'module_id',
  'digest',
  'timestamp',
  'certificate',
  'cabundle',
  ...REGISTERS.map(({ field }) => field),
  ...Object.keys(MAX_DATA),
]);

export async function readDocument(bytes: Uint8Array): Promise<AttestationDocument | Problem> {
  if (bytes.length > MAX_DOCUMENT) return problem('too-large', `it has more than ${MAX_DOCUMENT} bytes`);
  const envelope = await readEnvelope(bytes);
  if ('code' in envelope) return envelope;
  const { payload, signature } = envelope;
  const fields = await readCbor(payload, { allowIndefinite: true });
  if (!isMap(fields)) return problem('not-cbor', 'its payload is not a CBOR map');
  const document = readFields(fields);
  if ('code' in document) return document;
  return { ...document, signed: sigStructure(payload), signature };
}

/** Documents are often stored and sent as text. */
const notCose = (bytes: Uint8Array): string =>
  /^[A-Za-z0-9+/=\s]+$/.test(Buffer.from(bytes).toString('latin1'))
    ? 'it is text in base64, not the bytes of a COSE_Sign1 structure'
    : 'it is not a COSE_Sign1 structure';

/** An array of four, tagged or not (RFC 9052 4.2). */
async function readEnvelope(
  bytes: Uint8Array,
): Promise<{ readonly payload: Uint8Array; readonly signature: Uint8Array } | Problem> {
  const untagged = bytes[0] === (0xc0 | COSE_SIGN1) ? bytes.subarray(1) : bytes;
  const parts = await readCbor(untagged, { allowIndefinite: false });
  if (!Array.isArray(parts) || parts.length !== 4) return problem('not-cose', notCose(bytes));
  const [header, unprotected, payload, signature] = parts as readonly Cbor[];
  if (!(header instanceof Uint8Array) || !isMap(unprotected)) {
    return problem('not-cose', 'its headers are not those of a COSE_Sign1 structure');
  }
  if (!equals(header, PROTECTED) || unprotected.size > 0) {
    return problem('algorithm', 'its headers name another algorithm than ES384, or more than the algorithm');
  }
  if (!(payload instanceof Uint8Array) || payload.length === 0 || payload.length > MAX_PAYLOAD) {
    return problem('not-cose', `its payload does not have 1 to ${MAX_PAYLOAD} bytes`);
  }
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_LENGTH) {
    return problem('not-cose', `its signature does not have ${SIGNATURE_LENGTH} bytes`);
  }
  return { payload, signature };
}

/** ["Signature1", protected, external data, payload] */
export function sigStructure(payload: Uint8Array): Uint8Array {
  return concat(
    Uint8Array.of(0x84),
    byteString(0x60, utf8('Signature1')),
    byteString(0x40, PROTECTED),
    byteString(0x40, new Uint8Array()),
    byteString(0x40, payload),
  );
}

/** The four parts of a document, encoded. */
export const coseSign1 = (payload: Uint8Array, signature: Uint8Array): Uint8Array =>
  concat(
    Uint8Array.of(0x84),
    byteString(0x40, PROTECTED),
    Uint8Array.of(0xa0),
    byteString(0x40, payload),
    byteString(0x40, signature),
  );

/** Shorter than 64 KiB. @param major 0x40: bytes, 0x60: text */
function byteString(major: 0x40 | 0x60, bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const head =
    length < 24 ? [major | length] : length < 256 ? [major | 24, length] : [major | 25, length >> 8, length & 255];
  return concat(Uint8Array.from(head), bytes);
}

type Fields = Omit<AttestationDocument, 'signed' | 'signature'>;

function readFields(fields: CborMap): Fields | Problem {
  for (const name of fields.keys()) {
    if (typeof name !== 'string' || !FIELDS.has(name)) {
      return problem('field', 'it has a field that attestation documents do not have');
    }
  }
  const moduleId = fields.get('module_id');
  if (typeof moduleId !== 'string' || moduleId.length > MAX_MODULE_ID || !/^[!-~]+$/.test(moduleId)) {
    return problem('field', `module_id is not a text of 1 to ${MAX_MODULE_ID} printable characters`);
  }
  if (fields.get('digest') !== 'SHA384') return problem('field', 'digest is not SHA384');
  const timestamp = fields.get('timestamp');
  // the CBOR type is uint, and a Date takes no more
  if (typeof timestamp !== 'number' || timestamp <= 0 || timestamp > 8.64e15) {
    return problem('field', 'timestamp is not a time');
  }
  const registers = readRegisters(fields);
  if ('code' in registers) return registers;
  const certificate = fields.get('certificate');
  if (!isCertificate(certificate)) return problem('field', `certificate does not have 1 to ${MAX_CERTIFICATE} bytes`);
  const caBundle = fields.get('cabundle');
  if (!isBundle(caBundle)) {
    return problem(
      'field',
      `cabundle is not a list of 1 to ${MAX_BUNDLE} certificates of at most ${MAX_CERTIFICATE} bytes`,
    );
  }
  const data = readData(fields);
  return 'code' in data ? data : { ...registers, moduleId, timestamp, certificate, caBundle, ...data };
}

function readRegisters(fields: CborMap): Pick<Fields, 'platform' | 'pcrs'> | Problem {
  const [found, ...others] = REGISTERS.filter(({ field }) => fields.has(field));
  if (!found || others.length > 0) return problem('field', 'it does not have one of the fields pcrs and nitrotpm_pcrs');
  const { field, platform } = found;
  const registers = fields.get(field);
  if (!isMap(registers) || registers.size === 0 || registers.size > MAX_REGISTERS) {
    return problem('field', `${field} is not a map of 1 to ${MAX_REGISTERS} registers`);
  }
  const pcrs = new Map<number, Uint8Array>();
  for (const [index, value] of registers) {
    if (typeof index !== 'number' || index < 0 || index >= MAX_REGISTERS) {
      return problem('field', `${field} has an index that is not 0 to ${MAX_REGISTERS - 1}`);
    }
    if (!(value instanceof Uint8Array) || !DIGEST_LENGTHS.includes(value.length)) {
      return problem('field', `register ${index} does not have ${DIGEST_LENGTHS.join(', ')} bytes`);
    }
    pcrs.set(index, value);
  }
  return { platform, pcrs };
}

const isCertificate = (value: Cbor | undefined): value is Uint8Array =>
  value instanceof Uint8Array && value.length > 0 && value.length <= MAX_CERTIFICATE;

const isBundle = (value: Cbor | undefined): value is readonly Uint8Array[] =>
  Array.isArray(value) && value.length > 0 && value.length <= MAX_BUNDLE && value.every(isCertificate);

/** Documents of both platforms have null for what was not given, against the process document. */
function readData(fields: CborMap): Pick<Fields, 'publicKey' | 'userData' | 'nonce'> | Problem {
  for (const [name, max] of Object.entries(MAX_DATA)) {
    const value = fields.get(name) ?? undefined;
    if (value !== undefined && !(value instanceof Uint8Array && value.length <= max)) {
      return problem('field', `${name} does not have at most ${max} bytes`);
    }
  }
  const bytes = (name: keyof typeof MAX_DATA): Uint8Array | undefined =>
    (fields.get(name) ?? undefined) as Uint8Array | undefined; // looked at above
  return { publicKey: bytes('public_key'), userData: bytes('user_data'), nonce: bytes('nonce') };
}

const equals = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);
