/** Opening AES-256-GCM under a key that is derived for one message. */
import { createDecipheriv } from 'node:crypto';
import { plain } from './bytes.ts';
import type { Secret } from './secret.ts';

interface GcmMessage {
  /** It is overwritten. */
  readonly derived: Secret;
  readonly iv: Uint8Array;
  readonly aad: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** The plaintext, or undefined if the message is not of this key and AAD; no reason is given. */
export function openGcm({ derived, iv, aad, ciphertext, tag }: GcmMessage): Uint8Array | undefined {
  const decipher = createDecipheriv('aes-256-gcm', derived.expose(), iv, { authTagLength: tag.length });
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  const plaintext = plain(decipher.update(ciphertext));
  derived.wipe();
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return undefined;
  }
}
