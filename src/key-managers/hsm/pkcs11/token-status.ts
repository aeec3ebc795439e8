/** What can be told about the token of a cluster without its password. */
import type { ClusterEntry } from '../cluster-entry.ts';
import { HsmError, type HsmErrorCode } from '../hsm.ts';
import { findToken, initialize } from './find-token.ts';
import { CKM_AES_GCM, CKM_AES_KEY_GEN, type Pkcs11Library, type TokenInfo } from './library.ts';
import { Pkcs11Error } from './return-value.ts';
import { loadLibrary } from './tokens-here.ts';

export interface TokenStatus extends Partial<Omit<TokenInfo, 'flags'>> {
  /** READY, or why key stores of the cluster cannot be connected. */
  readonly status: 'READY' | HsmErrorCode;
  readonly problem?: string;
  /** By their names in PKCS#11, without CKF_. */
  readonly flags?: readonly string[];
}

/** PKCS #11 v2.40, CK_TOKEN_INFO. */
const FLAGS: readonly (readonly [flag: number, name: string, problem?: readonly [HsmErrorCode, string]])[] = [
  [0x1, 'RNG'],
  [0x2, 'WRITE_PROTECTED', ['INTERNAL_ERROR', 'the token cannot be written: keys and passwords cannot be changed']],
  [0x4, 'LOGIN_REQUIRED'],
  [0x8, 'USER_PIN_INITIALIZED'],
  [0x400, 'TOKEN_INITIALIZED'],
  [0x1_0000, 'USER_PIN_COUNT_LOW'],
  [0x2_0000, 'USER_PIN_FINAL_TRY'],
  [0x4_0000, 'USER_PIN_LOCKED', ['USER_LOCKED_OUT', 'the user is locked out: the security officer must set a new PIN']],
  [0x8_0000, 'USER_PIN_TO_BE_CHANGED'],
];
const USER_PIN_INITIALIZED = 0x8;

const NEEDED = [
  [CKM_AES_GCM, 'AES_GCM'],
  [CKM_AES_KEY_GEN, 'AES_KEY_GEN'],
] as const;

export async function tokenStatus(entry: ClusterEntry): Promise<TokenStatus> {
  let library: Pkcs11Library;
  try {
    library = await loadLibrary(entry);
    await initialize(library, entry);
  } catch (error) {
    return failed(error);
  }
  try {
    const slot = await findToken(library, entry);
    const { flags, ...info } = await library.tokenInfo(slot);
    const set = FLAGS.filter(([flag]) => flags & flag);
    const status = { ...info, flags: set.map(([, name]) => name) };
    const mechanisms = await library.mechanisms(slot);
    const missing = NEEDED.flatMap(([mechanism, name]) => (mechanisms.includes(mechanism) ? [] : [`CKM_${name}`]));
    if (missing.length > 0) {
      return { ...status, status: 'INTERNAL_ERROR', problem: `the token does not have ${missing.join(', ')}` };
    }
    const found = set.flatMap(([, , one]) => (one ? [one] : []))[0];
    if (found) return { ...status, status: found[0], problem: found[1] };
    if (flags & USER_PIN_INITIALIZED) return { ...status, status: 'READY' };
    return {
      ...status,
      status: 'USER_NOT_FOUND',
      problem: 'the token has no user PIN: the security officer must set one',
    };
  } catch (error) {
    return failed(error);
  } finally {
    await library.finalize();
  }
}

function failed(error: unknown): TokenStatus {
  if (error instanceof HsmError) return { status: error.code, problem: error.message };
  if (error instanceof Pkcs11Error) return { status: error.code, problem: error.message };
  throw error;
}
