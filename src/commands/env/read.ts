/** `kms env get`, `list` and `export`: what an env file holds. */
import { fileName } from '../../model/members.ts';
import { boolean, list, oneOf, required, string, structure } from '../../model/shape.ts';
import { EnvironmentError } from '../../model/error.ts';
import type { CallSeries } from '../../runtime/capabilities.ts';
import type { Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { entryNamed, parseEnvFile, writtenValue } from './env-file.ts';
import { absent, DEFAULT_FILE, inMessages, readEnvFile, valuesIn, valuesOf } from './env-values.ts';
import { isEncrypted, keyIdOf } from './stored-value.ts';
import { variableName } from './variable-name.ts';

type DataOutput = Pick<Output, 'printData'>;

export const envGet = localCommand({
  name: 'EnvGet',
  command: 'env get',
  input: structure({ Name: required(variableName), File: fileName }),
  output: structure({}),
  positionals: ['Name'],
  silent: true,
  async run({ Name, File = DEFAULT_FILE }, session: CallSeries & DataOutput) {
    const path = inMessages(File);
    const entry = entryNamed(parseEnvFile(readEnvFile(File), path), Name) ?? absent(path, Name);
    const [found] = await valuesOf([entry], path, session);
    session.printData(found!.value);
    return {};
  },
});

export const envList = localCommand({
  name: 'EnvList',
  command: 'env list',
  input: structure({ File: fileName }),
  output: structure({
    Variables: list(structure({ Name: string(), IsEncrypted: boolean, KeyId: string() })),
  }),
  async run({ File = DEFAULT_FILE }) {
    const path = inMessages(File);
    const entries = new Map(parseEnvFile(readEnvFile(File), path).map((entry) => [entry.name, entry]));
    const Variables = Array.from(entries.values(), (entry) => {
      const KeyId = isEncrypted(entry) ? keyIdOf(entry, path) : undefined;
      return { Name: entry.name, IsEncrypted: isEncrypted(entry), ...(KeyId === undefined ? {} : { KeyId }) };
    });
    return { Variables };
  },
});

type Values = ReadonlyMap<string, string>;

const shellLine = (name: string, value: string): string => `export ${name}='${value.replaceAll("'", `'\\''`)}'`;

function dotenvLine(name: string, value: string): string {
  const written = writtenValue(value);
  if (written !== undefined) return `${name}=${written}`;
  throw new EnvironmentError(`the value of ${name} cannot be written in an env file`, [
    'it contains a carriage return, or all three kinds of quotes: use --format json or shell',
  ]);
}

const lines = (values: Values, line: (name: string, value: string) => string): string =>
  Array.from(values, ([name, value]) => line(name, value)).join('\n');

const FORMATS = {
  shell: (values: Values) => lines(values, shellLine),
  dotenv: (values: Values) => lines(values, dotenvLine),
  json: (values: Values) => JSON.stringify(Object.fromEntries(values), undefined, 2),
} as const;

export const envExport = localCommand({
  name: 'EnvExport',
  command: 'env export',
  input: structure({ Format: oneOf(['shell', 'dotenv', 'json']), File: fileName }),
  output: structure({}),
  silent: true,
  async run({ Format = 'shell', File = DEFAULT_FILE }, session: CallSeries & DataOutput) {
    const text = FORMATS[Format](await valuesIn(File, session));
    if (text !== '') session.printData(text);
    return {};
  },
});
