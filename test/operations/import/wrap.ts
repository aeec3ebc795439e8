/** Key material made and wrapped with the openssl command line, with the commands of the developer guide. */
import { concat, fromHex, hex } from '../../../src/crypto/bytes.ts';
import { opensslOut } from '../../crypto/openssl.ts';
import type { Fixture, TestKey } from '../../support/fixture.ts';

export const randomBytes = (length: number): Uint8Array => opensslOut(`rand ${length}`);

/** PKCS #8 in DER, unencrypted. */
const pkcs8 = (pem: Uint8Array): Uint8Array =>
  opensslOut('pkcs8 -topk8 -outform der -nocrypt -in key.pem', { 'key.pem': pem });

export const rsaKey = (bits: number): Uint8Array =>
  pkcs8(opensslOut(`genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:${bits}`));
export const ecKey = (curve: string): Uint8Array => pkcs8(opensslOut(`ecparam -name ${curve} -genkey -noout`));
export const ed25519Key = (): Uint8Array => pkcs8(opensslOut('genpkey -algorithm ED25519'));

const oaep = (hash: string, publicKey: Uint8Array, data: Uint8Array): Uint8Array =>
  opensslOut(
    `pkeyutl -encrypt -in data.bin -inkey WrappingPublicKey.bin -keyform DER -pubin -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`,
    { 'data.bin': data, 'WrappingPublicKey.bin': publicKey },
  );

function rsaAes(hash: string, publicKey: Uint8Array, material: Uint8Array): Uint8Array {
  const aesKey = randomBytes(32);
  const wrapped = opensslOut(`enc -id-aes256-wrap-pad -K ${hex(aesKey)} -iv A65959A6 -in key-material.bin`, {
    'key-material.bin': material,
  });
  return concat(oaep(hash, publicKey, aesKey), wrapped);
}

type Wrap = (publicKey: Uint8Array, material: Uint8Array) => Uint8Array;

export const WRAPS = {
  RSAES_OAEP_SHA_1: (key, material) => oaep('sha1', key, material),
  RSAES_OAEP_SHA_256: (key, material) => oaep('sha256', key, material),
  RSA_AES_KEY_WRAP_SHA_1: (key, material) => rsaAes('sha1', key, material),
  RSA_AES_KEY_WRAP_SHA_256: (key, material) => rsaAes('sha256', key, material),
} as const satisfies { readonly [algorithm: string]: Wrap };

export type WrappingAlgorithm = keyof typeof WRAPS;

export interface Parameters {
  readonly ImportToken: Uint8Array;
  readonly PublicKey: Uint8Array;
}

export interface Wrapping {
  readonly algorithm?: WrappingAlgorithm;
  readonly spec?: string;
  readonly region?: string;
}

export const parametersFor = (
  home: Fixture,
  { id }: Pick<TestKey, 'id'>,
  { algorithm = 'RSAES_OAEP_SHA_256', spec = 'RSA_2048', region = 'us-east-1' }: Wrapping = {},
): Promise<Parameters> =>
  home.call(
    'GetParametersForImport',
    { KeyId: id, WrappingAlgorithm: algorithm, WrappingKeySpec: spec },
    { region },
  ) as unknown as Promise<Parameters>;

/** The members of ImportKeyMaterial that carry this material. */
export async function wrapped(
  home: Fixture,
  key: Pick<TestKey, 'id'>,
  material: Uint8Array,
  wrapping: Wrapping = {},
): Promise<{ KeyId: string; ImportToken: Uint8Array; EncryptedKeyMaterial: Uint8Array }> {
  const { ImportToken, PublicKey } = await parametersFor(home, key, wrapping);
  const EncryptedKeyMaterial = WRAPS[wrapping.algorithm ?? 'RSAES_OAEP_SHA_256'](PublicKey, material);
  return { KeyId: key.id, ImportToken, EncryptedKeyMaterial };
}

export const FOREVER = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' };

/** Imports it for ever, unless `more` says otherwise. */
export async function importInto(
  home: Fixture,
  key: Pick<TestKey, 'id'>,
  material: Uint8Array,
  { region = 'us-east-1', ...more }: { readonly region?: string; readonly [member: string]: unknown } = {},
): Promise<Record<string, unknown>> {
  const input = { ...(await wrapped(home, key, material, { region })), ...FOREVER, ...more };
  return home.call('ImportKeyMaterial', input, { region });
}

export const MATERIAL = fromHex('4f1c'.repeat(16));
export const OTHER_MATERIAL = fromHex('e07a'.repeat(16));
