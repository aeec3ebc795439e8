/** The package koffi, which calls C functions: an optional dependency, loaded by the first call that needs a token. */
import { isSea } from 'node:sea';
import { HsmError } from '../hsm.ts';

/** What is used of it. */
export type Koffi = Pick<
  (typeof import('koffi'))['default'],
  'load' | 'address' | 'view' | 'decode' | 'proto' | 'sizeof'
>;

export async function loadKoffi(): Promise<Koffi> {
  try {
    const { default: koffi } = await import('koffi');
    return koffi;
  } catch (error) {
    const why = isSea()
      ? 'this executable has no native packages: keys of CloudHSM key stores need the package of npm'
      : 'PKCS#11 tokens need the package koffi, which is not installed: npm install --include=optional installs it';
    throw new HsmError('INTERNAL_ERROR', why, { cause: error });
  }
}
