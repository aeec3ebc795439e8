/** `kms attestation document`: makes attestation documents for experiments, under a root that no keyring trusts by itself. */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../attestation/document.ts';
import { fromHex, utf8 } from '../../crypto/bytes.ts';
import { toSpki } from '../../crypto/key-object.ts';
import { readLimited } from '../../files/limited-read.ts';
import { outputTo } from '../../files/output.ts';
import { createPrivateFile, readSecretFile } from '../../files/private-file.ts';
import { SECOND } from '../../keyring/time.ts';
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { blob, map, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { DURATION_FORM, readDuration } from '../keyring/duration.ts';
import { currentTime, type KeyringView } from './keyring-time.ts';

const KEY_FILE = 'root.key';
const CERTIFICATE_FILE = 'root.pem';
const MAX_FILE = 65_536;
/** As long as those of AWS. */
const VALIDITY = '3h';
const PCR_LENGTH = 48;

/** How the registers begin: an enclave in debug mode has zeros; 17 to 22 of a TPM are reset to ones (TCG PC Client Platform). */
const PLATFORMS: { readonly [platform in Platform]: { readonly registers: number; readonly moduleId: string } } = {
  NITRO_ENCLAVE: { registers: 16, moduleId: 'i-0123456789abcdef0-enc0123456789abcdef' },
  NITRO_TPM: { registers: 24, moduleId: 'i-0123456789abcdef0-tpm0000000000000000' },
};
const isOnes = (platform: Platform, index: number): boolean => platform === 'NITRO_TPM' && index >= 17 && index <= 22;

export const mintDocument = localCommand({
  name: 'AttestationDocument',
  command: 'attestation document',
  input: structure({
    File: required(fileName),
    TestRoot: required(fileName),
    PublicKey: fileName,
    Platform: oneOf(['NITRO_ENCLAVE', 'NITRO_TPM'] satisfies Platform[]),
    ModuleId: string({ min: 1, max: 256, pattern: '[!-~]+' }),
    Pcrs: map(string({ pattern: '(0|[1-9][0-9]?)' }), string({ pattern: '[0-9a-fA-F]{96}' })),
    UserData: blob({ max: 512 }),
    Nonce: blob({ max: 512 }),
    Time: timestamp,
    Validity: string({ min: 1 }),
  }),
  output: structure({
    Document: string(),
    TrustRoot: string(),
    Fingerprint: string(),
    Platform: string(),
    ModuleId: string(),
    NotBefore: timestamp,
    NotAfter: timestamp,
  }),
  positionals: ['File'],
  async run(given, session: KeyringView & RandomSource) {
    const { random } = session;
    const { newDocument } = await import('../../attestation/new-document.ts');
    const validity = readDuration(given.Validity ?? VALIDITY);
    if (!validity) throw new EnvironmentError(`'${given.Validity}' is not a valid duration`, [DURATION_FORM]);
    const platform = given.Platform ?? 'NITRO_ENCLAVE';
    const pcrs = registersOf(platform, given.Pcrs ?? {});
    const publicKey = given.PublicKey === undefined ? undefined : readPublicKey(given.PublicKey);
    const output = outputTo(given.File, { random, mode: 0o644, existing: 'replace' });
    if (output.target.kind === 'descriptor') throw new EnvironmentError('a document is written to a file only');
    const timestamp = given.Time?.getTime() ?? (await currentTime(session));
    const notAfter = timestamp + validity;
    if (timestamp <= 0 || notAfter > LATEST) {
      throw new EnvironmentError('a document is dated and valid between 1970 and 9999');
    }
    const root = await testRootIn(given.TestRoot, random);
    const moduleId = given.ModuleId ?? PLATFORMS[platform].moduleId;
    const { UserData: userData, Nonce: nonce } = given;
    const document = { platform, moduleId, pcrs, publicKey, userData, nonce, timestamp, notAfter };
    await output.write([await newDocument(document, root, random)]);
    return {
      Document: given.File,
      TrustRoot: root.file,
      Fingerprint: root.fingerprint,
      Platform: platform,
      ModuleId: moduleId,
      NotBefore: inSeconds(timestamp),
      NotAfter: inSeconds(notAfter),
    };
  },
});

/** As certificates have it. */
const inSeconds = (time: number): Date => new Date(Math.floor(time / SECOND) * SECOND);

/** RFC 5280 4.1.2.5: years have four digits. */
const LATEST = Date.UTC(9999, 11, 31);

function registersOf(platform: Platform, given: { readonly [index: string]: string }): ReadonlyMap<number, Uint8Array> {
  const { registers } = PLATFORMS[platform];
  const pcrs = new Map(
    Array.from({ length: registers }, (_, at): [number, Uint8Array] => [
      at,
      new Uint8Array(PCR_LENGTH).fill(isOnes(platform, at) ? 255 : 0),
    ]),
  );
  for (const [index, value] of Object.entries(given)) {
    if (Number(index) >= registers)
      throw new EnvironmentError(`${platform} has the PCRs 0 to ${registers - 1}, not ${index}`);
    pcrs.set(Number(index), fromHex(value));
  }
  return pcrs;
}

/** @returns SPKI, DER */
function readPublicKey(file: string): Uint8Array {
  const bytes = readLimited(file, { subject: `the public key ${file}`, limit: MAX_FILE });
  const isPem = Buffer.from(bytes).includes('-----BEGIN ');
  try {
    const key = isPem
      ? createPublicKey(Buffer.from(bytes))
      : createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' });
    return toSpki(key);
  } catch (error) {
    throw new EnvironmentError(`the file ${file} is not a public key in PEM or DER`, [], { cause: error });
  }
}

/** The root in a folder. What is not there yet is made: the key first, so that a crash in between does no harm. */
async function testRootIn(folder: string, random: RandomSource['random']) {
  const { newTestRootKey, testRootCertificate } = await import('../../attestation/new-document.ts');
  const { readRootFile } = await import('../../attestation/root-file.ts');
  const [keyFile, file] = [join(folder, KEY_FILE), join(folder, CERTIFICATE_FILE)];
  if (!existsSync(keyFile)) {
    if (existsSync(file)) throw new EnvironmentError(`${file} has no key ${keyFile}`, ['specify another folder']);
    createPrivateFile(keyFile, utf8(newTestRootKey()), 'the key of the test root');
  }
  const key = await readRootKey(keyFile);
  if (!existsSync(file)) {
    const made = new X509Certificate(testRootCertificate(key, random)).toString();
    await outputTo(file, { random, mode: 0o644, existing: 'replace' }).write([utf8(made)]);
  }
  const root = readRootFile(readLimited(file, { subject: `the certificate ${file}`, limit: MAX_FILE }));
  if (typeof root === 'string') throw new EnvironmentError(`the certificate ${file} ${root}`);
  if (!root.x509.checkPrivateKey(key)) throw new EnvironmentError(`${keyFile} is not the key of ${file}`);
  return { certificate: root.x509.raw, key, file, fingerprint: root.fingerprint };
}

async function readRootKey(file: string): Promise<KeyObject> {
  const { testRootKey } = await import('../../attestation/new-document.ts');
  const secret = readSecretFile(file, 'the key of the test root');
  try {
    return testRootKey(secret);
  } catch (error) {
    throw new EnvironmentError(`${file} is not a private key in PEM`, [], { cause: error });
  } finally {
    secret.fill(0);
  }
}
