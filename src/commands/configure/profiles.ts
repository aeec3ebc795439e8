/**
 * Profiles: caller, Region and output format. `kms configure` writes them with `conf`; calls read the file directly, because
 * loading `conf` takes longer than the call (ADR 5).
 */
import { readFileSync } from 'node:fs';
import { isAccountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import { isPrincipal, PRINCIPAL_FORMS } from '../../model/principal-arn.ts';
import { configFolder, type UserFolders } from '../../runtime/user-folders.ts';

export interface Profile {
  readonly principal?: string;
  readonly account?: string;
  readonly region?: string;
  readonly output?: string;
  readonly session_tags?: { readonly [key: string]: string };
  /** These, and Region and output, are taken from the AWS CLI's own configuration where ours has none. */
  readonly cli_binary_format?: string;
  readonly cli_timestamp_format?: string;
  readonly cli_pager?: string;
  readonly cli_error_format?: string;
  readonly cli_auto_prompt?: string;
  readonly parameter_validation?: string;
}

/** Of the file in the configuration's folder, without its ending. */
export const CONFIG_NAME = 'config';

const configFile = (folders: UserFolders): string => `${configFolder(folders)}/${CONFIG_NAME}.json`;

export function readProfiles(source: UserFolders): { readonly [name: string]: Profile } {
  const path = configFile(source);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new EnvironmentError(`the configuration ${path} cannot be read`, [], { cause: error });
  }
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (error) {
    throw new EnvironmentError(`the configuration ${path} is not JSON`, ['kms configure writes it'], { cause: error });
  }
  const profiles = isObject(config) ? (config['profiles'] ?? {}) : undefined;
  if (isObject(profiles)) return profiles as { readonly [name: string]: Profile };
  throw new EnvironmentError(`the configuration ${path} has no profiles object`, ['kms configure writes it']);
}

type SettingRule = readonly [expected: string, fits: (value: unknown) => boolean];

const TEXT: SettingRule = ['a text', (value) => typeof value === 'string'];
const RULES: { readonly [setting in keyof Profile]-?: SettingRule } = {
  principal: [PRINCIPAL_FORMS, (value) => typeof value === 'string' && isPrincipal(value)],
  account: ['a string of 12 digits', (value) => typeof value === 'string' && isAccountId(value)],
  region: TEXT,
  output: TEXT,
  session_tags: [
    'an object with string values',
    (value) => isObject(value) && Object.values(value).every((tag) => typeof tag === 'string'),
  ],
  cli_binary_format: TEXT,
  cli_timestamp_format: TEXT,
  cli_pager: TEXT,
  cli_error_format: TEXT,
  cli_auto_prompt: TEXT,
  parameter_validation: TEXT,
};

/**
 * A profile with an invalid or unknown setting is refused: its principal may be misspelt, and calls must not be made as the
 * root user instead.
 */
export function checkedProfile(name: string, profile: unknown, source: UserFolders): Profile {
  const refuse = (text: string, hints: readonly string[] = []): never => {
    throw new EnvironmentError(`profile ${name} of ${configFile(source)}: ${text}`, hints);
  };
  if (!isObject(profile)) return refuse('a profile must be an object with settings');
  for (const [setting, value] of Object.entries(profile)) {
    const rule = Object.hasOwn(RULES, setting) ? RULES[setting as keyof Profile] : undefined;
    if (!rule) return refuse(`unknown setting ${setting}`, [`the settings are ${Object.keys(RULES).join(', ')}`]);
    if (!rule[1](value)) return refuse(`${setting} must be ${rule[0]}, not ${JSON.stringify(value)}`);
  }
  return profile;
}

/** The file of profiles, and the profile that the command line names. */
export interface ProfileStore {
  readonly folders: UserFolders;
  readonly name: string;
  /** What this profile has in the AWS CLI's configuration of the settings that are taken from there; undefined: it is not there. */
  readonly shared: (name: string) => Profile | undefined;
  /** Writes settings of the one that is named, and removes those that are undefined; others stay as they are. */
  readonly write: (changes: Profile) => Promise<void>;
}

export interface ProfileAccess {
  readonly profiles: ProfileStore;
}
