/**
 * Golden shell sessions: a text with commands behind `$ `, their output (stdout and stderr as they come), and `[N]`
 * where they exit with N. Lines that start with `# ` are comments. All commands of a session run in one bash.
 *
 * `on-terminal COMMAND` runs a command on a pseudo-terminal of 80 columns, without a pager; escape characters are shown
 * as the symbol ␛.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCRIPT } from '../e2e/command.ts';
import { SESSION_MAIN } from './build-session-main.ts';

export interface Step {
  /** Lines as they stand in the file, with their `$ ` and `> `. */
  readonly command: readonly string[];
  readonly output: readonly string[];
}
export type Part = Step | { readonly comment: string };

const isCommand = (line: string): boolean => line.startsWith('$ ');
const isComment = (line: string): boolean => line.startsWith('# ');

export function parseSession(text: string): readonly Part[] {
  const parts: Part[] = [];
  const lines = text.replace(/\n$/, '').split('\n');
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!;
    if (!isCommand(line)) {
      parts.push({ comment: line });
      at += 1;
      continue;
    }
    const command = [line];
    at += 1;
    while (lines[at]?.startsWith('> ')) command.push(lines[at++]!);
    const output: string[] = [];
    while (at < lines.length && !isCommand(lines[at]!) && !isComment(lines[at]!)) output.push(lines[at++]!);
    let blank = 0;
    while (output.at(-1) === '') {
      output.pop();
      blank += 1;
    }
    parts.push({ command, output }, ...Array.from({ length: blank }, () => ({ comment: '' })));
  }
  return parts;
}

export const printSession = (parts: readonly Part[]): string =>
  `${parts.flatMap((part) => ('comment' in part ? [part.comment] : [...part.command, ...part.output])).join('\n')}\n`;

/** By script(1) of util-linux. */
const ON_TERMINAL = `#!/bin/bash
set -o pipefail
printf -v command '%q ' "$@"
export TERM=xterm SHELL=/bin/sh AWS_PAGER=
${SCRIPT} -qec "stty cols 80 rows 24; $command" /dev/null | sed 's/\\r$//; s/\\x1b/␛/g'
`;

const MARK = '\u001e';

/**
 * Runs all steps; gives the same parts with the output that really came.
 * @param agent calls go through an agent
 */
export function runSession(
  parts: readonly Part[],
  files: { readonly [name: string]: string } = {},
  { agent = false }: { readonly agent?: boolean } = {},
): readonly Part[] {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-session-'));
  try {
    const bin = join(folder, '.bin');
    const work = join(folder, 'work');
    mkdirSync(bin);
    mkdirSync(work);
    writeFileSync(join(bin, 'kms'), `#!/bin/sh\nexec ${process.execPath} ${SESSION_MAIN} "$@"\n`, { mode: 0o755 });
    writeFileSync(join(bin, 'on-terminal'), ON_TERMINAL, { mode: 0o755 });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(work, name), text);
    const steps = parts.filter((part) => 'command' in part);
    const script = steps.map(({ command }) => `${commandText(command)}\nprintf '${MARK}%d\\n${MARK}' "$?"\n`).join('');
    const stdout = execFileSync('bash', ['--norc', '-c', `exec 2>&1 </dev/null\n${script}`], {
      cwd: work,
      env: {
        PATH: `${bin}:${process.env['PATH']}`,
        HOME: folder,
        TZ: 'UTC',
        LC_ALL: 'C.UTF-8',
        ...(agent ? { SESSION_AGENT: '1' } : {}),
      },
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const results = stdout.split(MARK);
    let step = 0;
    return parts.map((part) => {
      if ('comment' in part) return part;
      const [output, status] = [results[2 * step]!, results[2 * step + 1]!.trim()];
      step += 1;
      const lines = output.replaceAll(folder, '~').replace(/\n$/, '').split('\n');
      const kept = lines.length === 1 && lines[0] === '' ? [] : lines;
      return { command: part.command, output: status === '0' ? kept : [...kept, `[${status}]`] };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const commandText = (lines: readonly string[]): string => lines.map((line) => line.slice(2)).join('\n');
