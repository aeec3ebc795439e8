/**
 * Profiles: whom calls are made as, and with which Region and output. `kms configure` writes them with `conf`; every
 * call reads the file itself, since loading `conf` takes longer than the call (ADR 5).
 */
import { readFileSync } from 'node:fs';
import { isObject } from '../../model/json-object.ts';
import { isRegion } from '../../model/region.ts';
import { isAccountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { isPrincipal, PRINCIPAL_FORMS } from '../../model/principal-arn.ts';
import { configFolder, type UserFolders } from '../../runtime/user-folders.ts';
import { awsProfile } from './aws-config.ts';
import { CommandError } from './values/command-error.ts';

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

export type ProfileSource = UserFolders;

export const CONFIG_NAME = 'config';

const configFile = (source: ProfileSource): string => `${configFolder(source)}/${CONFIG_NAME}.json`;

export function readProfiles(source: ProfileSource): { readonly [name: string]: Profile } {
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
  throw new EnvironmentError(`the configuration ${path} has no object of profiles`, ['kms configure writes it']);
}

type Rule = readonly [expected: string, fits: (value: unknown) => boolean];

const TEXT: Rule = ['a text', (value) => typeof value === 'string'];
const RULES: { readonly [setting in keyof Profile]-?: Rule } = {
  principal: [PRINCIPAL_FORMS, (value) => typeof value === 'string' && isPrincipal(value)],
  account: ['a text of 12 digits', (value) => typeof value === 'string' && isAccountId(value)],
  region: TEXT,
  output: TEXT,
  session_tags: [
    'an object of texts',
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
 * A profile that is not what it should be, or has a setting that is none, says whom calls are made as in a way that
 * nobody reads: it is refused, and calls are not made as the root user in its place.
 */
export function checkedProfile(name: string, profile: unknown, source: ProfileSource): Profile {
  const refuse = (text: string, hints: readonly string[] = []): never => {
    throw new EnvironmentError(`profile ${name} of ${configFile(source)}: ${text}`, hints);
  };
  if (!isObject(profile)) return refuse('it must be an object of settings');
  for (const [setting, value] of Object.entries(profile)) {
    const rule = Object.hasOwn(RULES, setting) ? RULES[setting as keyof Profile] : undefined;
    if (!rule) return refuse(`there is no setting ${setting}`, [`the settings are ${Object.keys(RULES).join(', ')}`]);
    if (!rule[1](value)) return refuse(`${setting} must be ${rule[0]}, not ${JSON.stringify(value)}`);
  }
  return profile;
}

/** `--profile`, then AWS_PROFILE, then AWS_DEFAULT_PROFILE; an empty option counts as none. */
export const profileName = (option: string | undefined, env: ProfileSource['env']): string =>
  option || (env['AWS_PROFILE'] ?? env['AWS_DEFAULT_PROFILE'] ?? 'default');

/** What is taken from the AWS CLI's own configuration where ours has none. */
const SHARED = [
  'region',
  'output',
  'cli_auto_prompt',
  'cli_binary_format',
  'cli_error_format',
  'cli_pager',
  'cli_timestamp_format',
  'parameter_validation',
] as const satisfies readonly (keyof Profile)[];

export function chooseProfile(option: string | undefined, source: ProfileSource): Profile {
  const name = profileName(option, source.env);
  const profiles = readProfiles(source);
  const ours = Object.hasOwn(profiles, name) ? checkedProfile(name, profiles[name], source) : undefined;
  const theirs = awsProfile(name, source);
  if (!ours && !theirs && name !== 'default') {
    throw new CommandError('other', `The config profile (${name}) could not be found`);
  }
  const shared: { [setting: string]: string | undefined } = {};
  for (const setting of SHARED) shared[setting] = theirs?.[setting];
  return { ...(shared as Profile), ...ours };
}

/** `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile; undefined: the keyring's own. */
export function chooseRegion(
  option: string | undefined,
  env: ProfileSource['env'],
  profile: Profile,
): string | undefined {
  const region = option ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profile.region;
  if (region !== undefined && !isRegion(region)) {
    throw new CommandError('other', `Provided region_name '${region}' doesn't match a supported format.`);
  }
  return region;
}
