/** The return values of PKCS#11 functions (PKCS #11 v3.0, pkcs11t.h): their names, and what they mean to an HSM's callers. */
import { HsmError, type HsmErrorCode } from '../hsm.ts';

interface ReturnValue {
  readonly name: string;
  /** undefined: INTERNAL_ERROR */
  readonly code?: HsmErrorCode;
  /**
   * What a handle is dead of, or may be: the session, the key and the log-in are made again. The handles of a token that was
   * away are dead after it is back.
   */
  readonly isDead?: true;
}

const row = (name: string, code?: HsmErrorCode): ReturnValue => (code ? { name, code } : { name });
const dead = (name: string, code?: HsmErrorCode): ReturnValue => ({ ...row(name, code), isDead: true });

const RETURN_VALUES: { readonly [value: number]: ReturnValue } = {
  0x02: row('CKR_HOST_MEMORY'),
  0x03: dead('CKR_SLOT_ID_INVALID', 'CLUSTER_NOT_FOUND'),
  0x05: dead('CKR_GENERAL_ERROR'), // SoftHSM: the token is gone, too
  0x06: dead('CKR_FUNCTION_FAILED'),
  0x07: row('CKR_ARGUMENTS_BAD'),
  0x10: row('CKR_ATTRIBUTE_READ_ONLY'),
  0x11: row('CKR_ATTRIBUTE_SENSITIVE'),
  0x12: row('CKR_ATTRIBUTE_TYPE_INVALID'),
  0x13: row('CKR_ATTRIBUTE_VALUE_INVALID'),
  0x1b: row('CKR_ACTION_PROHIBITED'),
  0x20: row('CKR_DATA_INVALID'),
  0x21: row('CKR_DATA_LEN_RANGE'),
  0x30: dead('CKR_DEVICE_ERROR', 'NETWORK_ERRORS'),
  0x31: row('CKR_DEVICE_MEMORY'),
  0x32: dead('CKR_DEVICE_REMOVED', 'NETWORK_ERRORS'),
  0x40: row('CKR_ENCRYPTED_DATA_INVALID'),
  0x41: row('CKR_ENCRYPTED_DATA_LEN_RANGE'),
  0x42: row('CKR_AEAD_DECRYPT_FAILED'),
  0x54: row('CKR_FUNCTION_NOT_SUPPORTED'),
  0x60: dead('CKR_KEY_HANDLE_INVALID', 'KEY_NOT_FOUND'),
  0x63: row('CKR_KEY_TYPE_INCONSISTENT'),
  0x68: row('CKR_KEY_FUNCTION_NOT_PERMITTED'),
  0x70: row('CKR_MECHANISM_INVALID'),
  0x71: row('CKR_MECHANISM_PARAM_INVALID'),
  0x82: dead('CKR_OBJECT_HANDLE_INVALID', 'KEY_NOT_FOUND'),
  0x90: dead('CKR_OPERATION_ACTIVE'),
  0x91: dead('CKR_OPERATION_NOT_INITIALIZED'),
  0xa0: row('CKR_PIN_INCORRECT', 'INVALID_CREDENTIALS'),
  0xa1: row('CKR_PIN_INVALID', 'INVALID_CREDENTIALS'),
  0xa2: row('CKR_PIN_LEN_RANGE', 'INVALID_CREDENTIALS'),
  0xa3: row('CKR_PIN_EXPIRED', 'INVALID_CREDENTIALS'),
  0xa4: row('CKR_PIN_LOCKED', 'USER_LOCKED_OUT'),
  0xb0: dead('CKR_SESSION_CLOSED', 'NETWORK_ERRORS'),
  0xb1: row('CKR_SESSION_COUNT', 'NO_FREE_SESSION'),
  0xb3: dead('CKR_SESSION_HANDLE_INVALID', 'NETWORK_ERRORS'),
  0xb5: row('CKR_SESSION_READ_ONLY'),
  0xb8: row('CKR_SESSION_READ_WRITE_SO_EXISTS', 'USER_LOGGED_IN'),
  0xd0: row('CKR_TEMPLATE_INCOMPLETE'),
  0xd1: row('CKR_TEMPLATE_INCONSISTENT'),
  0xe0: dead('CKR_TOKEN_NOT_PRESENT', 'NETWORK_ERRORS'),
  0xe1: dead('CKR_TOKEN_NOT_RECOGNIZED', 'NETWORK_ERRORS'),
  0xe2: row('CKR_TOKEN_WRITE_PROTECTED'),
  0x100: row('CKR_USER_ALREADY_LOGGED_IN', 'USER_LOGGED_IN'),
  0x101: dead('CKR_USER_NOT_LOGGED_IN', 'NETWORK_ERRORS'),
  0x102: row('CKR_USER_PIN_NOT_INITIALIZED', 'USER_NOT_FOUND'),
  0x103: row('CKR_USER_TYPE_INVALID', 'USER_NOT_FOUND'),
  0x104: row('CKR_USER_ANOTHER_ALREADY_LOGGED_IN', 'USER_LOGGED_IN'),
  0x105: row('CKR_USER_TOO_MANY_TYPES', 'USER_LOGGED_IN'),
  0x150: row('CKR_BUFFER_TOO_SMALL'),
  0x190: dead('CKR_CRYPTOKI_NOT_INITIALIZED', 'NETWORK_ERRORS'),
  0x191: row('CKR_CRYPTOKI_ALREADY_INITIALIZED'),
};

export const CKR = {
  OK: 0x00,
  FUNCTION_NOT_SUPPORTED: 0x54,
  TOKEN_WRITE_PROTECTED: 0xe2,
  USER_ALREADY_LOGGED_IN: 0x100,
  ALREADY_INITIALIZED: 0x191,
} as const;

/** A function of a library that failed, or whose answer cannot be true. */
export class Pkcs11Error extends Error {
  override readonly name = 'Pkcs11Error';
  /** undefined: it returned CKR_OK. */
  readonly value: number | undefined;
  readonly #row: ReturnValue | undefined;
  constructor(functionName: string, problem: number | string) {
    const known = typeof problem === 'number' ? RETURN_VALUES[problem] : undefined;
    const text = typeof problem === 'string' ? problem : (known?.name ?? `0x${problem.toString(16)}`);
    super(`${functionName}: ${text}`);
    this.value = typeof problem === 'number' ? problem : undefined;
    this.#row = known;
  }

  get code(): HsmErrorCode {
    return this.#row?.code ?? 'INTERNAL_ERROR';
  }

  get isDead(): boolean {
    return this.#row?.isDead === true;
  }

  /** @param subject what the message begins with: the cluster */
  toHsmError(subject: string): HsmError {
    return new HsmError(this.code, `${subject}: ${this.message}`, { cause: this });
  }
}

/**
 * What C_Decrypt may return for a wrong tag: libraries differ, and some of these can be other failures as well. NSS returns
 * CKR_ENCRYPTED_DATA_INVALID, SoftHSM CKR_GENERAL_ERROR, nShield CKR_FUNCTION_FAILED.
 */
const WRONG_CIPHERTEXT = new Set([0x05, 0x06, 0x20, 0x21, 0x40, 0x41, 0x42]);

export const mayBeWrongCiphertext = (error: unknown): boolean =>
  error instanceof Pkcs11Error && error.value !== undefined && WRONG_CIPHERTEXT.has(error.value);

/** At an end: what is left is dead in any case. */
export async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Pkcs11Error)) throw error;
  }
}
