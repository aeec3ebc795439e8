/**
 * The recipient of a call: whoever has the private key to the public key of an attestation document. Only the pipeline
 * loads this, for calls with a Recipient.
 */
import { checkDocument, problemsOf, recipientKey, type CheckedDocument } from '../../attestation/attestation.ts';
import type { Problem } from '../../attestation/problem.ts';
import type { Logged } from '../../audit/request-parameters.ts';
import { hex } from '../../crypto/bytes.ts';
import { envelopedData } from '../../crypto/enveloped-data.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { attestationRoots } from '../../keyring/attestation-root.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { KmsError } from '../../model/error.ts';
import { check } from '../../model/check.ts';
import { recipient } from '../../model/members.ts';
import { Measurements } from '../../policy/recipient-condition.ts';

export interface VerifiedRecipient {
  readonly measurements: Measurements;
  /** What the event says of the document. */
  readonly logged: Logged;
  /** @returns CiphertextForRecipient */
  encrypt(plaintext: Uint8Array, random: RandomBytes): Uint8Array;
}

export interface RecipientDeps {
  readonly tx: Transaction;
  /** The time of the call, of the keyring's clock (docs/adr/0019-attestation-by-the-keyrings-clock.md). */
  readonly now: number;
  /** Gets what the caller is not told. */
  readonly explain: ((problem: Problem) => void) | undefined;
}

/**
 * @param given the Recipient member of an input
 * @throws ValidationException
 */
export async function verifyRecipient(given: unknown, { tx, now, explain }: RecipientDeps): Promise<VerifiedRecipient> {
  const { KeyEncryptionAlgorithm: algorithm, AttestationDocument: document } = check(recipient, given);
  if (algorithm === undefined) throw missing('keyEncryptionAlgorithm');
  if (document === undefined) throw missing('attestationDocument');
  const invalid = (problem: Problem): KmsError => {
    explain?.(problem);
    return new KmsError('ValidationException', 'The attestation document in Recipient is not valid.');
  };
  const checked = await checkOnce(document);
  if ('code' in checked) throw invalid(checked);
  const roots = (await attestationRoots(tx)).map(({ certificate }) => certificate);
  const [problem] = problemsOf(checked, { roots, now });
  if (problem) throw invalid(problem);
  const key = recipientKey(checked);
  if ('code' in key) throw invalid(key);
  const { platform, moduleId, pcrs } = checked.document;
  const measurements = new Measurements(
    platform,
    Object.fromEntries(Array.from(pcrs, ([index, value]) => [String(index), hex(value)])),
  );
  return {
    measurements,
    logged: loggedDocument(moduleId, measurements),
    encrypt: (plaintext, random) => envelopedData(key.spki, plaintext, random),
  };
}

const missing = (member: string): KmsError =>
  new KmsError(
    'ValidationException',
    `1 validation error detected: Value null at 'recipient.${member}' failed to satisfy constraint: Member must not be null`,
  );

interface CheckedBytes {
  readonly copy: Uint8Array;
  readonly checked: CheckedDocument | Problem;
}

/**
 * Signatures take milliseconds to verify, and a call may go through two transactions: they are verified once, for as long
 * as the call has its input. The bytes are compared, because callers may use their buffer again.
 */
const known = new WeakMap<Uint8Array, CheckedBytes>();

async function checkOnce(document: Uint8Array): Promise<CheckedDocument | Problem> {
  const before = known.get(document);
  if (before && Buffer.compare(before.copy, document) === 0) return before.checked;
  const copy = Uint8Array.from(document);
  const checked = await checkDocument(copy);
  known.set(document, { copy, checked });
  return checked;
}

/**
 * The registers that the samples of CloudTrail records have (AWS KMS Developer Guide, "Monitoring requests for Nitro
 * enclaves", "Monitoring requests for NitroTPM").
 */
const LOGGED_REGISTERS = { NITRO_ENCLAVE: [1, 2, 3, 4, 8], NITRO_TPM: [4, 7, 8, 9, 16, 23] } as const;

function loggedDocument(moduleId: string, { platform, pcrs }: Measurements): Logged {
  const isEnclave = platform === 'NITRO_ENCLAVE';
  const beginning = isEnclave ? 'attestationDocumentEnclavePCR' : 'attestationDocumentNitroTPMPCR';
  return {
    attestationDocumentModuleId: moduleId,
    ...(isEnclave ? { attestationDocumentEnclaveImageDigest: pcrs['0'] } : {}),
    ...Object.fromEntries(LOGGED_REGISTERS[platform].map((index) => [beginning + index, pcrs[String(index)]])),
  };
}
