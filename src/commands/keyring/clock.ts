/** Commands for the keyring's clock: showing it, and moving it forward permanently for experiments. */
import { EnvironmentError } from '../../model/error.ts';
import { integer, required, string, structure, timestamp } from '../../model/shape.ts';
import { LATEST_TIME } from '../../keyring/due.ts';
import { keyringTime, type Settings } from '../../keyring/root.ts';
import { SECOND } from '../../keyring/time.ts';
import type { Clock, KeyringAccess, ScheduledWork } from '../../runtime/capabilities.ts';
import { DURATION_FORM, printDuration, readDuration } from './duration.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

const clockShape = structure({
  /** The current time of the keyring. */
  Time: timestamp,
  SystemTime: timestamp,
  /** As `clock advance` takes it. */
  Offset: string(),
  OffsetInSeconds: integer(),
});

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
    if (!length) {
      throw new EnvironmentError(`'${Duration}' is not a valid duration`, [DURATION_FORM]);
    }
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
