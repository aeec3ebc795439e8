/** `kms attestation inspect`: what an attestation document says, and whether calls with it would be accepted. */
import type { Platform } from '../../attestation/document.ts';
import type { Problem } from '../../attestation/problem.ts';
import { hex } from '../../crypto/bytes.ts';
import { readLimited } from '../../files/limited-read.ts';
import { fileName } from '../../model/members.ts';
import { blob, boolean, integer, list, map, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { localCommand } from '../command/local-command.ts';
import { currentTime, trustRoots, type KeyringView } from './keyring-time.ts';

const certificateShape = structure({
  Subject: string(),
  Fingerprint: string(),
  NotBefore: timestamp,
  NotAfter: timestamp,
});

/** Of the Recipient member. */
const MAX_FILE = 262_144;

export const inspect = localCommand({
  name: 'AttestationInspect',
  command: 'attestation inspect',
  input: structure({ File: required(fileName), Time: timestamp, OwnTime: boolean }),
  output: structure({
    Platform: oneOf(['NITRO_ENCLAVE', 'NITRO_TPM'] satisfies Platform[]),
    ModuleId: string(),
    Timestamp: timestamp,
    Pcrs: map(),
    DebugMode: boolean,
    PublicKey: structure({ Type: string(), Bits: integer(), Fingerprint: string() }),
    UserData: blob(),
    Nonce: blob(),
    Certificates: list(certificateShape),
    NotBefore: timestamp,
    NotAfter: timestamp,
    Time: timestamp,
    Trusted: boolean,
    Problems: list(structure({ Code: string(), Message: string() })),
  }),
  positionals: ['File'],
  async run({ File: file, Time, OwnTime }, session: KeyringView) {
    const { checkDocument, problemsOf, recipientKey, validityOf } = await import('../../attestation/attestation.ts');
    const bytes = readLimited(file, { subject: `the attestation document ${file}`, limit: MAX_FILE });
    const checked = await checkDocument(bytes);
    if ('code' in checked) return { Trusted: false, Problems: [described(checked)] };
    const { document, certificates } = checked;
    const now = OwnTime ? document.timestamp : (Time?.getTime() ?? (await currentTime(session)));
    const key = recipientKey(checked);
    const problems = [
      ...problemsOf(checked, { roots: await trustRoots(session), now }),
      ...('code' in key ? [key] : []),
    ];
    const { notBefore, notAfter } = validityOf(checked);
    return {
      Platform: document.platform,
      ModuleId: document.moduleId,
      Timestamp: new Date(document.timestamp),
      Pcrs: Object.fromEntries([...document.pcrs].map(([index, value]) => [String(index), hex(value)])),
      ...(document.platform === 'NITRO_ENCLAVE' ? { DebugMode: isDebugMode(document.pcrs) } : {}),
      ...('code' in key ? {} : { PublicKey: { Type: 'RSA', Bits: key.bits, Fingerprint: key.fingerprint } }),
      ...(document.userData ? { UserData: document.userData } : {}),
      ...(document.nonce ? { Nonce: document.nonce } : {}),
      Certificates: certificates.map((one) => ({
        Subject: one.subject,
        Fingerprint: one.fingerprint,
        NotBefore: new Date(one.notBefore),
        NotAfter: new Date(one.notAfter),
      })),
      ...(certificates.length === 0 ? {} : { NotBefore: new Date(notBefore), NotAfter: new Date(notAfter) }),
      Time: new Date(now),
      Trusted: problems.length === 0,
      Problems: problems.map(described),
    };
  },
  exit: ({ Trusted }) => (Trusted ? 0 : 1),
});

const described = ({ code, message }: Problem) => ({ Code: code, Message: message });

/** AWS Nitro Enclaves User Guide, "Cryptographic attestation": of an enclave in debug mode they are all zeros. */
const isDebugMode = (pcrs: ReadonlyMap<number, Uint8Array>): boolean =>
  [0, 1, 2].every((index) => pcrs.get(index)?.every((byte) => byte === 0));
