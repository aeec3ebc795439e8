/** The bodies of requests: JSON, with bytes in base64. Sizes beyond those of the specification are not supported. */
import { fromBase64, toBase64 } from '../../model/base64.ts';
import { check } from '../../model/check.ts';
import { KmsError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import { oneOf, required, string, structure, type StructureShape, type ValueOf } from '../../model/shape.ts';
import { MAX_EXTERNAL_AAD, MAX_EXTERNAL_PLAINTEXT } from '../../operations/encryption/external-key.ts';
import { XksRefusal } from './refusal.ts';
import type { XksOperation } from './route.ts';

/** The specification: ARNs have up to 2,048 characters; of the rest nothing but its presence is checked. */
const opaque = string({ max: 2048 });
const health = { kmsRequestId: required(opaque), kmsOperation: required(opaque) };
const call = {
  ...health,
  awsPrincipalArn: required(opaque),
  awsSourceVpc: opaque,
  awsSourceVpce: opaque,
  kmsViaService: opaque,
};
const keyUse = { ...call, kmsKeyArn: required(opaque) };
const AES_GCM = oneOf(['AES_GCM']);
const base64 = { ...string(), sensitive: true } as const;

const SHAPES = {
  GetHealthStatus: structure({ requestMetadata: required(structure(health)) }),
  GetKeyMetadata: structure({ requestMetadata: required(structure({ ...call, kmsKeyArn: opaque })) }),
  Encrypt: structure({
    requestMetadata: required(structure(keyUse)),
    plaintext: required(base64),
    encryptionAlgorithm: required(AES_GCM),
    additionalAuthenticatedData: base64,
    ciphertextDataIntegrityValueAlgorithm: oneOf(['SHA_256']),
  }),
  Decrypt: structure({
    requestMetadata: required(structure(keyUse)),
    ciphertext: required(base64),
    ciphertextMetadata: base64,
    encryptionAlgorithm: required(AES_GCM),
    additionalAuthenticatedData: base64,
    initializationVector: required(base64),
    authenticationTag: required(base64),
  }),
} as const satisfies { readonly [O in XksOperation]: StructureShape };

export type XksBody<O extends XksOperation> = ValueOf<(typeof SHAPES)[O]>;

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/** @throws XksRefusal */
export function readBody<O extends XksOperation>(operation: O, bytes: Uint8Array): XksBody<O> {
  const value = parse(bytes);
  if (!isObject(value)) throw invalid('The body is not a JSON object.');
  try {
    return check<(typeof SHAPES)[O]>(SHAPES[operation], value);
  } catch (error) {
    if (error instanceof KmsError) throw invalid(error.message);
    throw error;
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(UTF_8.decode(bytes));
  } catch {
    throw invalid('The body is not JSON.');
  }
}

const invalid = (text: string): XksRefusal => new XksRefusal('ValidationException', { text });

interface Bytes {
  readonly name: string;
  /** Absent: empty. */
  readonly text: string | undefined;
  readonly min?: number;
  readonly max: number;
}

/** Strictly: with padding, without characters or bits that say nothing. @throws XksRefusal */
function decode({ name, text = '', min = 0, max }: Bytes): Uint8Array {
  const bytes = fromBase64(text);
  if (!bytes || toBase64(bytes) !== text) throw invalid(`The value of ${name} is not base64.`);
  if (bytes.length < min) throw invalid(`The value of ${name} has no bytes.`);
  if (bytes.length <= max) return bytes;
  const tooLong = `The value of ${name} has ${bytes.length} bytes; at most ${max} are supported.`;
  throw new XksRefusal('UnsupportedOperationException', { text: tooLong });
}

export const aadOf = ({ additionalAuthenticatedData: text }: XksBody<'Encrypt' | 'Decrypt'>): Uint8Array =>
  decode({ name: 'additionalAuthenticatedData', text, max: MAX_EXTERNAL_AAD });

export const plaintextOf = ({ plaintext: text }: XksBody<'Encrypt'>): Uint8Array =>
  decode({ name: 'plaintext', text, min: 1, max: MAX_EXTERNAL_PLAINTEXT });

/** The specification: metadata has at most 20 bytes. */
const MAX_METADATA = 20;
/** Initialization vectors have 12 or 16 bytes, tags 16: others are found invalid with the ciphertext. */
const MAX_PART = 64;

export const ciphertextOf = (body: XksBody<'Decrypt'>) => ({
  ciphertext: decode({ name: 'ciphertext', text: body.ciphertext, min: 1, max: MAX_EXTERNAL_PLAINTEXT }),
  iv: decode({ name: 'initializationVector', text: body.initializationVector, max: MAX_PART }),
  tag: decode({ name: 'authenticationTag', text: body.authenticationTag, max: MAX_PART }),
  metadata: decode({ name: 'ciphertextMetadata', text: body.ciphertextMetadata, max: MAX_METADATA }),
});
