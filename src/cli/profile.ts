/**
 * Profiles: whom calls are made as, and with which Region and output. `kms configure` writes them with `conf`; every
 * call reads the file itself, since loading `conf` takes longer than the call (ADR 5).
 */
import { readFileSync } from 'node:fs';
import { EnvironmentError } from '../api/error.ts';
import { CommandError } from './output/failure.ts';

export interface Profile {
  readonly principal?: string;
  readonly account?: string;
  readonly region?: string;
  readonly output?: string;
  readonly session_tags?: { readonly [key: string]: string };
}

export interface ProfileSource {
  readonly env: { readonly [name: string]: string | undefined };
  readonly home: string;
}

export const configFolder = ({ env, home }: ProfileSource): string =>
  `${env['XDG_CONFIG_HOME'] || `${home}/.config`}/pocket-kms`;

export const CONFIG_NAME = 'config';

export function readProfiles(source: ProfileSource): { readonly [name: string]: Profile } {
  const path = `${configFolder(source)}/${CONFIG_NAME}.json`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new EnvironmentError(`the configuration ${path} cannot be read`, [], { cause: error });
  }
  try {
    return (JSON.parse(text) as { profiles?: { [name: string]: Profile } }).profiles ?? {};
  } catch (error) {
    throw new EnvironmentError(`the configuration ${path} is not JSON`, ['kms configure writes it'], { cause: error });
  }
}

/** `--profile`, then AWS_PROFILE, then AWS_DEFAULT_PROFILE (spec/aws-cli.md 1.2); an empty option counts as none. */
export const profileName = (option: string | undefined, env: ProfileSource['env']): string =>
  option || (env['AWS_PROFILE'] ?? env['AWS_DEFAULT_PROFILE'] ?? 'default');

export function chooseProfile(option: string | undefined, source: ProfileSource): Profile {
  const name = profileName(option, source.env);
  const profile = readProfiles(source)[name];
  if (profile) return profile;
  if (name === 'default') return {};
  throw new CommandError('other', `The config profile (${name}) could not be found`);
}

/** `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile; undefined: the keyring's own. */
export function chooseRegion(
  option: string | undefined,
  env: ProfileSource['env'],
  profile: Profile,
): string | undefined {
  const region = option ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profile.region;
  if (region !== undefined && !/^[a-zA-Z0-9-]{1,63}$/.test(region)) {
    throw new CommandError('other', `Provided region_name '${region}' doesn't match a supported format.`);
  }
  return region;
}
