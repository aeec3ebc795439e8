/** KMS keys of a keyring as external keys. Every use of one is a call, with its authorization and its event. */
import { parseArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import type { ExternalCiphertext } from '../../crypto/external-ciphertext.ts';
import type { FindCaller } from '../../pipeline/call-origin.ts';
import type { Kms } from '../../pipeline/invoke.ts';
import { generateRandom } from '../../operations/encryption/data-keys.ts';
import { decryptExternally, encryptExternally } from '../../operations/encryption/external-key.ts';
import { describeKey } from '../../operations/keys/keys.ts';
import { healthCheck } from './health-check.ts';
import type { ExternalKey, KeyManager, KeyUseOrigin, RequestOrigin } from './key-manager.ts';

interface KeyringKeysDeps {
  readonly kms: Kms;
  readonly keyringId: string;
  /** Of the program. */
  readonly version: string;
  /** In whose name the keys are used. */
  readonly caller: FindCaller;
  /** Of keys that are not named by their ARN; undefined: that of the keyring. */
  readonly region: string | undefined;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** For the operator. */
  readonly failed: (requestId: string, thrown: unknown) => void;
}

const USER_AGENT = 'kms xks-proxy';
/** As external key stores call it. */
const AES_256 = 'AES_256';

export function keyringKeys({ kms, keyringId, version, caller, region, clock, failed }: KeyringKeysDeps): KeyManager {
  const originOf = ({ requestId, sourceIp, connection }: RequestOrigin, key?: ExternalKey) => ({
    caller,
    region: (key && parseArn(key.key)?.region) ?? region,
    sourceIp,
    userAgent: USER_AGENT,
    connection,
    requestId,
  });
  /** A call that needs no key shows that calls can be made, and that their events can be written. */
  const probe = (request: RequestOrigin): Promise<unknown> =>
    kms.invoke(generateRandom, { NumberOfBytes: 1 }, originOf(request)).catch((error: unknown) => {
      // one that is not allowed has its event, too
      if (!(error instanceof KmsError)) throw error;
    });
  type Calls = Pick<Kms, 'invoke'>;
  const encrypt = async (
    { invoke }: Calls,
    ...[key, { plaintext, aad }, request]: Parameters<KeyManager['encrypt']>
  ): Promise<ExternalCiphertext> => {
    const input = { KeyId: key.key, Plaintext: plaintext, ...sharedInput(key, aad, request) };
    const { output } = await invoke(encryptExternally, input, originOf(request, key));
    return {
      metadata: output.CiphertextMetadata,
      iv: output.InitializationVector,
      ciphertext: output.Ciphertext,
      tag: output.AuthenticationTag,
    };
  };
  const decrypt = async (
    { invoke }: Calls,
    ...[key, { metadata, iv, ciphertext, tag, aad }, request]: Parameters<KeyManager['decrypt']>
  ): Promise<Uint8Array> => {
    const input = {
      KeyId: key.key,
      Ciphertext: ciphertext,
      InitializationVector: iv,
      AuthenticationTag: tag,
      CiphertextMetadata: metadata,
      ...sharedInput(key, aad, request),
    };
    const { output } = await invoke(decryptExternally, input, originOf(request, key));
    return output.Plaintext;
  };
  const health = healthCheck({ clock, probe, failed });
  return {
    health: async (request) => ({ id: keyringId, model: version, healthStatus: await health(request) }),
    async describe(key, request) {
      const { output } = await kms.invoke(describeKey, { KeyId: key.key }, originOf(request, key));
      const { KeySpec, KeyState } = output.KeyMetadata ?? {};
      return {
        keySpec: KeySpec === 'SYMMETRIC_DEFAULT' ? AES_256 : (KeySpec ?? ''),
        keyStatus: KeyState === 'Enabled' ? 'ENABLED' : 'DISABLED',
      };
    },
    encrypt: (key, input, request) => encrypt(kms, key, input, request),
    decrypt: (key, input, request) => decrypt(kms, key, input, request),
    // both calls share a commit, and with it the wait for the disk
    encryptAndDecrypt: (key, input, request, made) =>
      kms.allOrNothing(async (unit) => {
        const ciphertext = await encrypt(unit, key, input, request);
        made(ciphertext);
        return decrypt(unit, key, { ...ciphertext, aad: input.aad }, request);
      }),
  };
}

const sharedInput = ({ externalKeyId }: ExternalKey, aad: Uint8Array, request: KeyUseOrigin) => ({
  AdditionalAuthenticatedData: aad,
  XksRequest: {
    ExternalKeyId: externalKeyId,
    AwsPrincipalArn: request.awsPrincipalArn,
    KmsOperation: request.kmsOperation,
    KmsRequestId: request.kmsRequestId,
    KmsKeyArn: request.kmsKeyArn,
  },
});
