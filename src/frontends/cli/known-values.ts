/**
 * Known values of options, from the keyring and the configuration, for completion and prompts. Reading them does not
 * prompt, write anything or log an event, and opens only a trusted keyring.
 */
import type { NamedThing } from '../../model/shape.ts';
import { visible } from '../../model/visible.ts';
import {
  clusterNames,
  identityProviderNames,
  keyStoreNames,
  knownNames,
  proxyHostNames,
  trustRootNames,
  type KnownName,
} from '../../runtime/known-names.ts';
import type { Session } from '../../runtime/capabilities.ts';
import { awsProfileNames } from './aws-config.ts';
import type { GlobalValues } from './input/global-option.ts';
import type { Option } from './input/words.ts';
import type { Process } from './process.ts';
import { readProfiles } from '../../commands/configure/profiles.ts';
import type { UserFolders } from '../../runtime/user-folders.ts';
import { chooseProfile, chooseRegion } from './profile.ts';
import { REGIONS } from '../../model/region-names.ts';
import { sessionOptionsOf } from './session-options.ts';

interface KnownValuesDeps {
  readonly profiles: UserFolders;
  readonly openSession: () => Promise<Session>;
}

const bare = (names: readonly string[]): readonly KnownName[] => names.map((name) => ({ name, remark: '' }));

const VALUES: {
  readonly [N in NamedThing]: (deps: KnownValuesDeps) => Promise<readonly KnownName[]>;
} = {
  file: async () => [], // completed by the shell
  async key({ openSession }) {
    const { keys, aliases } = await knownNames(await openSession());
    return [...aliases, ...keys];
  },
  'key, not by its alias': async ({ openSession }) => (await knownNames(await openSession())).keys,
  alias: async ({ openSession }) => (await knownNames(await openSession())).aliases,
  profile: async ({ profiles }) =>
    bare([...new Set([...Object.keys(readProfiles(profiles)), ...awsProfileNames(profiles)])]),
  region: async () => bare(REGIONS),
  'identity provider': async ({ openSession }) => identityProviderNames(await openSession()),
  'custom key store': async ({ openSession }) => keyStoreNames(await openSession()),
  'trust root': async ({ openSession }) => trustRootNames(await openSession()),
  cluster: ({ profiles }) => clusterNames(profiles),
  'proxy host': ({ profiles }) => proxyHostNames(profiles),
};

/**
 * Words without special meaning for shells that are not options: names that others chose become part of a line that is
 * executed. zsh expands a word that begins with an equals sign.
 */
const WORD = /^(?![-=])[A-Za-z0-9:/_.@+=,-]+$/;

/**
 * Known values of an option; may be empty.
 * @param globals of the line: they say which keyring, profile and Region
 */
export async function knownValues(
  process: Process,
  { names }: Pick<Option, 'names'>,
  globals: GlobalValues,
): Promise<readonly KnownName[]> {
  if (!names) return [];
  try {
    const known = await VALUES[names](depsOf(process, globals));
    return known
      .filter(({ name }) => WORD.test(name))
      .map(({ name, remark }) => ({ name, remark: visible(remark.replaceAll(/\s+/g, ' ')) }));
  } catch {
    return [];
  }
}

function depsOf(process: Process, globals: GlobalValues): KnownValuesDeps {
  const profiles = { env: process.env, home: process.home() };
  return {
    profiles,
    openSession() {
      const profile = chooseProfile(globals.profile, profiles);
      const region = chooseRegion(globals.region, process.env, profile);
      return process.openSession({
        ...sessionOptionsOf(process, { globals, profile, region, requestOptions: {} }),
        onlyTrusted: true,
        ask: () => undefined,
        note: () => {},
      });
    },
  };
}
