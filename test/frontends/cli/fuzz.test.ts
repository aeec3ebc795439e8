/**
 * Command lines with odd values, in process: none ends as a defect of ours, none hangs, no promise is rejected unheard.
 * `FUZZ_LINES=20000 FUZZ_SEED=1 npm run fuzz:cli` runs more of them and prints how they ended.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyCommand, type CliCommand } from '../../../src/frontends/cli/table/commands.ts';
import { GLOBAL_OPTIONS } from '../../../src/frontends/cli/input/global-option.ts';
import type { Process } from '../../../src/frontends/cli/process.ts';
import { run } from '../../../src/frontends/cli/run.ts';
import type { RandomBytes } from '../../../src/crypto/seal.ts';
import { openSession } from '../../../src/runtime/session.ts';
import { seeded } from '../../support/fixture.ts';

const LINES = Number(process.env['FUZZ_LINES'] ?? 2_500);
const SEED = process.env['FUZZ_SEED'] ?? String(Date.now());
/** In milliseconds: nothing here has a reason to take as long. */
const LIMIT = 20_000;

/** They wait for others: a client, a program, a person, further lines of the log, standard input of the test itself. */
const LEFT_OUT = new Set([
  'serve',
  'xks-proxy',
  'env exec',
  'env set',
  'env edit',
  'quickstart',
  'configure',
  'batch',
  'wait',
]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pocket-kms-fuzz-'));
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(
    join(folder, 'bytes'),
    Uint8Array.from({ length: 300 }, (_, at) => at),
    { mode: 0o600 },
  );
  writeFileSync(join(folder, 'deep'), '['.repeat(50_000));
  writeFileSync(join(folder, 'object'), '{"a":{"b":[1,null,"x"]}}');
  writeFileSync(
    join(folder, 'policy'),
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}',
  );
  const bomb = Array.from({ length: 30 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(',')}]`);
  writeFileSync(join(folder, 'bomb'), ['a0: &a0 x', ...bomb].join('\n'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('nowhere', join(folder, 'link'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES = [
  'folder',
  'empty',
  'bytes',
  'deep',
  'object',
  'policy',
  'bomb',
  'link',
  'none',
  'folder/none',
  'empty/none',
];
const VALUES = [
  '',
  ' ',
  '-',
  '--',
  '0',
  '-1',
  '1.5',
  '1e400',
  '99999999999999999999',
  'true',
  'null',
  'x',
  'é🔑',
  '\ud800',
  '\u001b[2J\n\u202e',
  'a\nb',
  "'",
  '"',
  '{',
  '{}',
  '[]',
  '{"a":1}',
  '[{"a":{"b":null}}]',
  'a=b,c=d',
  'a=,=b',
  'a=[b,c',
  '__proto__=1',
  '{"__proto__":{"a":1}}',
  'constructor',
  'alias/x',
  'alias/',
  'arn:aws:kms:us-east-1:111122223333:key/x',
  'arn:::::',
  '1234abcd-12ab-34cd-56ef-1234567890ab',
  '2026-01-01T00:00:00Z',
  '2026-99-99',
  'Encrypt',
  'x'.repeat(5_000),
  '{'.repeat(5_000),
  '['.repeat(5_000),
  'a.b[?c==`1`]',
  '../../../..',
  ...FILES,
  ...FILES.map((name) => `file://${name}`),
  ...FILES.map((name) => `fileb://${name}`),
  'file://',
  'fileb://-',
];
const ENVIRONMENT: { readonly [name: string]: readonly string[] } = {
  AWS_PROFILE: ['', 'none', '\u001b', '../../x'],
  AWS_REGION: ['', 'x', '../../..', 'é', 'eu-west-1'],
  AWS_DEFAULT_OUTPUT: ['', 'xml', 'yaml', 'text', 'table'],
  AWS_CLI_ERROR_FORMAT: ['', 'json', 'x', 'yaml', 'table'],
  AWS_CONFIG_FILE: FILES,
  AWS_MAX_ATTEMPTS: ['x', '-1'],
  POCKET_KMS_KEYRING: [...FILES, 'x'.repeat(300), '/dev/null'],
  POCKET_KMS_KEY_FILE: FILES,
  POCKET_KMS_PASSPHRASE_FILE: FILES,
  POCKET_KMS_TRUST: ['', 'x', ':', 'a:b,c:d'],
  CREDENTIALS_DIRECTORY: FILES,
  XDG_CONFIG_HOME: FILES,
  XDG_DATA_HOME: FILES,
  TZ: ['x', ''],
  COLUMNS: ['x', '0'],
};

function chooser(seed: string) {
  const random = seeded(seed);
  const number = (below: number): number => Buffer.from(random(4)).readUInt32BE() % below;
  return { number, of: <T>(list: readonly T[]): T => list[number(list.length)]! };
}

function lineOf({ number, of }: ReturnType<typeof chooser>, commands: readonly CliCommand[]): string[] {
  const command = of(commands);
  const options = [...Object.keys(command.input.members), ...(number(3) === 0 ? Object.keys(GLOBAL_OPTIONS) : [])];
  const words = command.name.split(' ');
  for (let more = number(5); more > 0 && options.length > 0; more -= 1) {
    const name = of(options)
      .replace(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, '-$&')
      .toLowerCase();
    words.push(`--${name}`, ...(number(8) === 0 ? [] : [of(VALUES)]));
    if (number(12) === 0) words.push(of(VALUES));
  }
  return words.filter((word) => word !== '--follow' && word !== '--debug');
}

interface Ended {
  readonly status: number | 'no end';
  readonly text: string;
}

async function ended(argv: readonly string[], env: Process['env'], random: RandomBytes): Promise<Ended> {
  const home = join(folder, 'home');
  const written: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const status = await Promise.race([
    run({
      argv,
      env: { HOME: home, PATH: '/usr/bin:/bin', ...env },
      cwd: folder,
      home: () => home,
      version: 'fuzz',
      terminal: {
        isTerminal: () => false,
        columns: () => undefined,
        color: () => false,
        has: () => false,
        prompts: {
          passphrase: () => Promise.reject(new Error('nobody to ask')),
          newPassphrase: () => Promise.reject(new Error('nobody to ask')),
          secret: () => Promise.reject(new Error('nobody to ask')),
        },
      },
      clock: () => Date.UTC(2026, 0, 15),
      write: (_, text) => written.push(text) > 0,
      openSession: async (options) => openSession({ ...options, random }),
      serve: () => Promise.reject(new Error('not here')),
      serveXksProxy: () => Promise.reject(new Error('not here')),
      agent: undefined,
    }),
    new Promise<'no end'>((resolve) => {
      timer = setTimeout(resolve, LIMIT, 'no end');
    }),
  ]);
  clearTimeout(timer);
  return { status, text: written.join('') };
}

test(`${LINES} lines from seed ${SEED}`, { timeout: 120_000 + LINES * 50 }, async () => {
  const random = seeded(`keys ${SEED}`);
  const commands = (await everyCommand()).filter(({ name }) => !LEFT_OUT.has(name));
  expect(commands.length).toBeGreaterThan(90);
  const unheard: unknown[] = [];
  const hear = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', hear);
  const choose = chooser(SEED);
  const counts = new Map<number | string, number>();
  const cwd = process.cwd.bind(process);
  process.cwd = () => folder; // what a command resolves by itself
  try {
    expect((await ended(['create-key'], {}, random)).status).toBe(0);
    for (let line = 0; line < LINES; line += 1) {
      const argv = lineOf(choose, commands);
      const env =
        choose.number(4) === 0
          ? Object.fromEntries(
              [choose.of(Object.keys(ENVIRONMENT))].map((name) => [name, choose.of(ENVIRONMENT[name]!)]),
            )
          : {};
      const { status, text } = await ended(argv, env, random);
      const shown = {
        seed: SEED,
        line,
        argv: argv.map((word) => word.slice(0, 100)),
        env,
        status,
        text: text.slice(-500),
      };
      counts.set(status, (counts.get(status) ?? 0) + 1);
      // the AWS CLI ends with 255 for some wrong words too, and so do we
      const isDefect = status === 255 && text.includes('defect of kms');
      if (isDefect || status === 'no end' || /^ {4}at .*:\d+:\d+/m.test(text)) expect.fail(JSON.stringify(shown));
      if (unheard.length > 0) expect.fail(`${String(unheard[0])} in ${JSON.stringify(shown)}`);
    }
  } finally {
    process.cwd = cwd;
    process.off('unhandledRejection', hear);
  }
  if (process.env['FUZZ_LINES']) {
    process.stdout.write(`ended with: ${Array.from(counts, ([status, count]) => `${status} x ${count}`).join(', ')}\n`);
  }
});
