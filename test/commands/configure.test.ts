/** `kms configure`, with answers and a store of its own instead of a terminal and a file. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configure, configureGet, configureList, configureSet } from '../../src/commands/configure/configure.ts';
import type { Question } from '../../src/commands/command/capabilities.ts';
import type { Profile, ProfileStore } from '../../src/commands/configure/profiles.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

/**
 * @param profiles what is in the file already
 * @param shared what the AWS CLI's configuration has
 */
function storeWith(
  profiles: { readonly [name: string]: Profile },
  name = 'default',
  shared: { readonly [name: string]: Profile } = {},
) {
  const home = folder();
  mkdirSync(join(home, '.config/pocket-kms'), { recursive: true });
  writeFileSync(join(home, '.config/pocket-kms/config.json'), JSON.stringify({ profiles }));
  const written: Profile[] = [];
  const store: ProfileStore = {
    folders: { env: {}, home },
    name,
    shared: (profile) => (Object.hasOwn(shared, profile) ? shared[profile] : undefined),
    write: async (profile) => void written.push(profile),
  };
  return { profiles: store, written };
}

test('asks for every setting, offers what is set, and writes the answers once', async () => {
  const { profiles, written } = storeWith({ default: { region: 'eu-west-1', cli_pager: 'less' } });
  const asked: Question[] = [];
  const ask = async (question: Question): Promise<string> => {
    asked.push(question);
    return question.message.startsWith('Account') ? '111122223333' : question.defaultValue;
  };
  await configure.run({}, { profiles, questions: () => ask });
  expect(asked.length).toBeGreaterThan(7);
  expect(asked.find(({ message }) => message.startsWith('Default region'))?.defaultValue).toBe('eu-west-1');
  expect(written).toEqual([{ account: '111122223333', region: 'eu-west-1', cli_pager: 'less' }]);
});

test('an answer is checked while it is typed', async () => {
  const { profiles } = storeWith({});
  const complaints: (string | undefined)[] = [];
  const ask = async ({ message, check }: Question): Promise<string> => {
    if (message.startsWith('Account')) complaints.push(check('12'), check('111122223333'), check(''));
    return '';
  };
  await configure.run({}, { profiles, questions: () => ask });
  expect(complaints).toEqual(['expected 12 digits', undefined, undefined]);
});

test('without a terminal nothing is asked and nothing written', async () => {
  const { profiles, written } = storeWith({});
  await expect(configure.run({}, { profiles, questions: () => undefined })).rejects.toThrow('requires a terminal');
  expect(written).toEqual([]);
});

test('one setting is written; an empty value removes it', async () => {
  const { profiles, written } = storeWith({ dev: { region: 'eu-west-1' } }, 'dev');
  await configureSet.run({ Name: 'session_tags', Value: 'Team=a=b' }, { profiles });
  await configureSet.run({ Name: 'region', Value: '' }, { profiles });
  expect(written).toStrictEqual([{ session_tags: { Team: 'a=b' } }, { region: undefined }]);
});

test.each([
  ['nope', 'x', 'unknown setting nope'],
  ['account', '12', 'account must be 12 digits, not 12'],
  ['constructor', 'x', 'unknown setting constructor'],
])('configure set %s %s is refused', async (Name, Value, message) => {
  const { profiles, written } = storeWith({});
  await expect(configureSet.run({ Name, Value }, { profiles })).rejects.toThrow(message);
  expect(written).toEqual([]);
});

test('a missing setting is reported by the exit status alone', async () => {
  const { profiles } = storeWith({ default: { account: '111122223333' } });
  const printed: string[] = [];
  const printData = (text: string): boolean => printed.push(text) > 0;
  for (const [Name, status] of [
    ['account', 0],
    ['region', 1],
  ] as const) {
    const answer = await configureGet.run({ Name }, { profiles, printData });
    expect(configureGet.exit?.(answer)).toBe(status);
  }
  expect(printed).toEqual(['111122223333']);
});

// AWS CLI Command Reference, configure get, "Unqualified Names" and "Qualified Names"
test.each([
  ['region', 'eu-west-1'],
  ['output', 'yaml'],
  ['default.region', 'us-east-1'],
  ['ours.region', 'eu-west-1'],
  ['theirs.region', 'ap-south-1'],
  ['profile.theirs.region', 'ap-south-1'],
  ['profile.nothere.region', undefined],
  ['parameter_validation', undefined],
])('configure get %s of ours and the shared configuration: %s', async (Name, value) => {
  const shared = {
    default: { region: 'us-east-1' },
    ours: { region: 'x', output: 'yaml' },
    theirs: { region: 'ap-south-1' },
  };
  const { profiles } = storeWith({ ours: { region: 'eu-west-1' } }, 'ours', shared);
  const printed: string[] = [];
  const answer = await configureGet.run({ Name }, { profiles, printData: (text) => printed.push(text) > 0 });
  expect([printed, configureGet.exit?.(answer)]).toEqual(value === undefined ? [[], 1] : [[value], 0]);
});

test.each(['aws_access_key_id', 'nobody.region', 'profile.region', 'ours.s3.x'])(
  'configure get %s is unknown',
  async (Name) => {
    const { profiles } = storeWith({ ours: {} });
    await expect(configureGet.run({ Name }, { profiles, printData: () => true })).rejects.toThrow('unknown setting');
  },
);

test('lists what the file has, and refuses a profile that is none', async () => {
  const { profiles } = storeWith({ a: { region: 'eu-west-1' }, b: { session_tags: { Team: 'x' } } });
  expect(await configureList.run({}, { profiles })).toEqual({
    Profiles: [
      { Profile: 'a', region: 'eu-west-1' },
      { Profile: 'b', session_tags: 'Team=x' },
    ],
  });
  const wrong = storeWith({ a: { account: '12' } });
  await expect(configureList.run({}, wrong)).rejects.toThrow('account must be a string of 12 digits');
});
