/** Local commands for the trust roots of attestation documents. */
import type { Certificate } from '../../attestation/certificate.ts';
import { readLimited } from '../../files/limited-read.ts';
import {
  attestationRoots,
  MAX_ATTESTATION_ROOTS,
  putAttestationRoot,
  removeAttestationRoot,
} from '../../keyring/attestation-root.ts';
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { list, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { localCommand, logCommand, type KeyringChange } from '../command/local-command.ts';

const rootShape = {
  Fingerprint: string(),
  Subject: string(),
  NotBefore: timestamp,
  NotAfter: timestamp,
  TrustedBy: oneOf(['AWS', 'KEYRING']),
};

const MAX_FILE = 65_536;

/** CBOR, COSE and certificates: only these commands and calls with a Recipient pay for them. */
const certificates = () => import('../../attestation/root-file.ts');

const shown = <T extends 'AWS' | 'KEYRING'>(
  { fingerprint, subject, notBefore, notAfter }: Certificate,
  TrustedBy: T,
) => ({
  Fingerprint: fingerprint,
  Subject: subject,
  NotBefore: new Date(notBefore),
  NotAfter: new Date(notAfter),
  TrustedBy,
});

export const addTrustRoot = localCommand({
  name: 'AttestationTrustRootAdd',
  command: 'attestation trust-root add',
  input: structure({ File: required(fileName) }),
  output: structure(rootShape),
  positionals: ['File'],
  async run({ File: file }, session: KeyringChange) {
    const { readRootFile } = await certificates();
    const { isAwsRoot } = await import('../../attestation/attestation.ts');
    const root = readRootFile(readLimited(file, { subject: `the certificate ${file}`, limit: MAX_FILE }));
    if (typeof root === 'string') {
      throw new EnvironmentError(`the certificate ${file} ${root}`, [
        'a trust root is a certificate authority of its own with a P-384 key; kms attestation document makes one',
      ]);
    }
    const { fingerprint } = root;
    if (isAwsRoot(root.x509.raw))
      throw new EnvironmentError(`the certificate ${file} is that of AWS, which is always trusted`);
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const before = await attestationRoots(tx);
      if (!before.some((one) => one.fingerprint === fingerprint)) {
        if (before.length >= MAX_ATTESTATION_ROOTS) {
          throw new EnvironmentError(`a keyring has at most ${MAX_ATTESTATION_ROOTS} trust roots`, [
            'kms attestation trust-root remove removes one',
          ]);
        }
        putAttestationRoot(tx, { fingerprint, certificate: root.x509.raw });
        logCommand(tx, session, {
          eventName: 'AddAttestationTrustRoot',
          details: { fingerprint, subject: root.subject },
        });
      }
      return shown(root, 'KEYRING');
    });
  },
});

export const listTrustRoots = localCommand({
  name: 'AttestationTrustRootList',
  command: 'attestation trust-root list',
  input: structure({}),
  output: structure({ TrustRoots: list(structure(rootShape)) }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    const own = await keyring.transact(attestationRoots);
    const { readRootFile } = await certificates();
    const { AWS_ROOT } = await import('../../attestation/aws-root.ts');
    const described = <T extends 'AWS' | 'KEYRING'>(certificate: Uint8Array, by: T) => {
      const root = readRootFile(certificate);
      return typeof root === 'string' ? [] : [shown(root, by)];
    };
    return {
      TrustRoots: [
        ...described(AWS_ROOT, 'AWS'),
        ...own.flatMap(({ certificate }) => described(certificate, 'KEYRING')),
      ],
    };
  },
});

const knownRoot = { ...string({ pattern: '([0-9a-fA-F]{2}:?){32}' }), names: 'trust root' } as const;

export const removeTrustRoot = localCommand({
  name: 'AttestationTrustRootRemove',
  command: 'attestation trust-root remove',
  input: structure({ Fingerprint: required(knownRoot) }),
  output: structure({}),
  positionals: ['Fingerprint'],
  async run({ Fingerprint }, session: KeyringChange) {
    const fingerprint = Fingerprint.replaceAll(':', '').toLowerCase();
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      const roots = await attestationRoots(tx);
      if (!roots.some((one) => one.fingerprint === fingerprint)) {
        throw new EnvironmentError(`the keyring has no trust root with the fingerprint ${fingerprint}`, [
          'kms attestation trust-root list lists them; that of AWS cannot be removed',
        ]);
      }
      removeAttestationRoot(tx, fingerprint);
      logCommand(tx, session, { eventName: 'RemoveAttestationTrustRoot', details: { fingerprint } });
    });
    return {};
  },
});
