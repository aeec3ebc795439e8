/** Commands for the settings of the keyring: behavior that AWS does not define, or that differs offline. */
import { EnvironmentError } from '../../model/error.ts';
import { list, oneOf, required, string, structure } from '../../model/shape.ts';
import { transitionTimeOf } from '../../keyring/due.ts';
import type { ChangedSettings, Settings } from '../../keyring/root.ts';
import { HOUR, MINUTE } from '../../keyring/time.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type EventDeps, type KeyringChange } from '../command/local-command.ts';
import { printDuration, readDuration } from './duration.ts';
import { printSize, readSize } from './size.ts';

interface SettingRow {
  readonly shown: (settings: Settings) => string;
  /** @returns undefined for a value that is none */
  readonly read: (value: string) => ChangedSettings | undefined;
  readonly expected: string;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Smaller logs would be little more than the events that they begin with. */
const MIN_LOG_SIZE = 4_096;

/** @returns 0 for `off` */
function readLimit(value: string, read: (text: string) => number | undefined, min: number): number | undefined {
  if (value === 'off') return 0;
  const limit = read(value);
  return limit === undefined || limit < min ? undefined : limit;
}

const ROWS = {
  LogMaxAge: {
    shown: ({ logMaxAge = 0 }) => (logMaxAge === 0 ? 'off' : printDuration(logMaxAge)),
    read(value) {
      const logMaxAge = readLimit(value, readDuration, MINUTE);
      return logMaxAge === undefined ? undefined : { logMaxAge };
    },
    expected: 'off, or 1m and more, such as 7d',
  },
  LogMaxSize: {
    shown: ({ logMaxSize = 0 }) => (logMaxSize === 0 ? 'off' : printSize(logMaxSize)),
    read(value) {
      const logMaxSize = readLimit(value, readSize, MIN_LOG_SIZE);
      return logMaxSize === undefined ? undefined : { logMaxSize };
    },
    expected: 'off, or 4KiB and more, such as 100MiB',
  },
  PrincipalsMustExist: {
    shown: ({ principalsMustExist = false }) => String(principalsMustExist),
    read(value) {
      const principalsMustExist = BOOLEANS.get(value);
      return principalsMustExist === undefined ? undefined : { principalsMustExist };
    },
    expected: 'true or false',
  },
  TransitionTime: {
    shown: (settings) => printDuration(transitionTimeOf(settings)),
    read(value) {
      const transitionTime = readDuration(value);
      return transitionTime === undefined || transitionTime > HOUR ? undefined : { transitionTime };
    },
    expected: '0 to 1h, such as 2s',
  },
} as const satisfies { readonly [name: string]: SettingRow };

type SettingName = keyof typeof ROWS;
const NAMES = Object.keys(ROWS) as SettingName[];

const name = required(oneOf(NAMES));
const setting = { Name: string(), Value: string() };

const shown = (settings: Settings, one: SettingName) => ({ Name: one, Value: ROWS[one].shown(settings) });

/** @throws EnvironmentError */
export function readSetting(one: SettingName, value: string): ChangedSettings {
  const { read, expected }: SettingRow = ROWS[one];
  const changed = read(value);
  if (changed) return changed;
  throw new EnvironmentError(`the value of ${one} must be ${expected}, not '${value}'`);
}

export const settingsList = localCommand({
  name: 'SettingsList',
  command: 'settings list',
  input: structure({}),
  output: structure({ Settings: list(structure(setting)) }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    const settings = await keyring.inspect(async ({ root }) => root.settings);
    return { Settings: NAMES.map((one) => shown(settings, one)) };
  },
});

export const settingsGet = localCommand({
  name: 'SettingsGet',
  command: 'settings get',
  input: structure({ Name: name }),
  output: structure(setting),
  positionals: ['Name'],
  async run({ Name }, session: KeyringAccess) {
    const keyring = await session.open();
    return keyring.inspect(async ({ root }) => shown(root.settings, Name));
  },
});

export const settingsPut = localCommand({
  name: 'SettingsPut',
  command: 'settings put',
  input: structure({ Name: name, Value: required(string({ min: 1, max: 64 })) }),
  output: structure(setting),
  positionals: ['Name', 'Value'],
  async run({ Name, Value }, session: KeyringChange) {
    const settings = readSetting(Name, Value);
    const keyring = await session.open();
    return keyring.transact(async (tx) => putSetting(tx, session, { name: Name, settings }));
  },
});

/** @param settings what readSetting() made of the value */
export function putSetting(
  tx: Transaction,
  deps: EventDeps,
  { name: one, settings }: { readonly name: SettingName; readonly settings: ChangedSettings },
) {
  const { Value: from } = shown(tx.settings, one);
  tx.change({ kind: 'settings', settings });
  const now = shown(tx.settings, one);
  logCommand(tx, deps, { eventName: 'PutSetting', details: { name: one, from, to: now.Value } });
  return now;
}
