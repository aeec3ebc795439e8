/** Answers of external key store proxies: their shapes (AWS KMS External Key Store Proxy API Specification), and what else must hold. */
import { createHash } from 'node:crypto';
import { text } from '../../crypto/bytes.ts';
import { fromBase64, toBase64 } from '../../model/base64.ts';
import { check } from '../../model/check.ts';
import {
  integer,
  list,
  oneOf,
  required,
  string,
  structure,
  type StructureShape,
  type ValueOf,
} from '../../model/shape.ts';
import {
  PROXY_ERRORS,
  XksError,
  type XksCiphertext,
  type XksDecryption,
  type XksEncryption,
  type XksHealth,
  type XksKeyMetadata,
  type XksProxyErrorName,
} from './xks.ts';

/** Members that are not known are dropped. */
const health = structure({
  xksProxyFleetSize: required(integer(1)),
  xksProxyVendor: required(string()),
  xksProxyModel: required(string()),
  ekmVendor: required(string()),
  ekmFleetDetails: required(
    list(
      structure({
        id: required(string()),
        model: required(string()),
        healthStatus: required(oneOf(['ACTIVE', 'DEGRADED', 'UNAVAILABLE'])),
      }),
      { min: 1, max: 10 },
    ),
  ),
});

const keyMetadata = structure({
  keySpec: required(string()),
  keyUsage: required(list(string(), { max: 10 })),
  keyStatus: required(oneOf(['ENABLED', 'DISABLED'])),
});

const encrypted = structure({
  ciphertext: required(string()),
  initializationVector: required(string()),
  authenticationTag: required(string()),
  ciphertextMetadata: string(),
  ciphertextDataIntegrityValue: required(string()),
});

const decrypted = structure({ plaintext: required(string()) });

/** Its errorMessage is not read: nothing of it must reach a caller. */
const refusal = structure({ errorName: required(string()) });

export const readHealth = (body: Uint8Array): XksHealth => read(health, body);
export const readKeyMetadata = (body: Uint8Array): XksKeyMetadata => read(keyMetadata, body);

export function readCiphertext(body: Uint8Array, { plaintext, aad }: XksEncryption): XksCiphertext {
  const answer = read(encrypted, body);
  const made = {
    ciphertext: bytesOf(answer.ciphertext, 'ciphertext', [plaintext.length]),
    iv: bytesOf(answer.initializationVector, 'initializationVector', [12, 16]),
    tag: bytesOf(answer.authenticationTag, 'authenticationTag', [16]),
    // empty metadata is none, to the integrity value and to the AAD of the key manager
    ...(answer.ciphertextMetadata ? { ciphertextMetadata: metadataOf(answer.ciphertextMetadata) } : {}),
  };
  if (answer.ciphertextDataIntegrityValue !== integrityValue(made, aad)) {
    throw invalid('the ciphertextDataIntegrityValue is not that of the ciphertext');
  }
  return made;
}

/** Appendix C: what has been changed between the proxy and KMS does not go unnoticed. */
function integrityValue({ ciphertext, iv, tag, ciphertextMetadata }: XksCiphertext, aad: Uint8Array): string {
  const hash = createHash('sha256').update(aad);
  if (ciphertextMetadata) hash.update(ciphertextMetadata);
  return toBase64(hash.update(iv).update(ciphertext).update(tag).digest());
}

export const readPlaintext = (body: Uint8Array, { ciphertext }: XksDecryption): Uint8Array =>
  bytesOf(read(decrypted, body).plaintext, 'plaintext', [ciphertext.length]);

const isErrorName = (name: string): name is XksProxyErrorName => Object.hasOwn(PROXY_ERRORS, name);

/** KMS goes by the name alone, whatever the status is. */
export function readError(body: Uint8Array): XksError {
  const { errorName } = read(refusal, body);
  if (!isErrorName(errorName)) return invalid('the error has a name that the specification does not have');
  return new XksError(errorName, `the external key store proxy has answered ${errorName}`);
}

export const invalid = (reason: string): XksError =>
  new XksError('XksProxyInvalidResponse', `the answer of the external key store proxy is not valid: ${reason}`);

/** Values are never quoted: a plaintext may be among them. */
function read<S extends StructureShape>(shape: S, body: Uint8Array): ValueOf<S> {
  try {
    const value: unknown = JSON.parse(text(body));
    return check(shape, value ?? '');
  } catch {
    throw invalid('it does not have the form of the specification');
  }
}

function metadataOf(value: string): Uint8Array {
  const bytes = bytesOf(value, 'ciphertextMetadata');
  if (bytes.length > 20) throw invalid('the ciphertextMetadata is longer than 20 bytes');
  return bytes;
}

/** Padded: whoever leaves the padding away is not one of the specification. */
function bytesOf(value: string, member: string, lengths?: readonly number[]): Uint8Array {
  const bytes = value.length % 4 === 0 ? fromBase64(value) : undefined;
  if (!bytes) throw invalid(`the ${member} is not base64`);
  if (lengths && !lengths.includes(bytes.length)) {
    throw invalid(`the ${member} does not have ${lengths.join(' or ')} bytes`);
  }
  return bytes;
}
