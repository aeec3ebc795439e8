/** The profile and the Region of a call, from its options, the environment, and the AWS CLI's configuration beside ours. */
import { checkedProfile, readProfiles, type Profile } from '../../commands/configure/profiles.ts';
import { CommandError } from '../../commands/command/command-error.ts';
import { isRegion } from '../../model/region.ts';
import type { UserFolders } from '../../runtime/user-folders.ts';
import { awsProfile } from './aws-config.ts';

/** `--profile`, then AWS_PROFILE, then AWS_DEFAULT_PROFILE; an empty option counts as none. */
export const profileName = (option: string | undefined, env: UserFolders['env']): string =>
  option || (env['AWS_PROFILE'] ?? env['AWS_DEFAULT_PROFILE'] ?? 'default');

/** Settings that are read from the AWS CLI's configuration if our profile lacks them. */
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

export function chooseProfile(option: string | undefined, source: UserFolders): Profile {
  const name = profileName(option, source.env);
  const profiles = readProfiles(source);
  const ours = Object.hasOwn(profiles, name) ? checkedProfile(name, profiles[name], source) : undefined;
  const theirs = sharedSettings(name, source);
  if (!ours && !theirs && name !== 'default') {
    throw new CommandError('other', `The config profile (${name}) could not be found`);
  }
  return { ...theirs, ...ours };
}

export function sharedSettings(name: string, source: UserFolders): Profile | undefined {
  const settings = awsProfile(name, source);
  return settings && Object.fromEntries(SHARED.filter((key) => key in settings).map((key) => [key, settings[key]]));
}

/** `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile; undefined: the keyring's own. */
export function chooseRegion(
  option: string | undefined,
  env: UserFolders['env'],
  profile: Profile,
): string | undefined {
  const region = option ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profile.region;
  if (region !== undefined && !isRegion(region)) {
    throw new CommandError('other', `Provided region_name '${region}' doesn't match a supported format.`);
  }
  return region;
}
