/** Files, folders and standard input, as documents of the linter. */
import { statSync } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import { readText } from '../../files/limited-read.ts';
import type { LintKind } from '../../lint/core/settings.ts';
import { readTolerantly } from '../../lint/core/tolerant.ts';
import { kindOf } from '../../lint/lint.ts';
import type { Document } from '../../lint/run.ts';
import { policiesIn } from '../../lint/sources/policies-in.ts';
import { checkPolicySize } from './policy-file.ts';
import { policyFilesIn } from './policy-folder.ts';

const STANDARD_INPUT = '-';

/** Bytes of a list of grants, some 2,000 of them. */
const MAX_GRANTS = 1 << 20;

/** Files, and the files of folders that have policies. */
export const readFiles = (paths: readonly string[], kind: LintKind | undefined): readonly Document[] =>
  paths.flatMap((path) =>
    path !== STANDARD_INPUT && statSync(path, { throwIfNoEntry: false })?.isDirectory()
      ? policyFilesIn(path).flatMap((file) => readInFolder(file, kind) ?? [])
      : [readFile(path, kind)],
  );

function readFile(path: string, kind: LintKind | undefined): Document {
  const name = path === STANDARD_INPUT ? 'stdin' : path;
  const text = readText(path);
  const container = containerOf(text, name);
  const isFile = path !== STANDARD_INPUT;
  if (container) return { name, text, isFile, ...container };
  checkPolicySize(name, text, MAX_GRANTS);
  if ((kind ?? kindOf(readTolerantly(text))) !== 'grant') checkPolicySize(name, text);
  return { name, text, kind, isFile };
}

/** Of most files in a folder nobody says that they have policies: those that cannot be read have none. */
function readInFolder(path: string, kind: LintKind | undefined): Document | undefined {
  try {
    const document = readFile(path, kind);
    const { policiesIn: policies, text } = document;
    const isOurs = policies
      ? policies(text).length > 0
      : /"(?:Statement|GranteePrincipal)"/.test(text) && /"kms:/i.test(text);
    return isOurs ? document : undefined;
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

/** The last answer is kept: a file is read, linted and shown as it is, most often. */
function lastOf<T>(read: (text: string, account?: string) => T): (text: string, account?: string) => T {
  let last: { readonly name: string; readonly answer: T } | undefined;
  return (text, account) => {
    const name = `${account} ${text}`;
    if (last?.name !== name) last = { name, answer: read(text, account) };
    return last.answer;
  };
}

function containerOf(text: string, name: string): Pick<Document, 'policiesIn'> | undefined {
  const read = lastOf((now: string, account?: string) => policiesIn(now, { name, account }));
  return read(text) ? { policiesIn: (now, account) => read(now, account) ?? [] } : undefined;
}
