/**
 * The root record: the state of the whole keyring in one sealed value, written by every transaction that changes a record.
 * It determines the versions of all other records, and anchors the end of the audit log.
 */
import type { ChainHead } from '../audit/chain.ts';
import type { LogBeginning } from './log.ts';
import type { LogEnd } from './log-head.ts';
import { decodeRecord, encodeRecord, partAt } from './record.ts';

export interface Settings {
  readonly account: string;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** How far the keyring's own clock was moved forward, in milliseconds; it never goes back. */
  readonly clockOffset?: number;
  /** How long a key is Creating or Updating, and a rotation on demand in progress, in milliseconds; absent: the default. */
  readonly transitionTime?: number;
  /** A key policy that names a user or role that the keyring does not have is refused, as AWS does. */
  readonly principalsMustExist?: boolean;
  /** There is a record of an organization. */
  readonly hasOrganization?: boolean;
  /** The log goes on in a new file when it has that many bytes, or is that old in milliseconds (rotation.ts); 0: no limit. */
  readonly logMaxSize?: number;
  readonly logMaxAge?: number;
  /** Callers must sign with an access key, wherever their server leaves that to the keyring (access-key.ts). */
  readonly verifySignatures?: boolean;
}

/** Those that change after the keyring was made. */
export type ChangedSettings = Partial<Omit<Settings, 'account' | 'region' | 'created'>>;

/** The time in the keyring: what calls are made at and scheduled jobs are measured by. */
export const keyringTime = ({ clockOffset = 0 }: Settings, clock: number): number => clock + clockOffset;

export interface Root {
  /** Counts the transactions that wrote it. */
  readonly generation: number;
  readonly settings: Settings;
  /** The end of the log, with the pending lines. The head of the log (log-head.ts) may be further. */
  readonly head: LogEnd;
  /** What the log file's first line follows: the start, or the end of an earlier file. */
  readonly logStart: ChainHead;
  /** The time in the keyring when the log file was begun; absent: with the keyring. */
  readonly logBegan?: number | undefined;
  /** Counts the logs; absent before the first commit, and in keyrings of earlier versions: the log has no head yet. */
  readonly logNumber?: number | undefined;
  /** When the root was written, in milliseconds since 1970. */
  readonly anchored?: number | undefined;
  /** The last transaction began a new log: the next process puts it in place and clears this (log-file.ts). */
  readonly begins?: LogBeginning | undefined;
  /** SHA-256 of every slot's record: a slot that was removed cannot be put back. */
  readonly slots: { readonly [slot: string]: string };
  /** Versions of the version tree's groups. */
  readonly groups: Uint8Array;
  /** The lines of the transaction that wrote the root, until the next one has made them durable in the log. */
  readonly pending: Uint8Array;
}

export const ROOT_PATH = '~root';
export const HEADER_PATH = '~keyring';
export const TERMS_PATH = '~terms';
/** Records about the keyring itself are not in the version tree. */
export const isMetaPath = (path: string): boolean => path.startsWith('~');

export function encodeRoot({ groups, pending, ...body }: Root): Uint8Array {
  return encodeRecord(body, [groups, pending]);
}

export function decodeRoot(bytes: Uint8Array): Root {
  const { body, parts } = decodeRecord<Omit<Root, 'groups' | 'pending'>>(bytes);
  return { ...body, groups: partAt(parts, 0), pending: partAt(parts, 1) };
}
