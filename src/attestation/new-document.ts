/** Attestation documents for experiments, in the form of those of Nitro Enclaves and NitroTPM, under a root of one's own. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { RandomBytes } from '../crypto/seal.ts';
import { coseSign1, sigStructure, type Platform } from './document.ts';
import { AUTHORITY, commonName, signedCertificate, SIGNER, subjectOf } from './signed-certificate.ts';

export interface TestRoot {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

export interface NewDocument {
  readonly platform: Platform;
  readonly moduleId: string;
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  readonly publicKey?: Uint8Array | undefined;
  readonly userData?: Uint8Array | undefined;
  readonly nonce?: Uint8Array | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly notAfter: number;
}

const DOMAIN = 'test.nitro-enclaves';
const ROOT_NAME = commonName(DOMAIN);
const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-384' });

/** As long as that of AWS. */
const ROOT_VALIDITY = { notBefore: Date.UTC(2019, 9, 28), notAfter: Date.UTC(2049, 9, 28) };
const SERIAL_LENGTH = 15;

/** PKCS #8, PEM. */
export const newTestRootKey = (): string => keyPair().privateKey.export({ format: 'pem', type: 'pkcs8' });

/** The certificate of a root with this key, DER. */
export const testRootCertificate = (key: KeyObject, random: RandomBytes): Uint8Array =>
  signedCertificate({
    subject: ROOT_NAME,
    publicKey: createPublicKey(key),
    issuer: { subject: ROOT_NAME, key },
    ...ROOT_VALIDITY,
    serial: random(SERIAL_LENGTH),
    extensions: AUTHORITY,
  });

/** @throws where it is no private key */
export const testRootKey = (pem: Uint8Array): KeyObject => createPrivateKey(Buffer.from(pem));

export async function newDocument(given: NewDocument, root: TestRoot, random: RandomBytes): Promise<Uint8Array> {
  const { publicKey, privateKey } = keyPair();
  const certificate = signedCertificate({
    subject: commonName(`${given.moduleId}.${DOMAIN}`),
    publicKey,
    issuer: { subject: subjectOf(root.certificate), key: root.key },
    notBefore: given.timestamp,
    notAfter: given.notAfter,
    serial: random(SERIAL_LENGTH),
    extensions: SIGNER,
  });
  return signedDocument({ ...given, certificate, caBundle: [root.certificate] }, privateKey);
}

interface DocumentFields extends Omit<NewDocument, 'notAfter'> {
  readonly certificate: Uint8Array;
  readonly caBundle: readonly Uint8Array[];
}

async function signedDocument(fields: DocumentFields, key: KeyObject): Promise<Uint8Array> {
  const { encode } = await import('cborg');
  const payload = encode(
    new Map<string, unknown>([
      ['module_id', fields.moduleId],
      ['digest', 'SHA384'],
      ['timestamp', fields.timestamp],
      [fields.platform === 'NITRO_TPM' ? 'nitrotpm_pcrs' : 'pcrs', fields.pcrs],
      ['certificate', fields.certificate],
      ['cabundle', fields.caBundle],
      ['public_key', fields.publicKey ?? null],
      ['user_data', fields.userData ?? null],
      ['nonce', fields.nonce ?? null],
    ]),
  );
  return signPayload(payload, key);
}

export const signPayload = (payload: Uint8Array, key: KeyObject): Uint8Array =>
  coseSign1(payload, sign('sha384', sigStructure(payload), { key, dsaEncoding: 'ieee-p1363' }));
