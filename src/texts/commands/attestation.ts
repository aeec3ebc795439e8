/** Texts of attestation documents and their trust roots. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const attestation: CommandTexts = {
  AttestationTrustRootAdd: {
    summary: 'Makes the keyring trust attestation documents under a root certificate',
    description: [
      'Calls with a Recipient then accept documents that are signed under this certificate, as those under the root certificate of AWS. It must be a certificate authority that signed itself, with a P-384 key. There are no trust roots by default. Adding one again changes nothing.',
      'Whoever has the key of the root can make documents with any PCR values. Add roots only to keyrings for experiments.',
    ],
    members: { File: 'The certificate, in PEM or DER, such as the root.pem that kms attestation document makes.' },
    errors: [],
    examples: [
      {
        title: 'Trust documents that were made for an experiment',
        lines: [
          'kms attestation document doc.cbor --test-root test-root',
          'kms attestation trust-root add test-root/root.pem',
        ],
      },
    ],
    seeAlso: ['AttestationDocument', 'AttestationTrustRootList', 'AttestationTrustRootRemove'],
  },

  AttestationTrustRootList: {
    summary: 'Lists the root certificates whose attestation documents are trusted',
    description: ['The first is that of AWS, which every keyring trusts. The others were added to the keyring.'],
    members: {},
    errors: [],
    examples: [
      {
        title: 'Print the fingerprints of those that were added',
        lines: ["kms attestation trust-root list --query 'TrustRoots[?TrustedBy==`KEYRING`].Fingerprint'"],
      },
    ],
    seeAlso: ['AttestationTrustRootAdd', 'AttestationTrustRootRemove'],
  },

  AttestationTrustRootRemove: {
    summary: 'Removes a root certificate that was added to the keyring',
    description: ['Documents under it are refused from now on. The root certificate of AWS cannot be removed.'],
    members: { Fingerprint: 'The SHA-256 fingerprint of the certificate, in hex, with or without colons.' },
    errors: [],
    examples: [
      {
        title: 'Remove a trust root',
        lines: ['kms attestation trust-root remove 641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b'],
      },
    ],
    seeAlso: ['AttestationTrustRootAdd', 'AttestationTrustRootList'],
  },

  AttestationDocument: {
    summary: 'Makes an attestation document for experiments, under a test root',
    description: [
      'Writes a document in the form of those of AWS Nitro Enclaves and NitroTPM, for the Recipient of Decrypt, DeriveSharedSecret, GenerateDataKey, GenerateDataKeyPair and GenerateRandom. It is signed under a test root: a keyring trusts it after kms attestation trust-root add, and AWS KMS never does.',
    ],
    members: {
      File: 'The file to write. It is replaced if it exists.',
      TestRoot:
        'The folder of the test root: its certificate root.pem and its private key root.key. They are made if the folder has neither.',
      PublicKey:
        'The RSA public key of the recipient, a file in PEM or DER. The plaintext is encrypted under it. Default: none, and calls with the document are rejected.',
      Platform: 'What the document is of: NITRO_ENCLAVE or NITRO_TPM. Default: NITRO_ENCLAVE.',
      ModuleId: 'The ID of the enclave or TPM.',
      Pcrs: 'Values of platform configuration registers, such as 0=HEX,8=HEX, 96 hexadecimal digits each. Others are zero, as in debug mode, but for 17 to 22 of NitroTPM, which are ones.',
      UserData: 'User data.',
      Nonce: 'A nonce.',
      Time: 'The time of the document. Default: the current time of the keyring, or of the system if there is no keyring.',
      Validity: 'How long it is valid, such as 10m. Default: 3h, as documents of AWS.',
    },
    errors: [],
    examples: [
      {
        title: 'Decrypt for a recipient',
        lines: [
          'openssl genrsa -out enclave.key 2048',
          'openssl rsa -in enclave.key -pubout -out enclave.pub',
          'kms attestation document doc.cbor --test-root test-root --public-key enclave.pub',
          'kms attestation trust-root add test-root/root.pem',
          'kms decrypt --ciphertext-blob fileb://data.enc --recipient KeyEncryptionAlgorithm=RSAES_OAEP_SHA_256,AttestationDocument@=fileb://doc.cbor',
        ],
      },
    ],
    seeAlso: ['AttestationInspect', 'AttestationTrustRootAdd', 'Decrypt'],
  },

  AttestationInspect: {
    summary: 'Shows what an attestation document says, and whether it is trusted',
    description: [
      'Verifies the document as a call with it as the Recipient does: its signature, the chain of its certificates up to the root certificate of AWS or a trust root of the keyring, their dates, and its public key. Problems lists everything that is wrong with it. Calls say only that a document is not valid.',
      'Without a keyring only the root certificate of AWS is trusted. The exit status is 0 if the document is trusted, and 1 if it is not.',
    ],
    members: {
      File: 'The document, as bytes.',
      Time: 'The time to compare the certificates with. Default: the current time of the keyring.',
      OwnTime: 'Compare the certificates with the time in the document.',
    },
    errors: [],
    examples: [
      {
        title: 'See why a document is refused',
        lines: ["kms attestation inspect doc.cbor --query 'Problems[].Message'"],
      },
      { title: 'Print its PCRs', lines: ['kms attestation inspect doc.cbor --query Pcrs'] },
    ],
    seeAlso: ['AttestationDocument', 'AttestationTrustRootList', 'Decrypt'],
  },
};
