/**
 * Cryptographic operations in one process, beside the bare node:crypto calls that they make: our primitive, and the
 * whole pipeline (authorization, event, sealed root) over a keyring in memory. `npm run bench:operations [MILLISECONDS]`
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { encryptAsymmetric, decryptAsymmetric } from '../src/crypto/asymmetric-encryption.ts';
import { decryptBlob, encryptBlob } from '../src/crypto/ciphertext-blob.ts';
import { deriveSharedSecret } from '../src/crypto/key-agreement.ts';
import * as kem from '../src/crypto/key-encapsulation.ts';
import { privateKeyObject } from '../src/crypto/key-object.ts';
import { generateKeyMaterial } from '../src/crypto/key-material.ts';
import { KEY_SPECS } from '../src/crypto/key-spec.ts';
import { mac } from '../src/crypto/mac.ts';
import { randomSource } from '../src/crypto/random.ts';
import * as signature from '../src/crypto/signature.ts';
import { Secret } from '../src/crypto/secret.ts';
import { callerOf } from '../src/policy/principal.ts';
import { memoryKeyring } from '../src/runtime/memory-keyring.ts';
import { createKms } from '../src/pipeline/invoke.ts';
import { loadOperation, type OperationName } from '../src/operations/index.ts';
import type { AnyInput, AnyOperation } from '../src/operations/row/operation.ts';
import { cost } from './measure.ts';

const window = Number(process.argv[2] ?? 400);
/** Calls that wait at the same time: they share a transaction. */
const TOGETHER = 64;
const bareRandom = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const random = randomSource();
const message = random(256);

type Call = () => unknown;

const account = '111122223333';
const region = 'us-east-1';
const { keyring } = await memoryKeyring({ account, region, clock: Date.now, random });
const kms = createKms({ keyring, clock: Date.now, random });
const caller = callerOf(`arn:aws:iam::${account}:root`);
const origin = { caller, region, sourceIp: '127.0.0.1', userAgent: 'bench' };
const call = async (operation: OperationName, input: object): Promise<AnyInput> => {
  const row: AnyOperation = await loadOperation(operation);
  return (await kms.invoke(row, input, origin)).output;
};
const keyId = async (input: object = {}): Promise<string> =>
  ((await call('CreateKey', input))['KeyMetadata'] as { KeyId: string }).KeyId;

interface Row {
  readonly name: string;
  readonly bare: Call;
  readonly primitive: Call;
  readonly call: Call;
}

async function symmetricRows(): Promise<Row[]> {
  const key = new Secret(random(32));
  const header = { account, keyId: '1234abcd-12ab-34cd-56ef-1234567890ab', backingKeyId: '0'.repeat(32) };
  const blob = encryptBlob(message, header, { key }, random);
  const aad = Buffer.alloc(46);
  const derive = (): Buffer => createHmac('sha256', key.expose()).update(bareRandom(16)).update(aad).digest();
  const seal = (data: Uint8Array): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', derive(), bareRandom(12), { authTagLength: 16 }).setAAD(aad);
    return Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]);
  };
  const sealed = seal(message);
  const id = await keyId();
  const { CiphertextBlob } = await call('Encrypt', { KeyId: id, Plaintext: message });
  const unseal = (): unknown => {
    const decipher = createDecipheriv('aes-256-gcm', derive(), bareRandom(12), { authTagLength: 16 }).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-16));
    return decipher.update(sealed.subarray(0, -16)); // final() would refuse it: the same work but for the comparison
  };
  return [
    {
      name: 'Encrypt, 256 bytes',
      bare: () => seal(message),
      primitive: () => encryptBlob(message, header, { key }, random),
      call: () => call('Encrypt', { KeyId: id, Plaintext: message }),
    },
    {
      name: 'Decrypt, 256 bytes',
      bare: unseal,
      primitive: () => decryptBlob(blob, { key }),
      call: () => call('Decrypt', { CiphertextBlob }),
    },
    {
      name: 'GenerateDataKey, AES_256',
      bare: () => seal(bareRandom(32)),
      primitive: () => encryptBlob(random(32), header, { key }, random),
      call: () => call('GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' }),
    },
  ];
}

async function macRow(): Promise<Row> {
  const key = new Secret(random(32));
  const [algorithm] = KEY_SPECS.HMAC_256.algorithms.GENERATE_VERIFY_MAC!;
  const KeyId = await keyId({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  return {
    name: 'GenerateMac, HMAC_SHA_256',
    bare: () => createHmac('sha256', key.expose()).update(message).digest(),
    primitive: () => mac(key, algorithm!, message),
    call: () => call('GenerateMac', { KeyId, Message: message, MacAlgorithm: 'HMAC_SHA_256' }),
  };
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

async function signingRows(
  name: 'RSA_2048' | 'ECC_NIST_P256' | 'ECC_NIST_EDWARDS25519' | 'ML_DSA_65',
  wanted: string,
): Promise<Row[]> {
  const spec = KEY_SPECS[name];
  const { secret, publicKey } = await generateKeyMaterial(spec, random);
  const algorithm = spec.algorithms.SIGN_VERIFY!.find((row) => row.name === wanted)!;
  const privateKey = createPrivateKey({ key: Buffer.from(secret.expose()), format: 'der', type: 'pkcs8' });
  const publicObject = createPublicKey({ key: Buffer.from(publicKey!), format: 'der', type: 'spki' });
  const hash = algorithm.scheme === 'pss' || algorithm.scheme === 'ecdsa' ? algorithm.hash : null;
  const padding = algorithm.scheme === 'pss' ? pss : {};
  const made = sign(hash, message, { key: privateKey, ...padding });
  const signing = { algorithm, message, messageType: 'RAW' } as const;
  const KeyId = await keyId({ KeySpec: name, KeyUsage: 'SIGN_VERIFY' });
  const input = { KeyId, Message: message, SigningAlgorithm: wanted };
  const { Signature } = await call('Sign', input);
  return [
    {
      name: `Sign, ${wanted}`,
      bare: () => sign(hash, message, { key: privateKey, ...padding }),
      primitive: () => signature.sign(privateKeyObject(secret), signing),
      call: () => call('Sign', input),
    },
    {
      name: `Verify, ${wanted}`,
      bare: () => verify(hash, message, { key: publicObject, ...padding }, made),
      primitive: () => signature.verify(publicKey!, signing, made),
      call: () => call('Verify', { ...input, Signature }),
    },
  ];
}

async function oaepRows(): Promise<Row[]> {
  const spec = KEY_SPECS.RSA_2048;
  const { secret, publicKey } = await generateKeyMaterial(spec, random);
  const algorithm = spec.algorithms.ENCRYPT_DECRYPT!.find((row) => row.name === 'RSAES_OAEP_SHA_256')!;
  const privateKey = createPrivateKey({ key: Buffer.from(secret.expose()), format: 'der', type: 'pkcs8' });
  const publicObject = createPublicKey({ key: Buffer.from(publicKey!), format: 'der', type: 'spki' });
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
  const short = message.subarray(0, 64);
  const ciphertext = publicEncrypt({ key: publicObject, ...oaep }, short);
  const KeyId = await keyId({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const EncryptionAlgorithm = algorithm.name;
  const { CiphertextBlob } = await call('Encrypt', { KeyId, Plaintext: short, EncryptionAlgorithm });
  return [
    {
      name: 'Encrypt, RSA_2048',
      bare: () => publicEncrypt({ key: publicObject, ...oaep }, short),
      primitive: () => encryptAsymmetric(publicKey!, algorithm, short),
      call: () => call('Encrypt', { KeyId, Plaintext: short, EncryptionAlgorithm }),
    },
    {
      name: 'Decrypt, RSA_2048',
      bare: () => privateDecrypt({ key: privateKey, ...oaep }, ciphertext),
      primitive: () => decryptAsymmetric(privateKeyObject(secret), algorithm, ciphertext),
      call: () => call('Decrypt', { KeyId, CiphertextBlob, EncryptionAlgorithm }),
    },
  ];
}

async function agreementRow(): Promise<Row> {
  const spec = KEY_SPECS.ECC_NIST_P256;
  const ours = await generateKeyMaterial(spec, random);
  const peer = await generateKeyMaterial(spec, random);
  const privateKey = createPrivateKey({ key: Buffer.from(ours.secret.expose()), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey({ key: Buffer.from(peer.publicKey!), format: 'der', type: 'spki' });
  const KeyId = await keyId({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
  return {
    name: 'DeriveSharedSecret, P-256',
    bare: () => diffieHellman({ privateKey, publicKey }),
    primitive: () =>
      deriveSharedSecret({ curve: 'prime256v1', key: privateKeyObject(ours.secret), peerPublicKey: peer.publicKey! }),
    call: () => call('DeriveSharedSecret', { KeyId, PublicKey: peer.publicKey, KeyAgreementAlgorithm: 'ECDH' }),
  };
}

async function kemRows(): Promise<Row[]> {
  const spec = KEY_SPECS.ML_KEM_768;
  const { secret, publicKey } = await generateKeyMaterial(spec, random);
  const [algorithm] = spec.algorithms.ENCAPSULATE_DECAPSULATE!;
  const privateKey = createPrivateKey({ key: Buffer.from(secret.expose()), format: 'der', type: 'pkcs8' });
  const publicObject = createPublicKey({ key: Buffer.from(publicKey!), format: 'der', type: 'spki' });
  const { ciphertext } = encapsulate(publicObject);
  return [
    {
      name: 'Encapsulate, ML_KEM_768',
      bare: () => encapsulate(publicObject),
      primitive: () => kem.encapsulate(publicKey!),
      call: () => undefined,
    },
    {
      name: 'Decapsulate, ML_KEM_768',
      bare: () => decapsulate(privateKey, ciphertext),
      primitive: () => kem.decapsulate(secret, algorithm!, new Uint8Array(ciphertext)),
      call: () => undefined,
    },
  ];
}

const rows = [
  ...(await symmetricRows()),
  await macRow(),
  ...(await signingRows('RSA_2048', 'RSASSA_PSS_SHA_256')),
  ...(await signingRows('ECC_NIST_P256', 'ECDSA_SHA_256')),
  ...(await signingRows('ECC_NIST_EDWARDS25519', 'ED25519_SHA_512')),
  ...(await signingRows('ML_DSA_65', 'ML_DSA_SHAKE_256')),
  ...(await oaepRows()),
  await agreementRow(),
  ...(await kemRows()),
];

process.stdout.write(`${'operation'.padEnd(32)} bare us  ours x  call x  64 at once x  call/s\n`);
for (const row of rows) {
  const bare = await cost(row.bare, window);
  const ours = await cost(row.primitive, window);
  const whole = await cost(row.call, window);
  const shared = (await cost(() => Promise.all(Array.from({ length: TOGETHER }, row.call)), window)) / TOGETHER;
  const hasCall = !row.name.includes('KEM');
  process.stdout.write(
    `${row.name.padEnd(32)} ${bare.toFixed(1).padStart(7)} ${(ours / bare).toFixed(2).padStart(7)} ${
      hasCall ? (whole / bare).toFixed(2).padStart(7) : '      -'
    } ${hasCall ? (shared / bare).toFixed(2).padStart(13) : '            -'} ${
      hasCall ? (1e6 / shared).toFixed(0).padStart(7) : '      -'
    }\n`,
  );
}
