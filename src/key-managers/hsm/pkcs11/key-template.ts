/** The attributes of the keys of CloudHSM key stores (PKCS #11 v2.40, CKA_...). */
import { hex } from '../../../crypto/bytes.ts';
import type { AttributeTemplate } from './library.ts';

const CKA = {
  CLASS: 0x0,
  TOKEN: 0x1,
  PRIVATE: 0x2,
  LABEL: 0x3,
  KEY_TYPE: 0x100,
  ID: 0x102,
  SENSITIVE: 0x103,
  ENCRYPT: 0x104,
  DECRYPT: 0x105,
  WRAP: 0x106,
  UNWRAP: 0x107,
  SIGN: 0x108,
  VERIFY: 0x10a,
  DERIVE: 0x10c,
  VALUE_LEN: 0x161,
  EXTRACTABLE: 0x162,
} as const;

const CKO_SECRET_KEY = 4;
const CKK_AES = 0x1f;
const AES_256 = 32;

/**
 * What every such key has. A key with the same label that anyone could have put there, without having logged in or with a
 * value that is known, is not one of them.
 */
const common = (label: string): AttributeTemplate => [
  [CKA.CLASS, CKO_SECRET_KEY],
  [CKA.KEY_TYPE, CKK_AES],
  [CKA.TOKEN, true],
  [CKA.PRIVATE, true],
  [CKA.SENSITIVE, true],
  [CKA.EXTRACTABLE, false],
  [CKA.LABEL, Buffer.from(label)],
];

export const labelTemplate = (label: string): AttributeTemplate => common(label);

export const keyTemplate = (label: string, id: Uint8Array): AttributeTemplate => [
  ...common(label),
  [CKA.ID, id],
  [CKA.VALUE_LEN, AES_256],
  [CKA.ENCRYPT, true],
  [CKA.DECRYPT, true],
  [CKA.WRAP, false],
  [CKA.UNWRAP, false],
  [CKA.SIGN, false],
  [CKA.VERIFY, false],
  [CKA.DERIVE, false],
];

/** As pkcs11-tool and the tools of CloudHSM print it. */
export const backingKeyId = (id: Uint8Array): string => hex(id);
