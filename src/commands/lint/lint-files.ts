/** Files, folders and standard input, as documents of the linter. */
import { statSync } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import { readText } from '../../files/limited-read.ts';
import type { LintKind } from '../../lint/core/settings.ts';
import { readTolerantly } from '../../lint/core/tolerant.ts';
import { kindOf } from '../../lint/lint.ts';
import type { Document } from '../../lint/run.ts';
import { containerOf } from '../../lint/sources/lint-embedded.ts';
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
  if (container) return { name, text, isFile, container };
  checkPolicySize(name, text, MAX_GRANTS);
  if ((kind ?? kindOf(readTolerantly(text))) !== 'grant') checkPolicySize(name, text);
  return { name, text, kind, isFile };
}

/** Of most files in a folder nobody says that they have policies: those that cannot be read have none. */
function readInFolder(path: string, kind: LintKind | undefined): Document | undefined {
  try {
    const document = readFile(path, kind);
    const { container, text } = document;
    const isOurs = container
      ? container.count > 0
      : /"(?:Statement|GranteePrincipal)"/.test(text) && /"kms:/i.test(text);
    return isOurs ? document : undefined;
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}
