/**
 * The end of the audit log (ADR 16): the later one of the root's, with its pending lines, and the head's. Whole lines behind
 * it that continue the chain under the root's generation are part of the log: their calls changed nothing in the keyring,
 * and the process that wrote them was killed before it wrote the head. Everything else behind the end was never answered.
 */
import { localEvent } from '../audit/event.ts';
import { CHAIN_START, link, lineEnd, logLines, parseLine, type ChainedLine } from '../audit/chain.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import type { Secret } from '../crypto/secret.ts';
import { uuid } from '../crypto/uuid.ts';
import { EnvironmentError } from '../model/error.ts';
import type { Logged } from '../audit/request-parameters.ts';
import type { Barrier } from './barrier.ts';
import type { Log } from './log.ts';
import { encodeHead, isOfLaterTerm, latestHead, type FoundHead, type HeadBlock, type LogEnd } from './log-head.ts';
import { keyringTime, type Root } from './root.ts';

export interface OpenEnd extends LogEnd {
  /** Whether the log is durable up to there. */
  readonly isSynced: boolean;
  /**
   * Whether the root is durable. A process that is killed before its commit is may have made the root visible already; it has
   * not written the pending lines then.
   */
  readonly isAnchored: boolean;
  /** The block that the next head goes into. */
  readonly nextBlock: HeadBlock;
}

export interface EndDeps {
  readonly log: Log;
  readonly barrier: Barrier;
  readonly random: RandomBytes;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

type RootState = Pick<Root, 'generation' | 'settings' | 'head' | 'pending' | 'begins' | 'logNumber'>;

/**
 * Completes the log: whatever a crash kept out of it is written, and what it left behind the end is put aside. @throws if the
 * log or its head is missing, truncated, changed at its end, or of a later state of the keyring
 */
export function completeLog(root: RootState, deps: EndDeps): OpenEnd {
  const { log, barrier } = deps;
  if (root.begins) {
    const found = headAsItStands(log, barrier);
    if (found) refuseLater(root, log, found);
    log.begin(root.begins, root.pending);
    // it is the log of this keyring, and not of one that this is a copy of
    completePending(log, root, { key: barrier.auditKey, size: log.size() });
    log.createHead(headBlock(root.head, root, barrier));
  }
  const there = log.size(); // a copy of the keyring, such as a clone, has neither log nor head: that is what to say
  const found = headOf(root, deps);
  const known = laterEnd(root, found);
  let isAnchored = true;
  if (known === root.head) isAnchored = completePending(log, root, { key: barrier.auditKey, size: there });
  else requireBoth(log, { anchor: root.head, known, size: there });
  const nextBlock = found?.block === 0 ? 1 : 0;
  const size = Math.max(there, known.size);
  const end: OpenEnd = { ...known, isSynced: known !== root.head, isAnchored, nextBlock };
  return size > known.size ? takeOver(root, deps, { end, size }) : end;
}

/** What a process does about a head that another one has removed or changed. */
export interface RecreatedHead {
  readonly end: OpenEnd;
  readonly event: object;
}

/**
 * Writes the head anew.
 * @param end of the log, which is as this process has left it: the head tells nothing that it does not know
 */
export function recreateHead(root: RootState, end: OpenEnd, problem: UnusableHead, deps: EndDeps): RecreatedHead {
  deps.log.createHead(headBlock(end, root, deps.barrier));
  const event = ownEvent('RecreateAuditLogHead', { problem: problem.message }, root, deps);
  return { end: { ...end, nextBlock: 1 }, event };
}

/** The end, according to what is there: for what only reads. */
export const endAsItStands = (root: RootState, log: Log, barrier: Barrier): LogEnd =>
  laterEnd(root, headAsItStands(log, barrier));

/** The head that one of them opens; undefined: none does, or it cannot be read. */
export function headAsItStands(log: Log, ...barriers: readonly Barrier[]): FoundHead | undefined {
  const file = headFile(log);
  return file && barriers.map((barrier) => latestHead(file, barrier)).find((found) => found !== undefined);
}

/** Whether there is a head that a keyring with these terms refuses. */
export function hasHeadOfLaterTerm(log: Log, barrier: Barrier): boolean {
  const file = headFile(log);
  return file !== undefined && isOfLaterTerm(file, barrier);
}

function headFile(log: Log): Uint8Array | undefined {
  try {
    return log.readHead();
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

/** Whether nobody has written since: the file has that size, and that last line. */
export function isStill({ size, mac, sequence }: LogEnd, log: Log): boolean {
  return log.size() === size && contains(log, { size, mac, sequence });
}

/** The events since the root was written. @throws if one of them was changed: what they say would become part of records */
export function unanchoredEvents(log: Log, { from, to, key }: Unanchored): readonly Logged[] {
  const found = verifiedEvents(log, { from, to, key });
  if (found.length < to.sequence - from.sequence) {
    throw new EnvironmentError(`the audit log ${log.path} was changed`, HINTS);
  }
  return found;
}

/** Those that were not changed, of a log that is replaced, whatever is wrong with it. */
export const verifiedEvents = (log: Log, { from, to, key }: Unanchored): readonly Logged[] =>
  to.size === from.size
    ? []
    : Array.from(linesBehind(log, { from, to: to.size, key }), ({ line: { record } }) => record);

/** The last line that continues from an end, in a log of which the head is lost: nothing else tells of it. */
export function lastVerified(log: Log, from: LogEnd, key: Secret): LogEnd {
  let reached = from;
  try {
    for (const { end } of linesBehind(log, { from, to: Infinity, key })) reached = end;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
  }
  return reached;
}

interface Unanchored {
  readonly from: LogEnd;
  readonly to: LogEnd;
  readonly key: Secret;
}

/** Before a new log is begun, the lines of the old one are durable. What is replaced may have something wrong with it. */
export function tryCompleting(root: RootState, deps: EndDeps): OpenEnd | undefined {
  try {
    const end = completeLog(root, deps);
    if (!end.isSynced) deps.log.sync();
    return end;
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

/** The head's block for an end. A keyring has logs since number 1. */
export const headBlock = (
  { sequence, mac, size }: LogEnd,
  { generation, logNumber = 1 }: Pick<Root, 'generation' | 'logNumber'>,
  barrier: Barrier,
): Uint8Array => encodeHead({ sequence, mac, size, generation, logNumber }, barrier);

/** Nobody can tell where the log ends. */
export class UnusableHead extends EnvironmentError {}

/** @returns undefined if the keyring has none yet */
function headOf(root: RootState, { log, barrier }: EndDeps): FoundHead | undefined {
  const file = log.readHead();
  const found = file && latestHead(file, barrier);
  if (!found && root.logNumber === undefined) return undefined;
  if (!file) throw new UnusableHead(`the head ${log.path}.head of the audit log is missing`, HINTS);
  if (isOfLaterTerm(file, barrier)) throw later(log);
  if (!found) throw new UnusableHead(`the head ${log.path}.head of the audit log was changed`, HINTS);
  refuseLater(root, log, found);
  const { logNumber, generation } = found.head;
  if (logNumber !== numberIn(root, logNumber)) {
    throw new EnvironmentError(`the head ${log.path}.head of the audit log is that of an earlier log`, HINTS);
  }
  if (isBehind(root, found) && generation < root.generation) throw diverged(log);
  return found;
}

function refuseLater(root: RootState, log: Log, { head: { logNumber, generation } }: FoundHead): void {
  const number = numberIn(root, logNumber);
  if (logNumber > number || (logNumber === number && generation > root.generation)) throw later(log);
}

/** A root that has no number of its log is older than all heads. */
const numberIn = ({ logNumber }: RootState, other: number): number => logNumber ?? other;

const isBehind = (root: RootState, { head }: FoundHead): boolean => head.sequence > root.head.sequence;

/** A head behind the root's end was written under this root: one of another generation is of another copy. */
function laterEnd(root: RootState, found: FoundHead | undefined): LogEnd {
  if (!found || !isBehind(root, found)) return root.head;
  const { logNumber, generation, sequence, mac, size } = found.head;
  const isOfRoot = logNumber === numberIn(root, 1) && generation === root.generation;
  return isOfRoot ? { sequence, mac, size } : root.head;
}

const HINTS = ['kms audit verify shows the problems', 'kms audit restart renames this file and begins a new log'];

const later = ({ path }: Log): EnvironmentError =>
  new EnvironmentError(
    `the audit log ${path} is ahead of the keyring: an earlier version of the keyring was restored`,
    HINTS,
  );

const edited = ({ path }: Log): EnvironmentError =>
  new EnvironmentError(`the end of the audit log ${path} was changed`, HINTS);

const diverged = ({ path }: Log): EnvironmentError =>
  new EnvironmentError(
    `the audit log ${path} does not continue from the end that the keyring has: it was changed, or is that of another copy`,
    HINTS,
  );

const truncated = ({ path }: Log, end: LogEnd, size: number): EnvironmentError =>
  new EnvironmentError(
    `the audit log ${path} was truncated: ${end.size - size} bytes before the end of event ${end.sequence} are missing`,
    HINTS,
  );

interface AsFound {
  readonly key: Secret;
  /** Of the log. */
  readonly size: number;
}

/**
 * The pending lines of the root: the end of the file, perhaps not in it yet, or not whole.
 * @returns whether they were there, so that the commit of the root had ended
 */
function completePending(log: Log, { head, pending }: RootState, { key, size }: AsFound): boolean {
  const start = head.size - pending.length;
  if (pending.length === 0) {
    requireEnd(log, head, size);
    return false;
  }
  if (size < start) throw truncated(log, head, size);
  const there = log.slice(start, Math.min(size, head.size));
  const areThere = Buffer.compare(there, pending) === 0;
  if (!areThere) {
    // a power cut leaves zeros where later lines reached the disk and these did not
    if (there.some((byte, at) => byte !== pending[at] && byte !== 0)) throw edited(log);
    requireBefore(log, { pending, start }, key);
  }
  writeAnew(log, pending, start);
  return areThere;
}

/**
 * Lines that nobody knows to be durable, also those that are there: after a sync that failed the system takes them for
 * written, and would not write them again for the next one.
 */
const writeAnew = (log: Log, lines: Uint8Array, at: number): void => {
  if (lines.length > 0) log.write(lines, at);
};

/** What is before the pending lines is what they follow: else they would be written into another log of that size. */
function requireBefore(
  log: Log,
  { pending, start }: { readonly pending: Uint8Array; readonly start: number },
  key: Secret,
): void {
  if (start === 0) return;
  const [first] = logLines([pending]);
  const before = log.slice(start - lineEnd(CHAIN_START).length, start);
  const mac = Buffer.from(before).toString('latin1').slice(0, CHAIN_START.mac.length);
  const line = first && parseLine(first);
  if (!line?.follows(key, { sequence: line.head.sequence - 1, mac })) throw diverged(log);
}

function requireEnd(log: Log, end: LogEnd, size: number): void {
  if (size < end.size) throw truncated(log, end, size);
  if (!contains(log, end)) throw edited(log);
}

interface Both {
  readonly anchor: LogEnd;
  readonly known: LogEnd;
  /** Of the log. */
  readonly size: number;
}

/** Of two copies that were both used, each has ends that the log of the other has not. */
function requireBoth(log: Log, { anchor, known, size }: Both): void {
  requireEnd(log, known, size);
  if (!contains(log, anchor)) throw diverged(log);
}

/** Whether this is the log that ended there; it may have gone on. */
export function contains(log: Log, end: LogEnd): boolean {
  if (end.size === 0) return true;
  const last = lineEnd(end);
  return Buffer.compare(log.slice(end.size - last.length, end.size), last) === 0;
}

/** More than the lines since the last anchor and those of one transaction take, if all are of the maximum size. */
const MAX_BEHIND = 80 * 2 ** 20;

/** The lines behind an end that continue it, as far as they do. */
function* linesBehind(log: Log, { from, to, key }: Stretch): Generator<{ line: ChainedLine; end: LogEnd }> {
  let end = from;
  for (const bytes of logLines(log.read(from.size))) {
    const line = parseLine(bytes);
    const isNext = line?.head.sequence === end.sequence + 1 && line.follows(key, end);
    if (!isNext || end.size + line.size > to) return;
    end = { ...line.head, size: end.size + line.size };
    yield { line, end };
  }
}

interface Stretch {
  readonly from: LogEnd;
  /** The size up to there. */
  readonly to: number;
  readonly key: Secret;
}

function takeOver(
  root: RootState,
  deps: EndDeps,
  { end, size }: { readonly end: OpenEnd; readonly size: number },
): OpenEnd {
  const { log, barrier } = deps;
  const behind = size - end.size;
  if (behind > MAX_BEHIND) {
    throw new EnvironmentError(`${behind} bytes were appended to the audit log ${log.path}`, HINTS);
  }
  let reached: LogEnd = end;
  for (const next of linesBehind(log, { from: end, to: size, key: barrier.auditKey })) {
    if (next.line.generation > root.generation) throw later(log);
    if (next.line.generation < root.generation) break;
    reached = next.end;
  }
  writeAnew(log, log.slice(end.size, reached.size), end.size);
  if (size > reached.size) {
    // written over the rest, so that whenever this is interrupted, either it is there or its event is
    const aside = log.copyAside(reached.size, reached.sequence);
    const event = ownEvent('RecoverAuditLog', { ...aside }, root, deps);
    const { line, head } = link(event, root.generation, { key: barrier.auditKey, head: reached });
    log.write(line, reached.size);
    reached = { ...head, size: reached.size + line.length };
    log.truncate(reached.size);
  }
  log.sync();
  if (root.logNumber === undefined) return { ...end, ...reached, isSynced: true };
  log.writeHead(headBlock(reached, root, barrier), end.nextBlock);
  return { ...end, ...reached, isSynced: true, nextBlock: end.nextBlock === 0 ? 1 : 0 };
}

function ownEvent(
  eventName: string,
  requestParameters: Logged,
  { settings }: RootState,
  { random, clock }: EndDeps,
): object {
  return localEvent({
    eventName,
    eventId: uuid(random),
    time: keyringTime(settings, clock()),
    region: settings.region,
    identity: { kind: 'service', arn: 'pocket-kms' },
    account: settings.account,
    requestParameters,
  });
}
