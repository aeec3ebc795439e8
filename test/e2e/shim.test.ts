/** The shim in several shells: which calls go where, and that no program of the current folder runs. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BIN, workplace } from './command.ts';

const SHELLS: { readonly [name: string]: readonly string[] } = {
  dash: ['/usr/bin/dash'],
  bash: ['/usr/bin/bash', '--norc'],
  zsh: ['/usr/bin/zsh', '-f'],
  busybox: ['/usr/bin/busybox', 'sh'],
};
const FOLDERS = { shim: "it's a [*] shim", tools: 'the tools', real: 'r*l "x"' };

interface Stage {
  /** The current folder, with an `aws` and a `kms` of somebody else. */
  readonly here: string;
  readonly at: (...parts: string[]) => string;
  /** Runs a line with these entries on PATH, as the shell whose shim it is. */
  readonly run: (line: string, path: readonly string[]) => { readonly printed: string; readonly status: number | null };
}

interface Staged {
  readonly shell: string;
  /** The function that `kms shim` prints, in place of the program. */
  readonly evaluated?: boolean;
}

/** A `kms` and an `aws` that only tell how they were called; the shim needs no other program on PATH. */
async function stage({ shell, evaluated = false }: Staged): Promise<Stage> {
  const work = await workplace({ init: false });
  const at = (...parts: string[]): string => join(work.folder, ...parts);
  const here = at('here');
  for (const folder of [here, at(FOLDERS.tools), at(FOLDERS.real)]) mkdirSync(folder);
  const tell = (name: string): string => `#!/bin/sh\nprintf '${name}'; printf '|%s' "$@"; echo\n`;
  writeFileSync(at(FOLDERS.tools, 'kms'), tell('kms'), { mode: 0o755 });
  writeFileSync(at(FOLDERS.real, 'aws'), tell('aws'), { mode: 0o755 });
  mkdirSync(join(here, 'bin'));
  for (const name of ['aws', 'kms', 'bin/aws', 'bin/kms']) {
    writeFileSync(join(here, name), tell('PLANTED'), { mode: 0o755 });
  }
  await work.text('shim', 'install', at(FOLDERS.shim));
  const words = SHELLS[shell]!;
  const program = at(FOLDERS.shim, 'aws');
  const interpreter = words.filter((word) => !word.startsWith('-')).join(' ');
  writeFileSync(program, readFileSync(program, 'utf8').replace(/^#!.*/, `#!${interpreter}`));
  const code = evaluated ? `${await work.text('shim')}\n` : '';
  return {
    here,
    at,
    run(line, path) {
      const [file, ...options] = words;
      const { stdout, stderr, status } = spawnSync(file!, [...options, '-c', `${code}${line}`], {
        cwd: here,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: path.join(':') },
        encoding: 'utf8',
        timeout: 10_000,
      });
      return { printed: stdout + stderr, status };
    },
  };
}

const LINES: readonly [line: string, expected: string][] = [
  ['aws kms list-keys', 'kms|list-keys'],
  ['aws --region us-east-1 kms list-keys --limit 5', 'kms|--region|us-east-1|list-keys|--limit|5'],
  ['aws --region=us-east-1 kms list-keys', 'kms|--region=us-east-1|list-keys'],
  ['aws --profile kms kms list-keys', 'kms|--profile|kms|list-keys'],
  ['aws kms describe-key --key-id kms', 'kms|describe-key|--key-id|kms'],
  ['aws kms encrypt --plaintext "a  b" --key-id "it\'s"', "kms|encrypt|--plaintext|a  b|--key-id|it's"],
  ['aws kms encrypt --plaintext "*" --key-id ""', 'kms|encrypt|--plaintext|*|--key-id|'],
  ['aws kms', 'kms|'],
  ['aws sts get-caller-identity --query Arn', 'kms|get-caller-identity|--query|Arn'],
  ['aws --no-cli-pager kms help', 'kms|--no-cli-pager|help'],
  ['aws s3 ls', 'aws|s3|ls'],
  ['aws s3 cp "a  b" "*" ""', 'aws|s3|cp|a  b|*|'],
  ['aws sts assume-role --role-arn x', 'aws|sts|assume-role|--role-arn|x'],
  ['aws --query kms s3api list-buckets', 'aws|--query|kms|s3api|list-buckets'],
  ['aws --version', 'aws|--version'],
  ['aws', 'aws|'],
];

/** Entries of PATH that lead to the shim again, given where everything is. */
const SPELLED: { readonly [how: string]: (stage: Stage) => readonly string[] } = {
  'its folder with a slash': ({ at }) => [`${at(FOLDERS.shim)}/`],
  'its folder with a dot': ({ at }) => [`${at(FOLDERS.shim)}/.`],
  'its folder by way of another': ({ at }) => [at(FOLDERS.real) + `/../${FOLDERS.shim}`],
  'its folder, relative': () => [`../${FOLDERS.shim}`],
  'its folder three times': ({ at }) => [at(FOLDERS.shim), at(FOLDERS.shim), at(FOLDERS.shim)],
  'a link to its folder': ({ at }) => {
    symlinkSync(at(FOLDERS.shim), at('link'));
    return [at('link')];
  },
  'a link to it': ({ at }) => {
    mkdirSync(at('links'));
    symlinkSync(at(FOLDERS.shim, 'aws'), at('links', 'aws'));
    return [at('links')];
  },
  'another name of its file': ({ at }) => {
    mkdirSync(at('hard'));
    linkSync(at(FOLDERS.shim, 'aws'), at('hard', 'aws'));
    return [at('hard')];
  },
  'copies of it': ({ at }) => {
    for (const name of ['copy', 'copy 2']) {
      mkdirSync(at(name));
      copyFileSync(at(FOLDERS.shim, 'aws'), at(name, 'aws'));
    }
    return [at('copy'), at('copy 2')];
  },
  'files that are no program': ({ at }) => {
    mkdirSync(at('no program'));
    writeFileSync(at('no program', 'aws'), 'echo WRONG', { mode: 0o644 });
    mkdirSync(at('a folder', 'aws'), { recursive: true });
    return [at('no program'), at('a folder')];
  },
};

const CURRENT: { readonly [how: string]: readonly string[] } = {
  'empty entries': ['', ''],
  'a dot': ['.', './'],
  'relative ones': ['bin', './bin', '../here', '../here/.', 'bin/..'],
};

const NO_AWS =
  'aws: no AWS CLI on PATH, whose empty and relative entries do not count; this aws answers kms, sts get-caller-identity and configure get alone\n';

describe.each(Object.keys(SHELLS))('the shim in %s', (shell) => {
  test.each([false, true])('sends words where they belong (as a function: %s)', async (evaluated) => {
    const { run, at } = await stage({ shell, evaluated });
    const path = [...(evaluated ? [] : [at(FOLDERS.shim)]), at(FOLDERS.tools), at(FOLDERS.real)];
    for (const [line, expected] of LINES) {
      expect({ line, ...run(line, path) }).toEqual({ line, printed: `${expected}\n`, status: 0 });
    }
  });

  test.each([false, true])('without an AWS CLI kms answers configure get (as a function: %s)', async (evaluated) => {
    const { run, at } = await stage({ shell, evaluated });
    const path = [...(evaluated ? [] : [at(FOLDERS.shim)]), at(FOLDERS.tools)];
    const line = 'aws --profile "a  b" configure get default.region';
    expect(run(line, path)).toEqual({ printed: 'kms|--profile|a  b|configure|get|default.region\n', status: 0 });
    expect(run('aws configure list', path)).toEqual({ printed: NO_AWS, status: 127 });
    expect(run(line, [...path, at(FOLDERS.real)])).toEqual({
      printed: 'aws|--profile|a  b|configure|get|default.region\n',
      status: 0,
    });
  });

  test('never runs itself, however PATH spells it', async () => {
    for (const [how, entries] of Object.entries(SPELLED)) {
      const staged = await stage({ shell });
      const shims = [staged.at(FOLDERS.shim), ...entries(staged)];
      for (const first of shims.filter((entry) => entry.startsWith('/'))) {
        const path = [first, ...shims, staged.at(FOLDERS.tools)];
        expect({ how, ...staged.run('aws s3 ls', [...path, staged.at(FOLDERS.real)]) }).toEqual({
          how,
          printed: 'aws|s3|ls\n',
          status: 0,
        });
        expect({ how, ...staged.run('aws s3 ls', path) }).toEqual({ how, printed: NO_AWS, status: 127 });
        expect({ how, ...staged.run('aws kms', path) }).toEqual({ how, printed: 'kms|\n', status: 0 });
      }
    }
  });

  test.each([false, true])('runs nothing of the current folder (as a function: %s)', async (evaluated) => {
    const { run, at } = await stage({ shell, evaluated });
    const shims = evaluated ? [] : [at(FOLDERS.shim)];
    for (const [how, entries] of Object.entries(CURRENT)) {
      for (const path of [
        [...shims, ...entries, at(FOLDERS.tools), at(FOLDERS.real)],
        [...shims, at(FOLDERS.tools), ...entries, at(FOLDERS.real), ...entries],
      ]) {
        expect({ how, ...run('aws s3 ls', path) }).toEqual({ how, printed: 'aws|s3|ls\n', status: 0 });
        expect({ how, ...run('aws kms list-keys', path) }).toEqual({ how, printed: 'kms|list-keys\n', status: 0 });
      }
      const neither = [...shims, ...entries, at('nowhere'), ...entries];
      expect({ how, ...run('aws s3 ls', neither) }).toEqual({ how, printed: NO_AWS, status: 127 });
      expect({ how, ...run('aws kms list-keys', neither) }).toEqual({
        how,
        printed: 'aws: no kms on PATH, whose empty and relative entries do not count\n',
        status: 127,
      });
    }
  });

  test.each([false, true])('hands PATH on as it is (as a function: %s)', async (evaluated) => {
    const { run, at } = await stage({ shell, evaluated });
    const path = [at(FOLDERS.shim), '', at(FOLDERS.tools), '.', at(FOLDERS.real), at(FOLDERS.real), ''];
    writeFileSync(at(FOLDERS.real, 'aws'), '#!/bin/sh\nprintf %s "$PATH"\n', { mode: 0o755 });
    expect(run('aws s3 ls', path)).toEqual({ printed: path.join(':'), status: 0 });
  });

  test('the real aws may call aws again', async () => {
    const { run, at } = await stage({ shell });
    const path = [at(FOLDERS.shim), at(FOLDERS.tools), at(FOLDERS.real)];
    const again = '#!/bin/sh\ncase $1 in s3) aws ec2; aws kms list-keys ;; *) echo "$1" ;; esac\n';
    writeFileSync(at(FOLDERS.real, 'aws'), again);
    expect(run('aws s3', path)).toEqual({ printed: 'ec2\nkms|list-keys\n', status: 0 });
  });

  test.each([
    ['the name', 'exec aws "$@"'],
    ['the path', 'exec "../$SHIM/aws" "$@"'],
  ])('an aws that leads back to it by %s leads to the real one, and no further without one', async (_, back) => {
    const { run, at } = await stage({ shell });
    mkdirSync(at('wrapper'));
    const text = `#!/bin/sh\nSHIM=$(printf '%b' '${FOLDERS.shim.replaceAll("'", '\\0047')}')\n${back}\n`;
    writeFileSync(at('wrapper', 'aws'), text, { mode: 0o755 });
    const path = [at(FOLDERS.shim), at('wrapper'), at(FOLDERS.tools)];
    expect(run('aws s3 ls', [...path, at(FOLDERS.real)])).toEqual({ printed: 'aws|s3|ls\n', status: 0 });
    expect(run('aws s3 ls', path)).toEqual({ printed: NO_AWS, status: 127 });
  });

  test('as a function it leaves the variables of its caller alone, and its status is that of what it ran', async () => {
    const { run, at } = await stage({ shell, evaluated: true });
    const path = [at(FOLDERS.tools), at(FOLDERS.real)];
    const line = `set -eu; service=web word=a at=b skip=c place=d operation=e file=f rest=g
      aws kms list-keys; aws s3 ls; echo "$service $word $at $skip $place $operation $file $rest"`;
    expect(run(line, path)).toEqual({ printed: 'kms|list-keys\naws|s3|ls\nweb a b c d e f g\n', status: 0 });
    writeFileSync(at(FOLDERS.real, 'aws'), '#!/bin/sh\nexit 42\n');
    expect(run('aws s3 ls; echo $?', path)).toEqual({ printed: '42\n', status: 0 });
  });
});

// AWS CLI Command Reference, configure get: reads the configuration file, for the profile that --profile names, and names
// with a dot say their section, such as profile.dev.output. A name that is not set prints nothing and exits with 1
// (awscli/customizations/configure/get.py)
test('configure get behind it reads the configuration of the AWS CLI', async () => {
  const work = await workplace({ init: false });
  await work.text('shim', 'install', 'shims');
  mkdirSync(join(work.folder, '.aws'));
  const config = '[default]\nregion = eu-central-1\n[profile dev]\nregion=eu-west-1\noutput = yaml\n';
  writeFileSync(join(work.folder, '.aws/config'), config);
  mkdirSync(join(work.folder, 'tools'));
  writeFileSync(join(work.folder, 'tools/kms'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, {
    mode: 0o755,
  });
  const get = (...words: string[]) => {
    const env = { HOME: work.folder, PATH: `${join(work.folder, 'shims')}:${join(work.folder, 'tools')}` };
    const { stdout, status } = spawnSync('aws', ['configure', 'get', ...words], { env, encoding: 'utf8' });
    return [stdout, status];
  };
  expect(get('region')).toEqual(['eu-central-1\n', 0]);
  expect(get('region', '--profile', 'dev')).toEqual(['eu-west-1\n', 0]);
  expect(get('profile.dev.output')).toEqual(['yaml\n', 0]);
  expect(get('output')).toEqual(['', 1]);
});

test('an existing aws is never replaced', async () => {
  const work = await workplace({ init: false });
  await work.text('shim', 'install', '.');
  const { exitCode, stderr } = await work.kms('shim', 'install', '.');
  expect(exitCode).toBe(253);
  expect(stderr).toContain('already exists\nhint: specify another file, or remove it first');
});
