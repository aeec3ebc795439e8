/** A power cut after every system call of a command: what was answered is there, and the next command works. */
import type { CheckResult } from './check-main.ts';
import {
  differenceOf,
  everything,
  fingerprint,
  isOpened,
  nothing,
  randomNumbers,
  readImage,
  someOf,
  type Image,
} from './disk.ts';
import { Replay, type CrashPoint } from './replay.ts';
import type { Scenario } from './scenarios.ts';
import type { Stage } from './stage.ts';

export interface PowerOptions {
  readonly seed: number;
  /** Subsets of what was not synced, beside all of it and nothing of it; for every point. */
  readonly subsets: number;
  /** What the replay does not believe: syncs that a careless program would not make. */
  readonly ignoring?: 'syncs' | 'syncs of folders';
  /** States that are looked at, at the most; undefined: all. */
  readonly max?: number | undefined;
}

export interface Report {
  readonly name: string;
  readonly calls: number;
  /** States that a cut can leave, and those that were looked at. */
  readonly states: number;
  readonly checked: number;
  readonly problems: readonly string[];
}

/** A cut at a point, and what of the unsynced survived it. */
interface Cut {
  readonly instant: number;
  readonly after: string;
  readonly survived: string;
  readonly isAnswered: boolean;
  readonly answered: string;
  readonly image: Image;
  readonly state: string;
}

export async function cutPower(stage: Stage, scenario: Scenario, options: PowerOptions): Promise<Report> {
  const before = await stage.prepare(scenario);
  const disk = stage.disk();
  const { calls } = await stage.record(scenario);
  const end = readImage(stage.folder);
  const replay = new Replay(disk, stage.folder, options.ignoring);
  const cuts: Cut[] = [];
  let instant = 0;
  for (const found of replay.crashPoints(calls)) {
    const survivals = [
      ['all of it', everything],
      ['nothing', nothing],
      ...Array.from({ length: options.subsets }, (_, at) => [
        `subset ${at}`,
        someOf(options.seed * 1_000_003 + instant * 101 + at),
      ]),
    ] as const;
    for (const [survived, survival] of survivals) {
      const image = disk.after(survival as typeof nothing);
      const isAnswered = found.hasEnded || found.answered !== '';
      const { answered } = found;
      cuts.push({
        instant,
        after: describe(found),
        survived: String(survived),
        isAnswered,
        answered,
        image,
        state: fingerprint(image),
      });
    }
    instant += 1;
  }
  const difference = differenceOf(disk.after(everything), end);
  if (difference !== undefined)
    throw new Error(`${scenario.name}: the replay does not give what it left: ${difference}`);
  const results = await checkStates(stage, scenario, { cuts, before, end, ...options });
  return {
    name: scenario.name,
    calls: instant - 1,
    states: new Set(cuts.map(({ state }) => state)).size,
    checked: results.size,
    problems: problemsOf(scenario, { cuts, results, before, end, keyring: stage.keyringOf(scenario) }),
  };
}

const describe = ({ call }: CrashPoint): string => (call ? `${call.name} ${call.ordinal}` : 'nothing');

interface Cuts {
  readonly cuts: readonly Cut[];
  readonly before: Image;
  readonly end: Image;
}

/**
 * The first and the last are always looked at, and those at each answer that lost everything; then any, in turns after
 * the answer and before it.
 */
async function checkStates(
  stage: Stage,
  scenario: Scenario,
  { cuts, before, end, max, seed }: Cuts & PowerOptions,
): Promise<ReadonlyMap<string, CheckResult>> {
  const images = new Map<string, Image>([before, end].map((image) => [fingerprint(image), image]));
  for (const { state, image } of answersOf(cuts)) images.set(state, image);
  const [after, others] = [true, false].map((isAnswered) =>
    shuffled(
      cuts.filter((cut) => cut.isAnswered === isAnswered),
      seed,
    ),
  ) as [Cut[], Cut[]];
  while (after.length + others.length > 0) {
    for (const { state, image } of [after.pop(), others.pop()].filter((cut) => cut !== undefined)) {
      if (max === undefined || images.size < max) images.set(state, image);
    }
  }
  const results = new Map<string, CheckResult>();
  for (const [state, image] of images) {
    stage.restore(image);
    results.set(state, await stage.check(scenario));
  }
  return results;
}

/** The first cut after each answer, and after the end, that lost everything. */
function answersOf(cuts: readonly Cut[]): readonly Cut[] {
  const lost = cuts.filter(({ survived }) => survived === 'nothing');
  return lost.filter(
    ({ answered, isAnswered }, at) => isAnswered && (answered !== lost[at - 1]?.answered || !lost[at - 1]?.isAnswered),
  );
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const next = randomNumbers(seed);
  return items
    .map((item) => ({ item, at: next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

interface PowerCutResults extends Cuts {
  readonly results: ReadonlyMap<string, CheckResult>;
  readonly keyring: string;
}

function problemsOf(scenario: Scenario, { cuts, results, before, end, keyring }: PowerCutResults): readonly string[] {
  const problems = new Map<string, string>();
  const first = results.get(fingerprint(before))?.contents?.digest;
  const last = results.get(fingerprint(end))?.contents?.digest;
  const hasSteps = (scenario.commits ?? 1) > 1;
  for (const cut of cuts) {
    const result = results.get(cut.state);
    const where = `${scenario.name}, cut after ${cut.after} (${cut.survived} of the unsynced survived${cut.isAnswered ? ', answered' : ''})`;
    const add = (kind: string, text: string): void => {
      if (!problems.has(kind)) problems.set(kind, `${where}: ${text}`);
    };
    for (const problem of result?.problems ?? []) add(problem.replaceAll(/[0-9a-f]{8,}/g, ''), problem);
    for (const path of halfFiles(cut, { before, end, keyring }))
      add(path, `${path} is neither as before nor as afterwards`);
    // of a server, this is so after its last answer
    if (cut.isAnswered && (!scenario.requests || cut.instant === cuts.at(-1)!.instant))
      for (const path of oldFiles(cut, { end, keyring })) add(`${path} old`, `${path} is not as it was answered`);
    if (!result || result.problems.length > 0) continue;
    const digest = result.contents?.digest;
    const isDone = cut.isAnswered && (!hasSteps || cut.instant === cuts.at(-1)!.instant);
    if (isDone && digest !== last) add('lost', 'what was answered is not in the keyring');
    else if (!hasSteps && digest !== first && digest !== last)
      add('other', 'the keyring is neither as before nor as afterwards');
    for (const id of keyIdsIn(cut.answered)) {
      if (!(result.contents?.keyIds ?? []).includes(id) && scenario.args[0] !== 'clock')
        add('key lost', `the key ${id} was answered and is not there`);
    }
    for (const id of requestIdsIn(cut.answered))
      if (!result.contents?.requestIds.includes(id)) add('event lost', `the call ${id} was answered without its event`);
  }
  return [...problems.values()];
}

/** Of the answers of a server. */
const requestIdsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^x-amzn-requestid: (\S+)/gm)].map(([, id]) => id!);

const keyIdsIn = (text: string): readonly string[] =>
  [...text.matchAll(/"KeyId":\s*"([0-9a-f]{8}-[0-9a-f-]{27})"/g)].map(([, id]) => id!);

const bytesAt = (image: Image, path: string): Buffer | undefined => {
  const node = image.get(path);
  return node?.type === 'file' ? node.bytes : undefined;
};

const isSame = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one === other || (one !== undefined && other !== undefined && one.equals(other));

/** Files under names that stay, which have neither their old nor their new content. */
function halfFiles(
  { image }: Cut,
  { before, end, keyring }: Pick<PowerCutResults, 'before' | 'end' | 'keyring'>,
): readonly string[] {
  const names = new Set([...before.keys(), ...end.keys()]);
  return [...names].filter((path) => {
    if (isOpened(path, keyring) || image.get(path)?.type === 'folder') return false;
    const now = bytesAt(image, path);
    return !isSame(now, bytesAt(before, path)) && !isSame(now, bytesAt(end, path));
  });
}

function oldFiles({ image }: Cut, { end, keyring }: Pick<PowerCutResults, 'end' | 'keyring'>): readonly string[] {
  return [...end.keys()].filter(
    (path) =>
      !isOpened(path, keyring) && end.get(path)!.type === 'file' && !isSame(bytesAt(image, path), bytesAt(end, path)),
  );
}
