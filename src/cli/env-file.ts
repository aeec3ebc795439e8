/** Env files: `NAME=VALUE` a line, in which `NAME=kms:BASE64` holds a ciphertext in place of the value. */
import { EnvironmentError } from '../api/error.ts';

export interface Entry {
  readonly name: string;
  readonly value: string;
}

export const CIPHERTEXT = 'kms:';
const LINE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/;

/** Comments and blank lines are skipped; a value may stand in quotes; nothing is expanded. */
export function parseEnvFile(text: string, path: string): readonly Entry[] {
  const entries: Entry[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(?:#.*)?$/.test(line)) return;
    const found = LINE.exec(line);
    if (!found) {
      throw new EnvironmentError(`${path}:${index + 1} is not NAME=VALUE`, ['a comment starts with #']);
    }
    entries.push({ name: found[1]!, value: unquote(found[2]!) });
  });
  return entries;
}

const unquote = (value: string): string =>
  /^'(.*)'$|^"(.*)"$/
    .exec(value)
    ?.slice(1)
    .find((part) => part !== undefined) ?? value;

/** The text with this entry in place of the one of its name, or at its end; every other line stays as it is. */
export function withEntry(text: string, { name, value }: Entry): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const at = lines.findLastIndex((line) => LINE.exec(line)?.[1] === name);
  if (at === -1) lines.push(`${name}=${value}`);
  else lines[at] = `${name}=${value}`;
  return `${lines.join('\n')}\n`;
}
