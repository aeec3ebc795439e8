/** The messages between a server and the process that calls a token. */
import type { ClusterEntry } from '../cluster-entry.ts';
import type { HsmErrorCode } from '../hsm.ts';
import type { TokenCallName, TokenCalls } from './token-call.ts';

/** In milliseconds, of a process that is no longer needed: for the calls that it has, and a log-out. */
export const GRACE = 2_000;

export interface ProcessCall<N extends TokenCallName = TokenCallName> {
  readonly id: number;
  readonly entry: ClusterEntry;
  readonly name: N;
  readonly input: TokenCalls[N]['input'];
}

export type ProcessAnswer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: { readonly code: HsmErrorCode; readonly message: string } };
