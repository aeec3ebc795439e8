import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKey, workplace } from './command.ts';

/** What each of the processes does, ten calls a piece. */
const PLAN = [
  'create-key',
  'encrypt',
  'describe-key',
  'generate-data-key',
  'tag-resource',
  'list-keys',
  'encrypt',
  'get-key-policy',
  'update-key-description',
  'generate-random',
];

function line(command: string, { key, writer }: { key: string; writer: number }): string[] {
  switch (command) {
    case 'create-key':
      return ['create-key', '--description', `by ${writer}`];
    case 'encrypt':
      return ['encrypt', '--key-id', key, '--plaintext', 'aGVsbG8='];
    case 'generate-data-key':
      return ['generate-data-key', '--key-id', key, '--key-spec', 'AES_256'];
    case 'tag-resource':
      return ['tag-resource', '--key-id', key, '--tags', `TagKey=writer${writer},TagValue=yes`];
    case 'list-keys':
      return ['list-keys'];
    case 'update-key-description':
      return ['update-key-description', '--key-id', key, '--description', `writer ${writer}`];
    case 'generate-random':
      return ['generate-random', '--number-of-bytes', '16'];
    default:
      return [command, '--key-id', key];
  }
}

test(
  'twenty processes at once, ten commands each: all succeed, in one unbroken chain',
  { timeout: 180_000 },
  async () => {
    const work = await workplace();
    const key = await createKey(work);
    const before = work.events().length;
    const writers = Array.from({ length: 20 }, async (_, writer) => {
      for (const command of PLAN) {
        const { exitCode, stderr } = await work.kms(...line(command, { key, writer }));
        expect({ command, exitCode, stderr }).toEqual({ command, exitCode: 0, stderr: '' });
      }
    });
    await Promise.all(writers);
    expect(work.events().length - before).toBe(20 * PLAN.length);
    expect(await work.json('audit', 'verify')).toMatchObject({ Valid: true, Problems: [] });
    expect(await work.json('keyring', 'verify')).toMatchObject({ Valid: true, Problems: [] });
    expect(((await work.json('list-keys'))['Keys'] as unknown[]).length).toBe(21);
    expect(((await work.json('list-resource-tags', '--key-id', key))['Tags'] as unknown[]).length).toBe(20);
  },
);

test(
  'twenty processes make the first key at the usual place at once: one keyring, twenty keys',
  { timeout: 120_000 },
  async () => {
    const work = await workplace({ init: false });
    const { POCKET_KMS_KEYRING: _, ...env } = work.env;
    const ran = await Promise.all(Array.from({ length: 20 }, () => work.kmsWith({ env }, 'create-key')));
    expect(ran.map(({ exitCode, stderr }) => [exitCode, stderr.replace(/^kms: (made|its).*\n/gm, '')])).toEqual(
      ran.map(() => [0, '']),
    );
    const { stdout } = await work.kmsWith({ env }, 'list-keys', '--query', 'length(Keys)');
    expect(stdout).toBe('20\n');
  },
);

test('ten settings at once, of one profile and of several: none is lost', async () => {
  const work = await workplace({ init: false });
  const settings = ['region', 'output', 'account', 'cli_pager', 'cli_auto_prompt'];
  const values = ['eu-west-1', 'text', '111122223333', 'less', 'off'];
  const profiles = ['one', 'two'];
  const each = profiles.flatMap((profile) => settings.map((name, at) => ({ profile, name, value: values[at]! })));
  await Promise.all(
    each.map(({ profile, name, value }) => work.text('configure', 'set', name, value, '--profile', profile)),
  );
  const file = join(work.folder, '.config/pocket-kms/config.json');
  const all = Object.fromEntries(settings.map((name, at) => [name, values[at]]));
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ profiles: { one: all, two: all } });
});
