/** A kill at every system call of a command that writes: the process ends as that call begins. */
import type { CheckResult, Contents } from './check-main.ts';
import { isOpened, readImage, type Image } from './disk.ts';
import type { Report } from './power.ts';
import { Replay } from './replay.ts';
import type { Scenario } from './scenarios.ts';
import type { Stage } from './stage.ts';
import type { SystemCall } from './system-calls.ts';

export interface KillOptions {
  /** Kills, at the most; undefined: at every call. Those that are left out are spread evenly. */
  readonly max?: number | undefined;
}

export async function killEverywhere(stage: Stage, scenario: Scenario, { max }: KillOptions): Promise<Report> {
  const before = await stage.prepare(scenario);
  const disk = stage.disk();
  const { calls } = await stage.record(scenario);
  const end = readImage(stage.folder);
  const writing = [...new Replay(disk, stage.folder).crashPoints(calls)].flatMap(({ call }) => call ?? []);
  const last = await stage.check(scenario);
  stage.restore(before);
  const first = await stage.check(scenario);
  const problems = new Map<string, string>();
  let killed = 0;
  const chosen = spread(writing, max);
  for (const call of chosen) {
    stage.restore(before);
    const { stdout, code, answered } = await stage.killAt(scenario, call);
    if (code === (scenario.status ?? 0)) continue; // this time it did not come that far in that thread
    killed += 1;
    const image = readImage(stage.folder);
    const result = await stage.check(scenario);
    const found = problemsOf(result, { first, last, isAnswered: stdout !== '', answered, scenario });
    for (const problem of [...found, ...halfFiles(image, { before, end, keyring: stage.keyringOf(scenario) })]) {
      const kind = problem.replaceAll(/[0-9a-f]{8,}/g, '');
      if (!problems.has(kind)) {
        problems.set(
          kind,
          `${scenario.name}, killed at ${call.name} ${call.ordinal}${stdout === '' ? '' : ', answered'}: ${problem}`,
        );
      }
    }
  }
  if (killed === 0) problems.set('none', `${scenario.name}: it was never killed`);
  return {
    name: scenario.name,
    calls: writing.length,
    states: chosen.length,
    checked: killed,
    problems: [...problems.values()],
  };
}

function spread(calls: readonly SystemCall[], max = calls.length): readonly SystemCall[] {
  if (calls.length <= max) return calls;
  return Array.from({ length: max }, (_, at) => calls[Math.floor(((at + 0.5) * calls.length) / max)]!);
}

interface Bounds {
  readonly first: CheckResult;
  readonly last: CheckResult;
  readonly isAnswered: boolean;
  /** IDs of requests. */
  readonly answered?: readonly string[] | undefined;
  readonly scenario: Scenario;
}

/** Two runs draw other random numbers, so their states are compared by what they have in common. */
function problemsOf(
  result: CheckResult,
  { first, last, isAnswered, answered = [], scenario }: Bounds,
): readonly string[] {
  if (result.problems.length > 0) return result.problems;
  if (answered.some((id) => !result.contents?.requestIds.includes(id)))
    return ['a call was answered without its event'];
  const shape = shapeOf(result.contents);
  if (isAnswered && (scenario.commits ?? 1) === 1 && shape !== shapeOf(last.contents))
    return ['what was answered is not in the keyring'];
  const isKnown = shape === shapeOf(first.contents) || shape === shapeOf(last.contents);
  return isKnown || (scenario.commits ?? 1) > 1 ? [] : ['the keyring is neither as before nor as afterwards'];
}

const shapeOf = (contents: Contents | undefined): string => JSON.stringify(contents?.shape);

/** Some bytes more or less: a signature in a file (ECDSA, in DER) has not always as many, and the smallest such file is a certificate in PEM. */
const isAsLong = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one !== undefined && other !== undefined && Math.abs(one.length - other.length) <= (other.length > 500 ? 8 : 0);

/** A file under a name that stays has its old content, or as many bytes as the new one. */
function halfFiles(
  image: Image,
  { before, end, keyring }: { before: Image; end: Image; keyring: string },
): readonly string[] {
  const bytesAt = (from: Image, path: string): Buffer | undefined => {
    const node = from.get(path);
    return node?.type === 'file' ? node.bytes : undefined;
  };
  return [...new Set([...before.keys(), ...end.keys()])]
    .filter((path) => {
      if (isOpened(path, keyring)) return false;
      const [now, old, fresh] = [image, before, end].map((from) => bytesAt(from, path));
      return (
        !(now === undefined && (old === undefined || fresh === undefined)) &&
        !isAsLong(now, fresh) &&
        !(now && old?.equals(now))
      );
    })
    .map((path) => `${path} is neither as before nor as afterwards`);
}
