/** Commands for the keyring's own clock: what it shows, and moving it forward for good, for experiments with time. */
import { EnvironmentError } from '../../model/error.ts';
import { integer, required, string, structure, timestamp } from '../../model/shape.ts';
import { LATEST_TIME } from '../../keyring/due.ts';
import { keyringTime, type Settings } from '../../keyring/root.ts';
import { DAY, HOUR, MINUTE, SECOND, WEEK } from '../../keyring/time.ts';
import type { Clock, KeyringAccess, ScheduledWork } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

const clockShape = structure({
  /** What the keyring takes for now. */
  Time: timestamp,
  SystemTime: timestamp,
  /** As `clock advance` takes it. */
  Offset: string(),
  OffsetInSeconds: integer(),
});

const UNITS: readonly (readonly [unit: string, length: number])[] = [
  ['w', WEEK],
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
];
const LENGTHS: ReadonlyMap<string, number> = new Map(UNITS);

export const clock = localCommand({
  name: 'Clock',
  command: 'clock',
  input: structure({}),
  output: clockShape,
  async run(_, session: KeyringAccess & Clock) {
    const keyring = await session.open();
    const settings = await keyring.inspect(async ({ root }) => root.settings);
    return shown(settings, session.clock());
  },
});

export const clockAdvance = localCommand({
  name: 'ClockAdvance',
  command: 'clock advance',
  input: structure({ Duration: required(string({ min: 1 })) }),
  output: clockShape,
  positionals: ['Duration'],
  async run({ Duration }, session: KeyringChange & ScheduledWork) {
    const length = readDuration(Duration);
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const { clockOffset = 0 } = tx.settings;
      const moved: Settings = { ...tx.settings, clockOffset: clockOffset + length };
      const systemTime = session.clock();
      const now = keyringTime(moved, systemTime);
      if (now > LATEST_TIME) {
        throw new EnvironmentError(`the clock cannot be moved beyond ${new Date(LATEST_TIME).toISOString()}`);
      }
      const [before, after] = [shown(tx.settings, systemTime), shown(moved, systemTime)];
      const details = { duration: Duration, from: before.Time.toISOString(), to: after.Time.toISOString() };
      logCommand(tx, session, { eventName: 'AdvanceClock', details });
      tx.change({ kind: 'settings', settings: { clockOffset: clockOffset + length } });
      await session.runDueJobs(tx, now);
      return after;
    });
  },
});

function shown(settings: Settings, systemTime: number) {
  const { clockOffset = 0 } = settings;
  return {
    Time: new Date(keyringTime(settings, systemTime)),
    SystemTime: new Date(systemTime),
    Offset: printDuration(clockOffset),
    OffsetInSeconds: clockOffset / SECOND,
  };
}

/** `400d`, `36h`, `1d12h30m`: only forward. @returns milliseconds */
function readDuration(text: string): number {
  const parts = [...text.matchAll(/(\d{1,9})([wdhms])/g)];
  const length = parts.reduce((sum, [, count, unit]) => sum + Number(count) * LENGTHS.get(unit!)!, 0);
  if (parts.map(([part]) => part).join('') === text && length > 0) return length;
  throw new EnvironmentError(`'${text}' is not a length of time that the clock can be moved forward by`, [
    'weeks, days, hours, minutes and seconds, each a number and its letter: 400d, 36h, 1d12h30m',
  ]);
}

function printDuration(length: number): string {
  let left = length;
  const parts = UNITS.filter(([unit]) => unit !== 'w').map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? `${count}${unit}` : '';
  });
  return parts.join('') || '0s';
}
