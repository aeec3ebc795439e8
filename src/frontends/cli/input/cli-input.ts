/** `--cli-input-json` and `--cli-input-yaml`: the whole input in one text. */
import { string } from '../../../model/shape.ts';
import { fileHint, withHints, type FileLookup } from './file-hints.ts';
import { CLI_INPUT_JSON, CLI_INPUT_YAML } from './option.ts';
import { loadParamfile, ParamfileError, type Files } from './paramfile.ts';
import { dict, isDict, typeOf, type Instant, type Value } from '../values/python-value.ts';
import { parameterError, UsageError } from './usage-error.ts';
import type { Option, Taken } from './words.ts';

/** Its members, or undefined if neither option was given. */
export async function readCliInput(
  taken: ReadonlyMap<string, Taken<Option>>,
  files: Files & FileLookup,
): Promise<ReadonlyMap<string, Value> | undefined> {
  const json = taken.get(CLI_INPUT_JSON.name);
  const yaml = taken.get(CLI_INPUT_YAML.name);
  if (json && yaml) throw new UsageError('validation', 'Only one --cli-input- parameter may be specified.');
  const given = json ?? yaml;
  if (!given) return undefined;
  const text = load(given, files);
  const value = await withHints(
    () => (json ? readJson(text) : readYaml(text)),
    () => fileHint(given.option.name, DOCUMENT, { word: given.words[0]!, ...files }),
  );
  if (isDict(value)) return value.items;
  throw parameterError(given.option.name, `Invalid type: expecting map, received ${typeOf(value)}`);
}

const DOCUMENT = string();

function load({ option, words }: Taken<Option>, files: Files): string | Uint8Array {
  try {
    return loadParamfile(words[0]!, files) ?? words[0]!;
  } catch (error) {
    throw error instanceof ParamfileError ? parameterError(option.name, error.message) : error;
  }
}

async function readJson(text: string | Uint8Array): Promise<Value> {
  const { JsonError, parseJson } = await import('./python-json.ts');
  try {
    return parseJson(decode(text), 'dict');
  } catch (error) {
    // TypeError: bytes that are not UTF-8
    if (!(error instanceof JsonError || error instanceof TypeError)) throw error;
    throw parameterError('cli-input-json', 'Invalid JSON received.');
  }
}

const decode = (text: string | Uint8Array): string =>
  typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text);

/** Limit of the expansion of YAML aliases: a few lines can expand to more than fits into memory. */
const MAX_ALIASES = 100;

/** YAML 1.2, with `!!binary` and with dates and times. */
async function readYaml(text: string | Uint8Array): Promise<Value> {
  const { parseDocument } = await import('yaml');
  const refused = parameterError('cli-input-yaml', 'Invalid YAML received.');
  let decoded: string;
  try {
    decoded = decode(text);
  } catch {
    throw refused;
  }
  try {
    const document = parseDocument(decoded, {
      intAsBigInt: true,
      customTags: (tags) => [...tags, 'binary', TIMESTAMP_TAG],
    });
    if (document.errors.length > 0) throw refused;
    return fromYaml(document.toJS({ mapAsMap: true, maxAliasCount: MAX_ALIASES }));
  } catch {
    throw refused; // aliases of aliases without end, or nested too deeply, too
  }
}

function fromYaml(value: unknown): Value {
  if (value instanceof Map) return dict(new Map(Array.from(value, ([key, item]) => [String(key), fromYaml(item)])));
  if (Array.isArray(value)) return value.map(fromYaml);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === 'number') return { type: 'float', value };
  if (value instanceof Uint8Array) return new Uint8Array(value);
  return value as Value; // null, boolean, string, Instant
}

const TIMESTAMP_TAG = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[+-]\d\d?(?::?\d\d)?))?)?$/,
  resolve(text: string): Instant | string {
    const dateOnly = /^\d{4}-\d\d?-\d\d?$/.test(text);
    const zoned = /(?:Z|[+-]\d\d?(?::?\d\d)?)$/.test(text.slice('2026-01-01'.length));
    const [, year, month, day, time = ''] = /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)?(.*)$/.exec(text)!;
    const date = `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
    if (dateOnly) return instant('datetime.date', date, date) ?? text;
    const clock = time.replace(/\s/g, '').padStart(time.search(/:/) === 1 ? time.length + 1 : 0, '0');
    return instant('datetime.datetime', `${date}T${clock}${zoned ? '' : 'Z'}`, `${date} ${clock}`) ?? text;
  },
};

function instant(type: Instant['type'], iso: string, text: string): Instant | undefined {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? undefined : { type, at, text };
}
