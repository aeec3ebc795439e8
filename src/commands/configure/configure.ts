/** `kms configure`: sets profiles, by prompts on a terminal or by arguments. */
import { isRegionName } from '../../model/region.ts';
import { isAccountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { isPrincipal, PRINCIPAL_FORMS } from '../../model/principal-arn.ts';
import { list, required, string, structure } from '../../model/shape.ts';
import type { Output, Questions } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { printTags, readTags, TAG_FORM } from './session-tags.ts';
import { checkedProfile, readProfiles, type Profile, type ProfileAccess, type ProfileStore } from './profiles.ts';

interface Setting {
  readonly name: keyof Profile;
  /** undefined: `kms configure` does not ask for it. */
  readonly question: string | undefined;
  readonly expected: string;
  /** @returns undefined for what is not as expected */
  read(text: string): Profile[keyof Profile];
}

const text = (
  name: keyof Profile,
  question: string | undefined,
  expected: string,
  form: RegExp | ((value: string) => boolean),
): Setting => {
  const fits = typeof form === 'function' ? form : (value: string): boolean => form.test(value);
  return { name, question, expected, read: (value) => (fits(value) ? value : undefined) };
};

const SETTINGS: readonly Setting[] = [
  text('principal', 'Principal ARN (empty: the root user of the account)', PRINCIPAL_FORMS, isPrincipal),
  text('account', 'Account ID', '12 digits', isAccountId),
  text('region', 'Default region name', 'a Region, such as us-east-1', isRegionName),
  text(
    'output',
    'Default output format',
    'json, text, table, yaml, yaml-stream or off',
    /^(?:json|text|table|yaml|yaml-stream|off)$/,
  ),
  text(
    'cli_binary_format',
    'Format of blobs (base64 or raw-in-base64-out)',
    'base64 or raw-in-base64-out',
    /^(?:base64|raw-in-base64-out)$/,
  ),
  text('cli_timestamp_format', 'Format of timestamps (iso8601 or wire)', 'iso8601 or wire', /^(?:iso8601|wire)$/),
  text('cli_pager', 'Pager', 'a command line', /./),
  text(
    'cli_auto_prompt',
    'Prompt for missing options (on, on-partial or off)',
    'on, on-partial or off',
    /^(?:on|on-partial|off)$/,
  ),
  text('cli_error_format', undefined, 'the name of a format', /^[a-z-]+$/),
  text('parameter_validation', undefined, 'true or false', /^(?:true|false)$/),
  { name: 'session_tags', question: 'Session tags', expected: TAG_FORM, read: readTags },
];

const printSetting = (value: Profile[keyof Profile]): string =>
  typeof value === 'object' ? printTags(value) : (value ?? '');

function settingNamed(name: string): Setting {
  const setting = SETTINGS.find((row) => row.name === name);
  if (setting) return setting;
  const names = SETTINGS.map((row) => row.name).join(', ');
  throw new EnvironmentError(`unknown setting ${name}`, [`the settings are ${names}`]);
}

function checked(setting: Setting, value: string): Profile[keyof Profile] {
  if (value === '') return undefined;
  const read = setting.read(value);
  if (read !== undefined) return read;
  throw new EnvironmentError(`${setting.name} must be ${setting.expected}, not ${value}`);
}

/** The raw setting, even if it is invalid, so that it can be repaired. */
function current({ folders, name }: ProfileStore): Profile {
  const profiles = readProfiles(folders);
  return (Object.hasOwn(profiles, name) ? profiles[name] : undefined) ?? {};
}

export const configure = localCommand({
  name: 'Configure',
  anyProfile: true,
  command: 'configure',
  input: structure({}),
  output: structure({}),
  async run(_, { profiles, questions }: ProfileAccess & Questions) {
    const ask = questions();
    if (!ask) {
      throw new EnvironmentError('kms configure requires a terminal', [
        'kms configure set NAME VALUE sets one setting',
      ]);
    }
    const present = current(profiles);
    const answers: [setting: string, value: Profile[keyof Profile]][] = [];
    for (const setting of SETTINGS) {
      if (setting.question === undefined) continue;
      const answer = await ask({
        message: `${setting.question}:`,
        defaultValue: printSetting(present[setting.name]),
        check: (value) =>
          value === '' || setting.read(value.trim()) !== undefined ? undefined : `expected ${setting.expected}`,
      });
      answers.push([setting.name, checked(setting, answer)]);
    }
    await profiles.write(Object.fromEntries(answers));
    return {};
  },
});

export const configureSet = localCommand({
  name: 'ConfigureSet',
  anyProfile: true,
  command: 'configure set',
  input: structure({ Name: required(string({ min: 1 })), Value: required(string()) }),
  output: structure({}),
  positionals: ['Name', 'Value'],
  async run({ Name, Value }, { profiles }: ProfileAccess) {
    const setting = settingNamed(Name);
    await profiles.write({ [setting.name]: checked(setting, Value) });
    return {};
  },
});

/** `NAME` of the chosen profile, `default.NAME`, `PROFILE.NAME` or `profile.PROFILE.NAME` (AWS CLI reference, `configure get`). */
function locate(text: string, store: ProfileStore): { readonly profile: string; readonly setting: string } {
  const [first = '', ...rest] = text.split('.');
  if (first === 'profile' && rest.length > 1) return { profile: rest[0]!, setting: rest.slice(1).join('.') };
  const isProfile = first === 'default' || Object.hasOwn(readProfiles(store.folders), first) || store.shared(first);
  return rest.length > 0 && isProfile
    ? { profile: first, setting: rest.join('.') }
    : { profile: store.name, setting: text };
}

export const configureGet = localCommand({
  name: 'ConfigureGet',
  anyProfile: true,
  command: 'configure get',
  input: structure({ Name: required(string({ min: 1 })) }),
  output: structure({}),
  positionals: ['Name'],
  async run({ Name }, { profiles, printData }: ProfileAccess & Pick<Output, 'printData'>) {
    const { profile, setting } = locate(Name, profiles);
    const { name } = settingNamed(setting);
    const value = printSetting(current({ ...profiles, name: profile })[name] ?? profiles.shared(profile)?.[name]);
    if (value !== '') printData(value);
    return { found: value !== '' };
  },
  exit: ({ found }) => (found ? 0 : 1), // as `aws configure get`
});

export const configureList = localCommand({
  name: 'ConfigureList',
  anyProfile: true,
  command: 'configure list',
  input: structure({}),
  output: structure({
    Profiles: list(
      structure({ Profile: string(), ...Object.fromEntries(SETTINGS.map((row) => [row.name, string()])) }),
    ),
  }),
  async run(_, { profiles: { folders } }: ProfileAccess) {
    return {
      Profiles: Object.entries(readProfiles(folders)).map(([profile, settings]) =>
        Object.fromEntries([
          ['Profile', profile],
          ...Object.entries(checkedProfile(profile, settings, folders)).map(([key, value]) => [
            key,
            printSetting(value as string),
          ]),
        ]),
      ),
    };
  },
});
