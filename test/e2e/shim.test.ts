import { spawnSync } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workplace, type Workplace } from './command.ts';

interface Stage {
  readonly work: Workplace;
  /** Of the shim, the tools, the real aws. */
  readonly folders: { readonly shim: string; readonly tools: string; readonly real: string; readonly system: string };
  readonly code: string;
  readonly run: (line: string, options?: RunOptions) => { stdout: string; status: number | null };
}

interface RunOptions {
  /** As a function of the shell, not as a script on PATH. */
  readonly eval?: boolean;
  readonly shell?: readonly string[];
  readonly path?: string;
}

/** A `kms` and an `aws` that only tell how they were called, and the shim before them on PATH. */
async function stage(): Promise<Stage> {
  const work = await workplace({ init: false });
  const [tools, real, system] = ['tools', 'real', 'system'].map((name) => join(work.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [tools, real, system]) mkdirSync(folder);
  // what the machine has of a shell, and no aws, though it may have one
  symlinkSync('/bin/sh', join(system, 'sh'));
  const tell = (name: string): string => `#!/bin/sh\nprintf '${name}'; printf '|%s' "$@"; echo\n`;
  writeFileSync(join(tools, 'kms'), tell('kms'), { mode: 0o755 });
  writeFileSync(join(real, 'aws'), tell('aws'), { mode: 0o755 });
  const shim = join(work.folder, "it's a shim");
  await work.text('shim', 'install', shim);
  const code = await work.text('shim');
  return {
    work,
    folders: { shim, tools, real, system },
    code,
    run(line, { eval: evaluated = false, shell = ['/bin/sh'], path } = {}) {
      const usual = [...(evaluated ? [] : [shim]), tools, real, system].join(':');
      const [program, ...options] = shell as [string, ...string[]];
      const { stdout, stderr, status } = spawnSync(program, [...options, '-c', evaluated ? `${code}\n${line}` : line], {
        cwd: work.folder,
        env: { PATH: path ?? usual },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 20_000,
      });
      return { stdout: stdout + stderr, status };
    },
  };
}

const SHELLS: readonly (readonly string[])[] = [
  ['/bin/dash'],
  ['/bin/bash', '--norc'],
  ['/usr/bin/zsh', '-f'],
  ['/bin/busybox', 'sh'],
];

const LINES: readonly [line: string, expected: string][] = [
  ['aws kms list-keys', 'kms|list-keys'],
  ['aws --region us-east-1 kms list-keys --limit 5', 'kms|--region|us-east-1|list-keys|--limit|5'],
  ['aws --region=us-east-1 kms list-keys', 'kms|--region=us-east-1|list-keys'],
  ['aws --profile kms kms list-keys', 'kms|--profile|kms|list-keys'],
  ['aws kms describe-key --key-id kms', 'kms|describe-key|--key-id|kms'],
  ['aws kms encrypt --plaintext "a  b" --key-id "it\'s"', "kms|encrypt|--plaintext|a  b|--key-id|it's"],
  ['aws kms', 'kms|'],
  ['aws sts get-caller-identity --query Arn', 'kms|get-caller-identity|--query|Arn'],
  ['aws --no-cli-pager kms help', 'kms|--no-cli-pager|help'],
  ['aws s3 ls', 'aws|s3|ls'],
  ['aws sts assume-role --role-arn x', 'aws|sts|assume-role|--role-arn|x'],
  ['aws --query kms s3api list-buckets', 'aws|--query|kms|s3api|list-buckets'],
  ['aws --version', 'aws|--version'],
  ['aws', 'aws|'],
];

const ABSENT = 'aws: the AWS CLI is not installed; this aws answers kms and sts get-caller-identity alone\n';

describe.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))('the shim, in %s', (_, shell) => {
  test.each([false, true])('sends words where they belong (as a function: %s)', async (evaluated) => {
    const { run } = await stage();
    for (const [line, expected] of LINES) {
      expect({ line, ...run(line, { eval: evaluated, shell }) }).toEqual({ line, stdout: `${expected}\n`, status: 0 });
    }
  });

  test('as a function it leaves the variables of its caller alone', async () => {
    const { run } = await stage();
    const line = `set -eu; service=web word=a at=b skip=c place=d operation=e rest=f folder=g line=h
      aws kms list-keys; aws s3 ls; echo "$service $word $at $skip $place $operation $rest $folder $line"`;
    expect(run(line, { eval: true, shell })).toEqual({
      stdout: 'kms|list-keys\naws|s3|ls\nweb a b c d e f g h\n',
      status: 0,
    });
  });

  test.each([false, true])(
    'runs no aws of the current folder, whatever PATH says (as a function: %s)',
    async (evaluated) => {
      const { work, folders, run } = await stage();
      writeFileSync(join(work.folder, 'aws'), '#!/bin/sh\necho planted "$@"\n', { mode: 0o755 });
      mkdirSync(join(work.folder, 'bin'));
      writeFileSync(join(work.folder, 'bin/aws'), '#!/bin/sh\necho planted "$@"\n', { mode: 0o755 });
      const { shim, tools, real, system } = folders;
      const rest = `${tools}:${system}`;
      const own = evaluated ? '' : `${shim}:`;
      for (const path of [
        `${own}${rest}:`,
        `${own}:${rest}`,
        `${own}${rest}::`,
        `${own}.:${rest}`,
        `${own}bin:./bin:${rest}`,
      ]) {
        expect({ path, ...run('aws s3 ls', { eval: evaluated, shell, path }) }).toEqual({
          path,
          stdout: ABSENT,
          status: 127,
        });
        const found = run('aws s3 ls', { eval: evaluated, shell, path: `${path}:${real}` });
        expect({ path, ...found }).toEqual({ path, stdout: 'aws|s3|ls\n', status: 0 });
      }
    },
  );

  test('knows itself, by whatever name PATH calls it', async () => {
    const { work, folders, run } = await stage();
    const { shim, tools, real, system } = folders;
    symlinkSync(shim, join(work.folder, 'link'));
    for (const [name, make] of [
      ['file-link', (to: string) => symlinkSync(join(shim, 'aws'), to)],
      ['hard-link', (to: string) => linkSync(join(shim, 'aws'), to)],
      ['copy', (to: string) => cpSync(join(shim, 'aws'), to)],
    ] as const) {
      mkdirSync(join(work.folder, name));
      make(join(work.folder, name, 'aws'));
    }
    const names = [shim, `${shim}/`, `${shim}/.`, `${shim}//`, `${shim}/../it's a shim`, join(work.folder, 'link')];
    const others = ['file-link', 'hard-link', 'copy'].map((name) => join(work.folder, name));
    for (const first of [...names, ...others]) {
      const path = [first, ...names, ...others, tools, system].join(':');
      expect({ first, ...run('aws s3 ls', { shell, path }) }).toEqual({ first, stdout: ABSENT, status: 127 });
      expect(run('aws s3 ls', { shell, path: `${path}:${real}` })).toEqual({ stdout: 'aws|s3|ls\n', status: 0 });
      expect(run('aws s3 ls', { shell, path: `${path}:${real}`, eval: true })).toEqual({
        stdout: 'aws|s3|ls\n',
        status: 0,
      });
    }
  });

  test('hands PATH on as it is, and the real aws may call aws again', async () => {
    const { folders, run } = await stage();
    const { shim, tools, real, system } = folders;
    const again = '#!/bin/sh\nif [ "$1" = s3 ]; then aws ec2; aws kms list-keys; else echo "$1 $PATH"; fi\n';
    writeFileSync(join(real, 'aws'), again, { mode: 0o755 });
    const path = [shim, '', tools, real, system, ''].join(':');
    expect(run('aws s3', { shell, path })).toEqual({ stdout: `ec2 ${path}\nkms|list-keys\n`, status: 0 });
  });

  test('called by itself in a way that it does not know, it ends', async () => {
    const { work, folders, run } = await stage();
    const { shim, tools, system } = folders;
    mkdirSync(join(work.folder, 'wrapper'));
    const wrapper = `#!/bin/sh\n\nexec "${shim.replaceAll('"', '')}/aws" "$@"\n`;
    writeFileSync(join(work.folder, 'wrapper/aws'), wrapper, { mode: 0o755 });
    const path = [shim, join(work.folder, 'wrapper'), tools, system].join(':');
    expect(run('aws s3 ls', { shell, path })).toEqual({
      stdout: 'aws: the shim of pocket-kms was called by itself\n',
      status: 127,
    });
  });
});

test('an existing aws is never replaced', async () => {
  const work = await workplace({ init: false });
  await work.text('shim', 'install', '.');
  const { exitCode, stderr } = await work.kms('shim', 'install', '.');
  expect(exitCode).toBe(253);
  expect(stderr).toContain('exists already\nhint: name another one, or remove it first');
});
