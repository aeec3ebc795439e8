/** The member `Recipient` of operations that return plaintext: a Nitro Enclave's attestation document. */
import { KmsError } from '../../model/error.ts';

/** Attestation documents are not supported yet. */
export function refuseRecipient({ Recipient }: { readonly Recipient?: unknown }): void {
  if (Recipient !== undefined) throw new KmsError('UnsupportedOperationException', 'Recipient is not supported.');
}
