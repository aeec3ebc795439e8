/** Keys of a PKCS#11 token as external keys, by their labels. They never leave it, and there is no metadata to keep. */
import { EnvironmentError } from '../../model/error.ts';
import { authenticated } from '../../crypto/external-ciphertext.ts';
import { utf8 } from '../../crypto/bytes.ts';
import { Secret } from '../../crypto/secret.ts';
import { readSecretFile } from '../../files/private-file.ts';
import { HsmError, type Hsm, type HsmErrorCode, type HsmUser } from '../../key-managers/hsm/hsm.ts';
import type { XksProxyErrorName } from '../../key-managers/xks/xks.ts';
import { healthCheck } from './health-check.ts';
import type { ExternalKey, KeyManager } from './key-manager.ts';
import { XksRefusal } from './refusal.ts';

interface TokenKeysDeps {
  readonly hsm: Hsm;
  readonly user: HsmUser;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** For the operator. */
  readonly failed: (requestId: string, thrown: unknown) => void;
}

const NO_METADATA = new Uint8Array();
/** What a key is asked to encrypt to see that it is there. */
const PROBE = { plaintext: new Uint8Array(16), aad: NO_METADATA };

export function tokenKeys({ hsm, user, clock, failed }: TokenKeysDeps): KeyManager {
  const keyOf = ({ key: label }: ExternalKey) => ({ ...user, label });
  const encrypt: KeyManager['encrypt'] = async (key, { plaintext, aad }) => {
    const made = await refusing(hsm.encrypt(keyOf(key), { plaintext, aad: authenticated(aad, NO_METADATA) }));
    return { ...made, metadata: NO_METADATA };
  };
  const decrypt: KeyManager['decrypt'] = async (key, { metadata, aad, ...ciphertext }) => {
    const isOurs = metadata.length === 0 && ciphertext.iv.length === 12 && ciphertext.tag.length === 16;
    const plaintext =
      isOurs && (await refusing(hsm.decrypt(keyOf(key), { ...ciphertext, aad: authenticated(aad, NO_METADATA) })));
    if (!plaintext) throw new XksRefusal('InvalidCiphertextException');
    return plaintext;
  };
  const health = healthCheck({ clock, probe: () => hsm.random(user, 1), failed });
  return {
    health: async (request) => ({ id: user.clusterId, model: 'PKCS#11 token', healthStatus: await health(request) }),
    async describe(key) {
      await refusing(hsm.encrypt(keyOf(key), PROBE));
      return { keySpec: 'AES_256', keyStatus: 'ENABLED' };
    },
    encrypt,
    decrypt,
    async encryptAndDecrypt(key, input, request, made) {
      const ciphertext = await encrypt(key, input, request);
      made(ciphertext);
      return decrypt(key, { ...ciphertext, aad: input.aad }, request);
    },
  };
}

/** All others are failures of the token. */
const REFUSALS: { readonly [C in HsmErrorCode]?: XksProxyErrorName } = {
  KEY_NOT_FOUND: 'KeyNotFoundException',
  NO_FREE_SESSION: 'ThrottlingException',
  NETWORK_ERRORS: 'DependencyTimeoutException',
};

async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const errorName = error instanceof HsmError ? REFUSALS[error.code] : undefined;
    throw errorName && error instanceof HsmError ? new XksRefusal(errorName, { reason: error.message }) : error;
  }
}

export interface TokenAccess {
  readonly clusterId: string;
  /** Undefined: not specified. */
  readonly pinFile: string | undefined;
}

/** Logs in. The password stays as it is. @throws EnvironmentError */
export async function logIn(hsm: Hsm, { clusterId, pinFile }: TokenAccess): Promise<HsmUser> {
  if (pinFile === undefined) throw new EnvironmentError('--hsm requires --pin-file');
  const pin = new TextDecoder().decode(readSecretFile(pinFile, 'the PIN file')).replace(/\r?\n$/, '');
  if (pin === '') throw new EnvironmentError(`the PIN file ${pinFile} is empty`);
  const password = new Secret(utf8(pin));
  try {
    await hsm.connect(clusterId, [password], password);
  } catch (error) {
    if (!(error instanceof HsmError)) throw error;
    const isPassword = error.code === 'INVALID_CREDENTIALS';
    const hint = isPassword ? `the password in ${pinFile} is not that of the user` : 'kms hsm status shows the tokens';
    throw new EnvironmentError(error.message, [hint]);
  }
  return { clusterId, password };
}
