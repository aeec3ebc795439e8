/**
 * An Ethereum account whose key is in KMS, as signers for the library ethers make one: the address from the public key, the
 * DER signature with its lower s (EIP-2), and the recovery bit found by trying both.
 */
import {
  AbstractSigner,
  computeAddress,
  getBytes,
  hashMessage,
  hexlify,
  resolveAddress,
  resolveProperties,
  Signature,
  Transaction,
  TypedDataEncoder,
  recoverAddress,
  verifyMessage,
  verifyTypedData,
  type Provider,
  type TransactionLike,
  type TransactionRequest,
  type TypedDataDomain,
  type TypedDataField,
} from 'ethers';
import { expect, test } from 'vitest';
import { createKms, type PocketKms } from '../../src/index.ts';
import { readSignature } from './ecdsa.ts';

/** The order of secp256k1 (SEC 2, 2.4.1). */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The uncompressed point is the end of the SubjectPublicKeyInfo. */
const POINT = 65;

class KmsSigner extends AbstractSigner {
  readonly #kms: PocketKms;
  readonly #keyId: string;

  constructor(kms: PocketKms, keyId: string) {
    super();
    this.#kms = kms;
    this.#keyId = keyId;
  }

  override connect(_: Provider | null): KmsSigner {
    throw new Error('there is no network here');
  }

  override async getAddress(): Promise<string> {
    const { PublicKey } = await this.#kms.getPublicKey({ KeyId: this.#keyId });
    return computeAddress(hexlify(PublicKey!.subarray(-POINT)));
  }

  override async signTransaction({ from: _, ...request }: TransactionRequest): Promise<string> {
    const to = await resolveAddress(request.to!);
    const fields = await resolveProperties({ ...request, to });
    const transaction = Transaction.from(fields as TransactionLike);
    transaction.signature = await this.#sign(transaction.unsignedHash);
    return transaction.serialized;
  }

  override async signMessage(message: string | Uint8Array): Promise<string> {
    return (await this.#sign(hashMessage(message))).serialized;
  }

  override async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return (await this.#sign(TypedDataEncoder.hash(domain, types, value))).serialized;
  }

  async #sign(digest: string): Promise<Signature> {
    const { Signature: der } = await this.#kms.sign({
      KeyId: this.#keyId,
      Message: getBytes(digest),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    const { r, s } = readSignature(der!, 32);
    const high = BigInt(hexlify(s));
    const low = high > ORDER / 2n ? ORDER - high : high;
    const parts = { r: hexlify(r), s: `0x${low.toString(16).padStart(64, '0')}` };
    const address = await this.getAddress();
    for (const v of [27, 28]) {
      const signature = Signature.from({ ...parts, v });
      if (recoverAddress(digest, signature) === address) return signature;
    }
    throw new Error('the signature is not of this key');
  }
}

async function signer(): Promise<KmsSigner> {
  const kms = await createKms();
  const { KeyMetadata } = await kms.createKey({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' });
  return new KmsSigner(kms, KeyMetadata!.KeyId!);
}

test('messages: the address is recovered from each signature, whatever its parity and its s', async () => {
  const account = await signer();
  const address = await account.getAddress();
  for (let number = 0; number < 16; number += 1) {
    const message = `message ${number}`;
    expect(verifyMessage(message, await account.signMessage(message))).toBe(address);
  }
});

// the service does not normalize: clients that need the lower s (EIP-2) meet both
test.each(['RAW', 'DIGEST'] as const)('Sign of %s answers both the higher s and the lower one', async (MessageType) => {
  const kms = await createKms();
  const { KeyMetadata } = await kms.createKey({ KeySpec: 'ECC_SECG_P256K1', KeyUsage: 'SIGN_VERIFY' });
  const found = new Set<string>();
  for (let number = 0; number < 40; number += 1) {
    const { Signature: der } = await kms.sign({
      KeyId: KeyMetadata!.KeyId!,
      Message: new Uint8Array(32).fill(number),
      MessageType,
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    found.add(BigInt(hexlify(readSignature(der!, 32).s)) > ORDER / 2n ? 'higher' : 'lower');
  }
  expect([...found].sort()).toEqual(['higher', 'lower']);
});

test('a transaction', async () => {
  const account = await signer();
  const to = '0x000000000000000000000000000000000000dEaD';
  const request = {
    to,
    value: 1n,
    nonce: 7,
    gasLimit: 21_000n,
    maxFeePerGas: 2n,
    maxPriorityFeePerGas: 1n,
    chainId: 1,
    type: 2,
  };
  const transaction = Transaction.from(await account.signTransaction(request));
  expect(transaction).toMatchObject({ from: await account.getAddress(), to, value: 1n, nonce: 7 });
});

test('typed data (EIP-712)', async () => {
  const account = await signer();
  const domain = { name: 'Orders', version: '1', chainId: 1 };
  const types = { Order: [{ name: 'id', type: 'uint256' }] };
  const signature = await account.signTypedData(domain, types, { id: 42 });
  expect(verifyTypedData(domain, types, { id: 42 }, signature)).toBe(await account.getAddress());
  expect(verifyTypedData(domain, types, { id: 43 }, signature)).not.toBe(await account.getAddress());
});
