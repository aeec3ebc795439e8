import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workplace } from './command.ts';

/** A `kms` and an `aws` that only tell how they were called, and the shim before them on PATH. */
async function stage(): Promise<
  (line: string, options?: { eval?: boolean; withoutAws?: boolean }) => { stdout: string; status: number | null }
> {
  const work = await workplace({ init: false });
  const tools = join(work.folder, 'tools');
  const real = join(work.folder, 'real');
  // what the script itself runs, and no aws, though the machine may have one
  const system = join(work.folder, 'system');
  for (const folder of [tools, real, system]) mkdirSync(folder);
  for (const name of ['sh', 'tr', 'grep']) symlinkSync(join('/usr/bin', name), join(system, name));
  const tell = (name: string): string => `#!/bin/sh\nprintf '${name}'; printf '|%s' "$@"; echo\n`;
  writeFileSync(join(tools, 'kms'), tell('kms'), { mode: 0o755 });
  writeFileSync(join(real, 'aws'), tell('aws'), { mode: 0o755 });
  const shim = join(work.folder, "it's a shim");
  await work.text('shim', 'install', shim);
  const code = await work.text('shim');
  return (line, { eval: evaluated = false, withoutAws = false } = {}) => {
    const path = [...(evaluated ? [] : [shim]), tools, ...(withoutAws ? [] : [real]), system].join(':');
    const { stdout, stderr, status } = spawnSync('/bin/sh', ['-c', evaluated ? `${code}\n${line}` : line], {
      env: { PATH: path },
      encoding: 'utf8',
    });
    return { stdout: stdout + stderr, status };
  };
}

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

describe('the shim', () => {
  let run: Awaited<ReturnType<typeof stage>>;
  test.each([false, true])('sends words where they belong (as a function: %s)', async (evaluated) => {
    run = await stage();
    for (const [line, expected] of LINES) {
      expect({ line, ...run(line, { eval: evaluated }) }).toEqual({ line, stdout: `${expected}\n`, status: 0 });
    }
  });

  test('as a function it leaves the variables of its caller alone', async () => {
    run = await stage();
    const line = `set -eu; service=web word=a at=b skip=c place=d operation=e
      aws kms list-keys; aws s3 ls; echo "$service $word $at $skip $place $operation"`;
    expect(run(line, { eval: true })).toEqual({ stdout: 'kms|list-keys\naws|s3|ls\nweb a b c d e\n', status: 0 });
  });

  test('without a real aws it says so', async () => {
    run = await stage();
    expect(run('aws s3 ls', { withoutAws: true })).toEqual({
      stdout: 'aws: the AWS CLI is not installed; this aws answers kms and sts get-caller-identity alone\n',
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
