/** The pager: shows output on a terminal with `less` or the configured program. */
import { CommandError } from '../../../commands/command/command-error.ts';

export interface Pager {
  /** A command line in shell words: `less -S`. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The pager's command by precedence: `''` means none. */
export function pagerCommand(given: {
  readonly isTerminal: boolean;
  readonly noPager: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** `cli_pager` of the profile. */
  readonly profile?: string | undefined;
}): string {
  if (!given.isTerminal || given.noPager) return '';
  // less warns on a terminal that cannot move its cursor, and waits
  const fallback = given.env['TERM'] === 'dumb' ? '' : 'less';
  return given.env['AWS_PAGER'] ?? given.profile ?? given.env['PAGER'] ?? fallback;
}

/** Shows the text and returns when the reader is done. */
export async function page(text: string, { command, env }: Pager): Promise<void> {
  const { spawnSync } = await import('node:child_process');
  const [program = '', ...options] = shellWords(command);
  const ignore = (): void => {};
  process.on('SIGINT', ignore); // Ctrl-C belongs to the pager as long as it runs
  try {
    const { error } = spawnSync(program, options, {
      input: text,
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { LESS: 'FRX', ...env },
    });
    if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw cannotOpen(error, program);
  } finally {
    process.off('SIGINT', ignore);
  }
}

const systemErrors: { readonly [code: string]: string } = {
  ENOENT: '[Errno 2] No such file or directory',
  EACCES: '[Errno 13] Permission denied',
  ENOTDIR: '[Errno 20] Not a directory',
};

function cannotOpen(error: NodeJS.ErrnoException, program: string): CommandError {
  const known = systemErrors[error.code ?? ''];
  const reason = known === undefined ? error.message : `${known}: '${program}'`;
  const lines = [
    'Unable to redirect output to pager. Received the following error when opening pager:',
    reason,
    '',
    'Learn more about configuring the output pager by running "kms help".',
  ];
  return new CommandError('environment', lines, 'Pager');
}

/** Splits a command into words as a POSIX shell does: blanks, both kinds of quotes, backslashes; no expansion. */
export function shellWords(command: string): string[] {
  const words: string[] = [];
  const piece = /([^\s"'\\]+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|(\s+)/g;
  let word: string | undefined;
  for (const [, plain, single, double, escaped, blank] of command.matchAll(piece)) {
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + (plain ?? single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? '');
    }
  }
  return word === undefined ? words : [...words, word];
}
