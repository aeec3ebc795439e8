/** What PKCS#11 libraries differ in, and which of it is known of the libraries of some makers, by their file names. */
import { basename } from 'node:path';

/** How the PIN of C_Login is made of the password of kmsuser. */
export const PIN_FORMATS = ['PASSWORD', 'USER_AND_PASSWORD'] as const;
export type PinFormat = (typeof PIN_FORMATS)[number];

/**
 * Where the initialization vector of AES-GCM comes from: from the caller, who asks the token for random bytes; from the token,
 * which is given 12 zero bytes and writes its own over them; or from the token, which appends it to the ciphertext.
 */
export const IV_SOURCES = ['CALLER', 'TOKEN', 'APPENDED'] as const;
export type IvSource = (typeof IV_SOURCES)[number];

export interface LibraryTraits {
  readonly pinFormat: PinFormat;
  readonly ivSource: IvSource;
}

interface KnownLibrary extends LibraryTraits {
  readonly file: RegExp;
}

const LIBRARIES: readonly KnownLibrary[] = [
  // AWS CloudHSM User Guide, "PKCS #11 library for AWS CloudHSM Client SDK 5": authentication, known issues of AES-GCM
  { file: /^libcloudhsm_pkcs11\.so/, pinFormat: 'USER_AND_PASSWORD', ivSource: 'TOKEN' },
  // nShield: the module makes the IV; Luna: "the IV is appended to the encrypted data" in FIPS mode
  { file: /^libcknfast\.so/, pinFormat: 'PASSWORD', ivSource: 'TOKEN' },
  { file: /^libCryptoki2(?:_64)?\.so/, pinFormat: 'PASSWORD', ivSource: 'APPENDED' },
];

/** Of a library that is not known: as PKCS #11 has it. */
const DEFAULT: LibraryTraits = { pinFormat: 'PASSWORD', ivSource: 'CALLER' };

export function libraryTraits(path: string): LibraryTraits {
  const { pinFormat, ivSource } = LIBRARIES.find(({ file }) => file.test(basename(path))) ?? DEFAULT;
  return { pinFormat, ivSource };
}
