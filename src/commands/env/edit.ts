/** `kms env edit`: the values of an env file in an editor. Only those that changed are encrypted again. */
import { basename } from 'node:path';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { fileName, namedKey } from '../../model/members.ts';
import { list, string, structure } from '../../model/shape.ts';
import type { CallSeries, OperationCalls } from '../../runtime/capabilities.ts';
import type { Notes, Questions } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { mayBePlain } from './decisive-name.ts';
import { edited, type EditorDeps } from './draft.ts';
import { entryNamed, parseEnvFile, withValues, writtenValue, type EnvEntry } from './env-file.ts';
import { checkValue, currentText, DEFAULT_FILE, envOutput, MAX_FILE, valuesOf, writeEnvFile } from './env-values.ts';
import { encrypted, isEncrypted } from './stored-value.ts';

type EditDeps = EditorDeps & CallSeries & OperationCalls & Questions;

/** The text for the editor, and what is needed to turn its edited form into an env file again. */
interface Opened {
  readonly text: string;
  /** By name and value as they are in the draft: the encrypted value as it is written in the file. */
  readonly stored: ReadonlyMap<string, string>;
  /** Names that are not encrypted in the file. */
  readonly plainNames: ReadonlySet<string>;
  /** ARNs of the keys of the encrypted values. */
  readonly keyIds: ReadonlySet<string>;
}

const inDraft = (name: string, value: string): string => `${name}=${value}`;

async function openedFrom(text: string, file: string, session: CallSeries & Notes): Promise<Opened> {
  const entries = parseEnvFile(text, file);
  const values = new Map<EnvEntry, string>();
  const stored = new Map<string, string>();
  const plainNames = new Set<string>();
  const keyIds = new Set<string>();
  const shown: EnvEntry[] = [];
  for (const entry of entries) {
    const { name, valueAt } = entry;
    const raw = text.slice(valueAt.start, valueAt.end);
    if (!isEncrypted(entry)) {
      if (entry === entryNamed(entries, name)) plainNames.add(name);
      continue;
    }
    stored.set(inDraft(name, entry.value), raw);
    if (entry === entryNamed(entries, name)) shown.push(entry); // else a later line hides it; it stays as it is
  }
  for (const [index, { value, keyId: arn }] of (await valuesOf(shown, file, session)).entries()) {
    const entry = shown[index]!;
    const { name, valueAt } = entry;
    if (arn !== undefined) keyIds.add(arn);
    const written = writtenValue(value);
    if (written === undefined) {
      session.say(`${name} stays encrypted in the draft: an env file has no way to write its value`);
      continue;
    }
    stored.set(inDraft(name, value), text.slice(valueAt.start, valueAt.end));
    values.set(entry, written);
  }
  return { text: withValues(text, values), stored, plainNames, keyIds };
}

function keyOf({ keyIds }: Opened, file: string): string {
  const [first] = keyIds;
  if (first !== undefined && keyIds.size === 1) return first;
  const reason = first === undefined ? 'has no encrypted values' : `has values under ${keyIds.size} KMS keys`;
  throw new EnvironmentError(`${file} ${reason}: --key-id must name the key of new and changed values`);
}

/** An edited draft as an env file. */
interface Closed {
  readonly text: string;
  /** Names whose values were encrypted. */
  readonly names: readonly string[];
}

async function closedFrom(
  draft: string,
  { opened, keyId: key, session }: { opened: Opened; keyId: string; session: EditDeps },
): Promise<Closed> {
  const values = new Map<EnvEntry, string>();
  const names = new Set<string>();
  for (const entry of parseEnvFile(draft, 'the draft')) {
    const { name, value } = entry;
    const before = opened.stored.get(inDraft(name, value));
    const staysPlain = (opened.plainNames.has(name) || value === '') && mayBePlain(name) && !isEncrypted(entry);
    if (before === undefined && staysPlain) continue;
    if (before === undefined) names.add(name);
    values.set(entry, before ?? (await newlyEncrypted(entry, key, session)));
  }
  return { text: withValues(draft, values), names: [...names] };
}

async function newlyEncrypted({ name, value }: EnvEntry, key: string, session: EditDeps): Promise<string> {
  const plaintext = Buffer.from(value);
  checkValue(plaintext, name);
  return encrypted({ name, plaintext, keyId: key }, session);
}

/** A draft that cannot be used is edited again, if a person is there to say so; undefined: nothing was changed. */
async function closedAfterEdits(
  file: string,
  { opened, keyId: key, session }: { opened: Opened; keyId: string; session: EditDeps },
): Promise<Closed | undefined> {
  let { text } = opened;
  for (;;) {
    text = await edited({ text, name: basename(file), limit: MAX_FILE }, session);
    if (text === opened.text) return undefined;
    try {
      return await closedFrom(text, { opened, keyId: key, session });
    } catch (error) {
      if (!(error instanceof EnvironmentError || error instanceof KmsError)) throw error;
      const ask = session.questions();
      if (!ask) throw error;
      session.say(error.message);
      if ((await ask(EDIT_AGAIN)).toLowerCase() !== 'y') throw error;
    }
  }
}

const EDIT_AGAIN = {
  message: 'Edit the draft again? (y or n)',
  defaultValue: 'y',
  check: (answer: string) => (/^[yn]$/i.test(answer.trim()) ? undefined : 'y or n'),
};

export const envEdit = localCommand({
  name: 'EnvEdit',
  command: 'env edit',
  input: structure({ KeyId: namedKey, File: fileName }),
  output: structure({ File: string(), Encrypted: list(string()), Removed: list(string()) }),
  async run({ KeyId, File = DEFAULT_FILE }, session: EditDeps) {
    const output = envOutput(File, session);
    if (output.target.kind !== 'file') throw new EnvironmentError(`${File} is not a regular file`);
    const before = currentText(output, File);
    const opened = await openedFrom(before, File, session);
    // asked for before anything is typed
    const key = KeyId ?? keyOf(opened, File);
    const closed = await closedAfterEdits(File, { opened, keyId: key, session });
    if (!closed) {
      session.say(`${File} is unchanged`);
      return { File, Encrypted: [], Removed: [] };
    }
    await writeEnvFile(output, File, { before, after: closed.text });
    const names = new Set(parseEnvFile(closed.text, File).map(({ name }) => name));
    const removed = new Set(parseEnvFile(before, File).flatMap(({ name }) => (names.has(name) ? [] : [name])));
    return { File, Encrypted: closed.names, Removed: [...removed] };
  },
});
