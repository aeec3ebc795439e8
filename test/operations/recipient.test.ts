/** The Recipient of the five operations that have one: only it gets the plaintext, as CiphertextForRecipient. */
import { execFileSync } from 'node:child_process';
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { checkChain } from '../../src/attestation/chain.ts';
import { putAttestationRoot, removeAttestationRoot } from '../../src/keyring/attestation-root.ts';
import { computeHere } from '../../src/crypto/task.ts';
import { createKms } from '../../src/pipeline/invoke.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { below, documentOf, FIELDS, HOUR, pcr, registers, ROOT as TEST_ROOT, RSA } from '../attestation/documents.ts';
import { ACCOUNT, callNamed, fixture, newKey, refusal, REGION, ROOT, type Fixture } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';

vi.mock(import('../../src/attestation/chain.ts'), async (original) => {
  const real = await original();
  return { ...real, checkChain: vi.fn(real.checkChain) };
});

const folder = temporaryFolders();
const FINGERPRINT = 'test';

const trust = (home: Fixture): Promise<void> =>
  home.keyring.transact(async (tx) =>
    putAttestationRoot(tx, { fingerprint: FINGERPRINT, certificate: TEST_ROOT.certificate }),
  );

async function trusting(name: string): Promise<Fixture> {
  const home = await fixture(name);
  await trust(home);
  return home;
}

const recipient = (document: Uint8Array): object => ({
  Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: document },
});

/** As the enclave does. */
function opened(answer: unknown): Buffer {
  const at = folder();
  writeFileSync(join(at, 'key.pem'), RSA.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(join(at, 'answer'), answer as Uint8Array);
  return execFileSync('openssl', ['cms', '-decrypt', '-inform', 'DER', '-in', 'answer', '-inkey', 'key.pem'], {
    cwd: at,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const DOCUMENT = documentOf();
const TPM = documentOf({
  module_id: 'i-0123456789abcdef0-tpm0000000000000000',
  pcrs: undefined,
  nitrotpm_pcrs: registers('0123456789abcdef01234567'),
});

interface Case {
  readonly operation: string;
  /** The member that is not in the answer. */
  readonly plaintext: string;
  readonly key?: object;
  readonly input: (home: Fixture, keyId: string) => Promise<object> | object;
  readonly expected: (
    answer: Record<string, unknown>,
    home: Fixture,
    keyId: string,
  ) => Promise<Uint8Array> | Uint8Array | number;
}

const peer = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const CASES: readonly Case[] = [
  {
    operation: 'Decrypt',
    plaintext: 'Plaintext',
    input: async (home, KeyId) => {
      const { CiphertextBlob } = await home.call('Encrypt', { KeyId, Plaintext: Buffer.from('secret') });
      return { CiphertextBlob };
    },
    expected: () => Buffer.from('secret'),
  },
  {
    operation: 'GenerateDataKey',
    plaintext: 'Plaintext',
    input: (_, KeyId) => ({ KeyId, KeySpec: 'AES_256' }),
    expected: async ({ CiphertextBlob }, home) =>
      (await home.call('Decrypt', { CiphertextBlob }))['Plaintext'] as Uint8Array,
  },
  {
    operation: 'GenerateDataKeyPair',
    plaintext: 'PrivateKeyPlaintext',
    input: (_, KeyId) => ({ KeyId, KeyPairSpec: 'RSA_2048' }),
    expected: async ({ PrivateKeyCiphertextBlob: CiphertextBlob }, home) =>
      (await home.call('Decrypt', { CiphertextBlob }))['Plaintext'] as Uint8Array,
  },
  {
    operation: 'GenerateRandom',
    plaintext: 'Plaintext',
    input: () => ({ NumberOfBytes: 1_024 }),
    expected: () => 1_024,
  },
  {
    operation: 'DeriveSharedSecret',
    plaintext: 'SharedSecret',
    key: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' },
    input: (_, KeyId) => ({
      KeyId,
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: peer.publicKey.export({ format: 'der', type: 'spki' }),
    }),
    async expected(_, home, KeyId) {
      const { PublicKey } = await home.call('GetPublicKey', { KeyId });
      const publicKey = createPublicKey({ key: Buffer.from(PublicKey as Uint8Array), format: 'der', type: 'spki' });
      return diffieHellman({ privateKey: peer.privateKey, publicKey });
    },
  },
];

test.each(CASES)('$operation: only the recipient gets the plaintext', async (given) => {
  const home = await trusting(given.operation);
  const { id } = await newKey(home, given.key ?? {});
  const input = await given.input(home, id);
  const without = await home.call(given.operation, input);
  const answer = await home.call(given.operation, { ...input, ...recipient(DOCUMENT) });
  expect(answer).not.toHaveProperty(given.plaintext);
  expect(Object.keys({ ...answer, [given.plaintext]: 0 }).toSorted()).toEqual(
    [...Object.keys(without), 'CiphertextForRecipient'].toSorted(),
  );
  const expected = await given.expected(answer, home, id);
  const found = opened(answer['CiphertextForRecipient']);
  if (typeof expected === 'number') expect(found).toHaveLength(expected);
  else expect(found.equals(expected)).toBe(true);
});

test.each(CASES)(
  '$operation: what the event says of the document, and nothing of its bytes',
  async ({ operation, key, input }) => {
    const home = await trusting(`event of ${operation}`);
    const { id } = await newKey(home, key ?? {});
    const given = await input(home, id);
    await home.call(operation, { ...given, ...recipient(DOCUMENT) });
    await home.call(operation, { ...given, ...recipient(TPM) });
    const [enclave, tpm] = home.events().filter(({ eventName }) => eventName === operation);
    // AWS KMS Developer Guide, "Monitoring requests for Nitro enclaves": PCR3, 4 and 8 are not in this document
    expect(enclave!['additionalEventData']).toEqual({
      recipient: {
        attestationDocumentModuleId: FIELDS.module_id,
        attestationDocumentEnclaveImageDigest: pcr('a'),
        attestationDocumentEnclavePCR1: pcr('b'),
        attestationDocumentEnclavePCR2: pcr('c'),
      },
    });
    // the same, "Monitoring requests for NitroTPM"
    expect(tpm!['additionalEventData']).toEqual({
      recipient: {
        attestationDocumentModuleId: 'i-0123456789abcdef0-tpm0000000000000000',
        attestationDocumentNitroTPMPCR4: pcr('4'),
        attestationDocumentNitroTPMPCR7: pcr('7'),
        attestationDocumentNitroTPMPCR8: pcr('8'),
        attestationDocumentNitroTPMPCR9: pcr('9'),
        attestationDocumentNitroTPMPCR16: pcr('0'),
        attestationDocumentNitroTPMPCR23: pcr('7'),
      },
    });
    const text = JSON.stringify([enclave, tpm]);
    expect(text).not.toMatch(/"recipient":\{"(?:keyEncryption|attestationDocument")|ciphertextForRecipient/i);
    expect(text).not.toContain(Buffer.from(DOCUMENT).toString('base64').slice(200, 300));
  },
);

const INVALID = { code: 'ValidationException', message: 'The attestation document in Recipient is not valid.' };

test('an invalid document is refused whatever is wrong with it, before the caller is authorized', async () => {
  const home = await trusting('invalid');
  const wrong: readonly Uint8Array[] = [
    new Uint8Array([1]),
    new Uint8Array(262_144),
    DOCUMENT.subarray(0, -1),
    documentOf({ public_key: null }),
    documentOf({}, [TEST_ROOT, below(TEST_ROOT, { notAfter: home.now - HOUR / 2 })]),
  ];
  const nobody = callerOf(`arn:aws:iam::${ACCOUNT}:user/nobody`);
  for (const document of wrong) {
    const input = { NumberOfBytes: 1, ...recipient(document) };
    expect(await refusal(home.call('GenerateRandom', input, { caller: nobody }))).toEqual(INVALID);
  }
  const valid = home.call('GenerateRandom', { NumberOfBytes: 1, ...recipient(DOCUMENT) }, { caller: nobody });
  expect(await refusal(valid)).toMatchObject({ code: 'AccessDeniedException' });
  const { additionalEventData } = home.events().at(-1)!;
  expect(additionalEventData).toMatchObject({ recipient: { attestationDocumentModuleId: FIELDS.module_id } });
  expect(home.events().at(-2)).not.toHaveProperty('additionalEventData');
});

test.each([
  [{ AttestationDocument: DOCUMENT }, "Value null at 'recipient.keyEncryptionAlgorithm'"],
  [{ KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }, "Value null at 'recipient.attestationDocument'"],
  [{}, "Value null at 'recipient.keyEncryptionAlgorithm'"],
  [{ KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_1', AttestationDocument: DOCUMENT }, 'Member must satisfy enum value set'],
  [{ KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: new Uint8Array() }, 'Member must have length'],
  [
    { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: new Uint8Array(262_145) },
    'Member must have length',
  ],
])('both members of Recipient are needed: %#', async (Recipient, message) => {
  const home = await trusting('members');
  const refused = await refusal(home.call('GenerateRandom', { NumberOfBytes: 1, Recipient }));
  expect(refused.code).toBe('ValidationException');
  expect(refused.message).toContain(message);
});

test('a keyring trusts no test root by itself, and none that was removed', async () => {
  const home = await fixture('roots');
  const input = { NumberOfBytes: 1, ...recipient(DOCUMENT) };
  expect(await refusal(home.call('GenerateRandom', input))).toEqual(INVALID);
  await trust(home);
  await home.call('GenerateRandom', input);
  await home.keyring.transact(async (tx) => removeAttestationRoot(tx, FINGERPRINT));
  expect(await refusal(home.call('GenerateRandom', input))).toEqual(INVALID);
});

test('a document expires by the clock of the keyring', async () => {
  const home = await trusting('clock');
  const input = { NumberOfBytes: 1, ...recipient(DOCUMENT) };
  await home.call('GenerateRandom', input);
  home.now += HOUR;
  expect(await refusal(home.call('GenerateRandom', input))).toEqual(INVALID);
});

test('a caller who uses the buffer of a document again sends another document', async () => {
  const home = await trusting('buffer');
  const buffer = Uint8Array.from(DOCUMENT);
  const input = { NumberOfBytes: 1, ...recipient(buffer) };
  await home.call('GenerateRandom', input);
  buffer[100]! ^= 1;
  expect(await refusal(home.call('GenerateRandom', input))).toEqual(INVALID);
  buffer[100]! ^= 1;
  await home.call('GenerateRandom', input);
});

const ALICE = callerOf(`arn:aws:iam::${ACCOUNT}:user/alice`);
const policy = (condition: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: ROOT.arn }, Action: 'kms:*', Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { AWS: ALICE.arn },
        Action: 'kms:GenerateDataKey',
        Resource: '*',
        Condition: condition,
      },
    ],
  });
const KEY = 'kms:RecipientAttestation:';

// which of these are allowed: no Recipient, the enclave's document, the TPM's
test.each<[string, object, string]>([
  ['the image', { StringEquals: { [`${KEY}ImageSha384`]: pcr('a') } }, 'enclave'],
  ['PCR0, the same register', { StringEquals: { [`${KEY}PCR0`]: pcr('a') } }, 'enclave'],
  ['PCR2', { StringEquals: { [`${KEY}PCR2`]: pcr('c') } }, 'enclave'],
  ['in upper case', { StringEqualsIgnoreCase: { [`${KEY}PCR2`]: pcr('C') } }, 'enclave'],
  ['in upper case, compared exactly', { StringEquals: { [`${KEY}PCR2`]: pcr('C') } }, ''],
  ['another image', { StringEquals: { [`${KEY}ImageSha384`]: pcr('b') } }, ''],
  ['with 0x', { StringEquals: { [`${KEY}PCR2`]: `0x${pcr('c')}` } }, ''],
  ['a register that the document does not have', { StringLike: { [`${KEY}PCR3`]: '*' } }, ''],
  ['a register of NitroTPM', { StringEquals: { [`${KEY}NitroTPMPCR4`]: pcr('4') } }, 'tpm'],
  ['a key in another case', { StringEquals: { [`${KEY.toUpperCase()}nitrotpmpcr4`]: pcr('4') } }, 'tpm'],
  ['a key with a leading zero', { StringEquals: { [`${KEY}NitroTPMPCR04`]: pcr('4') } }, ''],
  ['any enclave', { Null: { [`${KEY}ImageSha384`]: 'false' } }, 'enclave'],
  ['no enclave', { Null: { [`${KEY}ImageSha384`]: 'true' } }, 'none tpm'],
  ['if there is one', { StringEqualsIfExists: { [`${KEY}PCR0`]: pcr('a') } }, 'none enclave tpm'],
  ['not this image', { StringNotEquals: { [`${KEY}ImageSha384`]: pcr('a') } }, 'none tpm'],
])('conditions on %s', async (_, condition, allowed) => {
  const home = await trusting('conditions');
  const { id: KeyId } = await newKey(home);
  await home.call('PutKeyPolicy', { KeyId, Policy: policy(condition) });
  const made: string[] = [];
  for (const [name, given] of [
    ['none', {}],
    ['enclave', recipient(DOCUMENT)],
    ['tpm', recipient(TPM)],
  ] as const) {
    const input = { KeyId, NumberOfBytes: 1, ...given };
    const refused = await refusal(home.call('GenerateDataKey', input, { caller: ALICE })).catch(() => undefined);
    if (!refused) made.push(name);
  }
  expect(made.join(' ')).toBe(allowed);
});

test('a dry run verifies the document', async () => {
  const home = await trusting('dry run');
  const { id: KeyId } = await newKey(home);
  const input = { KeyId, NumberOfBytes: 1, DryRun: true };
  const asked = (document: Uint8Array) => refusal(home.call('GenerateDataKey', { ...input, ...recipient(document) }));
  expect(await asked(DOCUMENT)).toMatchObject({ code: 'DryRunOperationException' });
  expect(await asked(documentOf({ public_key: null }))).toEqual(INVALID);
});

test('a call with a step between two transactions verifies the signatures once, and the root and the dates again', async () => {
  const home = await trusting('steps');
  const { id: KeyId } = await newKey(home);
  const meanwhile = { do: async (): Promise<unknown> => undefined };
  const compute: typeof computeHere = async (name, input) => {
    await meanwhile.do();
    return computeHere(name, input);
  };
  const kms = createKms({ keyring: home.keyring, clock: () => home.now, random: home.random, compute });
  const origin = { caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: 'test' };
  const input = () => ({ KeyId, KeyPairSpec: 'ECC_NIST_P256', ...recipient(Uint8Array.from(DOCUMENT)) });
  const call = () => callNamed(kms, { operation: 'GenerateDataKeyPair', input: input(), ...origin });
  vi.mocked(checkChain).mockClear();
  const { output } = await call();
  expect(output).toHaveProperty('CiphertextForRecipient');
  expect(checkChain).toHaveBeenCalledTimes(1);
  meanwhile.do = () => home.keyring.transact(async (tx) => removeAttestationRoot(tx, FINGERPRINT));
  expect(await refusal(call())).toEqual(INVALID);
  await trust(home);
  meanwhile.do = async () => (home.now += HOUR);
  expect(await refusal(call())).toEqual(INVALID);
});
