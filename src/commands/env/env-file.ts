/** Env files: `NAME=VALUE` a line, in which `NAME=kms:BASE64` holds a ciphertext in place of the value. */
import { textLines } from '../../model/lines.ts';
import { fromBase64 } from '../../model/base64.ts';
import { EnvironmentError } from '../../model/error.ts';

export interface EnvEntry {
  readonly name: string;
  readonly value: string;
}

export const CIPHERTEXT = 'kms:';
const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=([^]*)$/;

/** Comments and blank lines are skipped; a value may stand in quotes; nothing is expanded. Lines are never quoted. */
export function parseEnvFile(text: string, path: string): readonly EnvEntry[] {
  const entries: EnvEntry[] = [];
  textLines(text).forEach((line, index) => {
    if (/^\s*(?:#.*)?$/.test(line)) return;
    const found = LINE.exec(line);
    if (!found) {
      throw new EnvironmentError(`${path}:${index + 1} is not NAME=VALUE`, ['a comment starts with #']);
    }
    entries.push({ name: found[1]!, value: unquote(found[2]!.trimEnd()) });
  });
  return entries;
}

const unquote = (value: string): string =>
  /^'(.*)'$|^"(.*)"$/
    .exec(value)
    ?.slice(1)
    .find((part) => part !== undefined) ?? value;

export function ciphertextOf({ name, value }: EnvEntry, path: string): Uint8Array {
  const base64 = value.slice(CIPHERTEXT.length);
  // a truncated value is invalid: values are padded
  const bytes = base64.length % 4 === 0 ? fromBase64(base64) : undefined;
  if (!bytes?.length) {
    throw new EnvironmentError(`${path}: the value of ${name} is not ${CIPHERTEXT} and base64`, [
      `set the value again: kms env set ${name}`,
    ]);
  }
  return bytes;
}

/**
 * Names that make programs load or run other code, or look for it elsewhere: a person who can write the file, but not
 * encrypt under your keys, could run programs as you with them. Many are those that sudo removes from environments
 * (sudoers(5), env_delete). The list cannot be complete, because programs have variables of their own.
 */
const DECISIVE: ReadonlySet<string> = new Set(
  [
    'PATH IFS CDPATH ENV BASH_ENV BASHOPTS SHELLOPTS PS4 GLOBIGNORE FPATH NULLCMD READNULLCMD ZDOTDIR SHELL',
    'EDITOR VISUAL PAGER MANPAGER LESSOPEN LESSCLOSE BROWSER',
    'LIBPATH SHLIB_PATH GCONV_PATH NLSPATH TERMCAP TERMINFO TERMINFO_DIRS HOSTALIASES LOCALDOMAIN RES_OPTIONS',
    'NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH',
    'PERLLIB PERL5LIB PERL5OPT PERL5DB PERLIO_DEBUG RUBYLIB RUBYOPT LUA_INIT PHPRC PHP_INI_SCAN_DIR',
    'PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONINSPECT PYTHONUSERBASE PYTHONWARNINGS PYTHONBREAKPOINT',
    'MAKEFLAGS MAKEFILES GNUMAKEFLAGS AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE',
    'GIT_SSH GIT_SSH_COMMAND GIT_EXEC_PATH GIT_EXTERNAL_DIFF GIT_PAGER GIT_EDITOR GIT_ASKPASS GIT_PROXY_COMMAND',
    'GIT_TEMPLATE_DIR GIT_SEQUENCE_EDITOR SSH_ASKPASS',
  ].flatMap((names) => names.split(' ')),
);
const DECISIVE_BEGINNINGS = [
  'LD_',
  'LDR_',
  '_RLD',
  'DYLD_',
  'BASH_FUNC_',
  'GIT_CONFIG',
  'NPM_CONFIG_',
  'npm_config_',
  'POCKET_KMS_',
] as const;

/** Whether a name may have an unauthenticated value. */
export const mayBePlain = (name: string): boolean =>
  !DECISIVE.has(name) && !DECISIVE_BEGINNINGS.some((beginning) => name.startsWith(beginning));

/** The text with this entry in place of the one of its name, or at its end; every other line stays as it is. */
export function withEntry(text: string, { name, value }: EnvEntry): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const at = lines.findLastIndex((line) => LINE.exec(line)?.[1] === name);
  if (at === -1) lines.push(`${name}=${value}`);
  else lines[at] = `${name}=${value}`;
  return `${lines.join('\n')}\n`;
}
