import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseIni } from '../../../src/frontends/cli/aws-config.ts';
import { chooseProfile, chooseRegion } from '../../../src/frontends/cli/profile.ts';

function homeWith(files: { readonly [path: string]: string }): string {
  const home = mkdtempSync(join(tmpdir(), 'pocket-kms-profile-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(home, path, '..'), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return home;
}

const OURS = '.config/pocket-kms/config.json';
const CONFIG = '.aws/config';
const CREDENTIALS = '.aws/credentials';

describe('the INI dialect', () => {
  test.each([
    ['[default]\nregion = eu-west-1\noutput=text\n', { default: { region: 'eu-west-1', output: 'text' } }],
    ['# comment\n\n[profile a b]\nregion: x\n', { 'profile a b': { region: 'x' } }],
    ['[profile "quoted"]\nregion = x', { 'profile quoted': { region: 'x' } }],
    ['[default]\ns3 =\n  max_concurrent_requests = 20\nregion = y', { default: { s3: '', region: 'y' } }],
    ['', {}],
  ])('%j', (text, sections) => {
    expect(Object.fromEntries(parseIni(text, 'p'))).toEqual(sections);
  });

  test.each(['region = x', 'nonsense', '[default]\nnonsense'])('%j is no INI file', (text) => {
    expect(() => parseIni(text, '/p')).toThrow('Unable to parse config file: /p');
  });
});

describe('a profile', () => {
  test.each([
    ['none of them, default', {}, undefined, {}, {}],
    ['ours alone', { [OURS]: '{"profiles":{"p":{"region":"eu-west-1"}}}' }, 'p', {}, { region: 'eu-west-1' }],
    [
      'theirs alone',
      { [CONFIG]: '[profile p]\nregion = us-west-2\noutput = yaml' },
      'p',
      {},
      { region: 'us-west-2', output: 'yaml' },
    ],
    [
      'ours wins',
      { [OURS]: '{"profiles":{"p":{"output":"text"}}}', [CONFIG]: '[profile p]\noutput = yaml\nregion = us-west-2' },
      'p',
      {},
      { output: 'text', region: 'us-west-2' },
    ],
    [
      'only in the credentials file',
      { [CREDENTIALS]: '[p]\naws_access_key_id = AKIA\nregion = eu-north-1' },
      'p',
      {},
      { region: 'eu-north-1' },
    ],
    [
      'a bare section is the default profile',
      { [CONFIG]: '[default]\nregion = sa-east-1' },
      undefined,
      {},
      { region: 'sa-east-1' },
    ],
    [
      'named by AWS_PROFILE',
      { [CONFIG]: '[profile q]\nregion = x-y-1' },
      undefined,
      { AWS_PROFILE: 'q' },
      { region: 'x-y-1' },
    ],
    [
      'an empty option counts as none',
      { [CONFIG]: '[profile q]\nregion = x-y-1' },
      '',
      { AWS_DEFAULT_PROFILE: 'q' },
      { region: 'x-y-1' },
    ],
    [
      'another file',
      { elsewhere: '[default]\noutput = table' },
      undefined,
      { AWS_CONFIG_FILE: 'elsewhere' },
      { output: 'table' },
    ],
  ] as const)('%s', (_, files, option, env, expected) => {
    const home = homeWith(files);
    const there = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [name, name.endsWith('_FILE') ? join(home, value) : value]),
    );
    const profile = chooseProfile(option, { env: there, home });
    const known = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
    expect(known).toEqual(expected);
  });

  test.each([
    ['nope', {}],
    ['', { AWS_PROFILE: '' }],
  ])('%j that nobody knows', (name, env) => {
    expect(() => chooseProfile(name, { env, home: homeWith({}) })).toThrow(
      `The config profile (${name}) could not be found`,
    );
  });
});

describe('a configuration that does not say whom calls are made as is refused, never read as the root user', () => {
  const choose = (config: unknown, name?: string): unknown =>
    chooseProfile(name, { env: {}, home: homeWith({ [OURS]: JSON.stringify(config) }) });
  const profile = (settings: unknown): unknown => ({ profiles: { default: settings } });

  test.each<[unknown, string]>([
    [null, 'has no profiles object'],
    [[], 'has no profiles object'],
    ['profiles', 'has no profiles object'],
    [{ profiles: [] }, 'has no profiles object'],
    [{ profiles: 'x' }, 'has no profiles object'],
    [profile(null), 'profile default of '],
    [profile('arn:aws:iam::111122223333:user/Alice'), 'a profile must be an object with settings'],
    [profile([]), 'a profile must be an object with settings'],
    [profile({ principle: 'arn:aws:iam::111122223333:user/Alice' }), 'unknown setting principle'],
    [profile({ toString: 'x' }), 'unknown setting toString'],
    [profile({ principal: '' }), 'principal must be an ARN of a user, role'],
    [profile({ principal: 7 }), 'principal must be an ARN of a user, role'],
    [profile({ principal: null }), 'principal must be an ARN of a user, role'],
    [profile({ principal: 'arn:aws:iam::111122223333:other/x' }), 'principal must be an ARN of a user, role'],
    [profile({ account: '' }), 'account must be a string of 12 digits, not ""'],
    [profile({ account: '11112222333' }), 'account must be a string of 12 digits'],
    [profile({ account: 111122223333 }), 'account must be a string of 12 digits, not 111122223333'],
    [profile({ session_tags: 'Team=Blue' }), 'session_tags must be an object with string values'],
    [profile({ session_tags: { Team: 1 } }), 'session_tags must be an object with string values'],
    [profile({ region: 7 }), 'region must be a text'],
  ])('%j', (config, message) => {
    expect(() => choose(config)).toThrow(message);
  });

  test('whole, it is what it says', () => {
    const whole = { principal: 'arn:aws:iam::111122223333:user/Alice', session_tags: { Team: 'Blue' } };
    expect(choose(profile(whole))).toMatchObject(whole);
    expect(choose(profile({ account: '111122223333' }))).toMatchObject({ account: '111122223333' });
    expect(choose({})).toEqual(choose({ profiles: {} }));
  });

  test.each(['constructor', 'toString', '__proto__'])('%s is no profile', (name) => {
    expect(() => choose(profile({}), name)).toThrow(`The config profile (${name}) could not be found`);
  });
});

test.each([
  ['--region beats all', 'a-b-1', { AWS_REGION: 'c-d-1' }, { region: 'e-f-1' }, 'a-b-1'],
  [
    'AWS_REGION before AWS_DEFAULT_REGION',
    undefined,
    { AWS_REGION: 'c-d-1', AWS_DEFAULT_REGION: 'g-h-1' },
    {},
    'c-d-1',
  ],
  ['AWS_DEFAULT_REGION before the profile', undefined, { AWS_DEFAULT_REGION: 'g-h-1' }, { region: 'e-f-1' }, 'g-h-1'],
  ['the profile', undefined, {}, { region: 'e-f-1' }, 'e-f-1'],
  ['none: the keyring decides', undefined, {}, {}, undefined],
])('the Region: %s', (_, option, env, profile, expected) => {
  expect(chooseRegion(option, env, profile)).toBe(expected);
});

test('a Region that cannot be one', () => {
  expect(() => chooseRegion('bad region', {}, {})).toThrow(
    "Provided region_name 'bad region' doesn't match a supported format.",
  );
});
