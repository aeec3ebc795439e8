/** `kms env set`, `unset` and `rewrap`: changes of an env file, of which every other line stays as it is. */
import { EnvironmentError } from '../../model/error.ts';
import { fileName, namedKey } from '../../model/members.ts';
import type { OutputFile } from '../../files/output.ts';
import { list, required, string, structure } from '../../model/shape.ts';
import type { CallSeries, OperationCalls, RandomSource, SecretPrompt } from '../../runtime/capabilities.ts';
import type { StandardStreams } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { entryNamed, parseEnvFile, withoutName, withValue, withValues } from './env-file.ts';
import {
  absent,
  changeEnvFile,
  checkValue,
  currentText,
  DEFAULT_FILE,
  envOutput,
  readEnvFile,
  readValue,
  writeEnvFile,
} from './env-values.ts';
import { encrypted, isEncrypted, rewrapped } from './stored-value.ts';
import { variableName } from './variable-name.ts';

/** From a prompt on a terminal; otherwise standard input without its last line end: what `echo secret |` means. */
async function newValue(name: string, session: SecretPrompt & StandardStreams): Promise<Uint8Array> {
  const bytes = (await session.askSecret(`Value of ${name}:`)) ?? valueFromInput(name, session);
  checkValue(bytes, name);
  return bytes;
}

function valueFromInput(name: string, { isTerminal }: StandardStreams): Uint8Array {
  if (isTerminal('stdin')) {
    // the input would be echoed
    throw new EnvironmentError(`there is no terminal to prompt for the value of ${name}`, [
      'provide it on standard input',
    ]);
  }
  const bytes = readValue(0, name);
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

export const envSet = localCommand({
  name: 'EnvSet',
  command: 'env set',
  input: structure({ Name: required(variableName), KeyId: required(namedKey), File: fileName }),
  output: structure({ File: string(), Name: string() }),
  positionals: ['Name'],
  async run(
    { Name, KeyId, File = DEFAULT_FILE },
    session: RandomSource & SecretPrompt & StandardStreams & OperationCalls,
  ) {
    parseEnvFile(currentText(envOutput(File, session), File), File);
    const plaintext = await newValue(Name, session);
    const value = await encrypted({ name: Name, plaintext, keyId: KeyId }, session);
    const read = (output: OutputFile): string => currentText(output, File);
    await changeEnvFile(File, { read, change: (text) => withValue(text, File, Name, value) }, session);
    return { File, Name };
  },
});

export const envUnset = localCommand({
  name: 'EnvUnset',
  command: 'env unset',
  input: structure({ Name: required(variableName), File: fileName }),
  output: structure({ File: string(), Name: string() }),
  positionals: ['Name'],
  async run({ Name, File = DEFAULT_FILE }, session: RandomSource) {
    const change = (text: string): string => {
      if (!entryNamed(parseEnvFile(text, File), Name)) absent(File, Name);
      return withoutName(text, File, Name);
    };
    await changeEnvFile(File, { read: () => readEnvFile(File), change }, session);
    return { File, Name };
  },
});

export const envRewrap = localCommand({
  name: 'EnvRewrap',
  command: 'env rewrap',
  input: structure({ KeyId: required(namedKey), File: fileName }),
  output: structure({ File: string(), Names: list(string()) }),
  async run({ KeyId, File = DEFAULT_FILE }, session: RandomSource & CallSeries) {
    const output = envOutput(File, session);
    const text = readEnvFile(File);
    // also those that a later line of the same name hides: the old key is to be needed no more
    const entries = parseEnvFile(text, File).filter(isEncrypted);
    const rewritten = await rewrapped({ entries, path: File, keyId: KeyId }, session);
    const after = withValues(text, new Map(entries.map((entry, index) => [entry, rewritten[index]!])));
    await writeEnvFile(output, File, { before: text, after });
    return { File, Names: [...new Set(entries.map(({ name }) => name))] };
  },
});
