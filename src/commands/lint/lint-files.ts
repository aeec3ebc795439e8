/** Files, folders and standard input, as documents of the linter. */
import { statSync } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import { visible } from '../../model/visible.ts';
import { readText } from '../../files/limited-read.ts';
import type { LintKind } from '../../lint/core/settings.ts';
import { readTolerantly } from '../../lint/core/tolerant.ts';
import { kindOf } from '../../lint/lint.ts';
import type { Document, PolicyContainer } from '../../lint/run.ts';
import { containerOf } from '../../lint/sources/lint-embedded.ts';
import type { Notes } from '../command/capabilities.ts';
import { checkPolicySize } from './policy-file.ts';
import { policyFilesIn } from './policy-folder.ts';

const STANDARD_INPUT = '-';

/** Bytes of a list of grants, some 2,000 of them. */
const MAX_GRANTS = 1 << 20;

export interface ReadFilesDeps extends Notes {
  readonly kind: LintKind | undefined;
}

/** Files, and the files of folders that have policies. */
export const readFiles = (paths: readonly string[], deps: ReadFilesDeps): readonly Document[] =>
  paths.flatMap((path) =>
    path !== STANDARD_INPUT && statSync(path, { throwIfNoEntry: false })?.isDirectory()
      ? policyFilesIn(path).flatMap((file) => readInFolder(file, deps) ?? [])
      : [readFile(path, readText(path), deps.kind)],
  );

function readFile(path: string, text: string, kind: LintKind | undefined): Document {
  const name = path === STANDARD_INPUT ? 'stdin' : path;
  const container = containerOf(text, name);
  const isFile = path !== STANDARD_INPUT;
  if (container) return { name, text, isFile, container };
  checkPolicySize(name, text, MAX_GRANTS);
  if ((kind ?? kindOf(readTolerantly(text))) !== 'grant') checkPolicySize(name, text);
  return { name, text, kind, isFile };
}

/** Of most files in a folder nobody says that they have policies; of those that are not checked, some could have. */
function readInFolder(path: string, { kind, say }: ReadFilesDeps): Document | undefined {
  let text: string | undefined;
  try {
    text = readText(path);
    const document = readFile(path, text, kind);
    const isOurs = document.container ? hasPolicies(document.container) : isPolicy(text);
    return isOurs ? document : undefined;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    if (text === undefined || mayHavePolicy(text)) say(`not checked: ${visible(error.message)}`);
    return undefined;
  }
}

const hasPolicies = ({ count, elsewhere }: PolicyContainer): boolean => count + elsewhere.length > 0;

const isPolicy = (text: string): boolean => /"(?:Statement|GranteePrincipal)"/.test(text) && /"kms:/i.test(text);

const mayHavePolicy = (text: string): boolean =>
  /\b(?:Statement|GranteePrincipal)\b/.test(text) && /\bkms:/i.test(text);
