/** From the words of an option to the value of its member, by shape. */
import type { Shape } from '../../../model/shape.ts';
import { readInteger } from './integer.ts';
import type { MemberOption } from './option.ts';
import { loadParamfile, ParamfileError, type Files } from './paramfile.ts';
import type { Value } from '../values/python-value.ts';
import { parameterError, UsageError } from './usage-error.ts';
import type { Taken } from './words.ts';

export async function readValue({ option, words }: Taken<MemberOption>, files: Files): Promise<Value> {
  if (option.sets !== undefined) return option.sets;
  const loaded = words.length === 1 ? load(option, words[0]!, files) : undefined;
  const reading: Reading = { option, files };
  if (option.shape.type !== 'list') return readOne(option.shape, loaded ?? words[0]!, reading);
  return loaded === undefined
    ? readList(option.shape.of, words, reading)
    : readListFile(option.shape.of, loaded, reading);
}

interface Reading {
  readonly option: MemberOption;
  readonly files: Files;
}

function load(option: MemberOption, word: string, files: Files): string | Uint8Array | undefined {
  try {
    return loadParamfile(word, files);
  } catch (error) {
    throw error instanceof ParamfileError ? parameterError(option.name, error.message) : error;
  }
}

function readOne(shape: Shape, text: string | Uint8Array, reading: Reading): Value | Promise<Value> {
  switch (shape.type) {
    case 'integer':
      return readInteger(text);
    case 'map':
    case 'structure':
      if (typeof text !== 'string') {
        throw new UsageError('other', "'in <string>' requires string as left operand, not int");
      }
      if (looksLikeJson(text)) return readObject(text, reading);
      return readShorthand(shape, text, reading);
    case 'document':
      return readJson(typeof text === 'string' ? text : new TextDecoder().decode(text), reading);
    default:
      return text;
  }
}

/** The first word decides for all; a list of plain values is literal, unless its only word is a JSON list. */
async function readList(of: Shape, words: readonly string[], reading: Reading): Promise<Value> {
  const [first, second] = words;
  if (first !== undefined && second === undefined && opensWith(first, '[')) return readJson(first, reading);
  const values: Value[] = [];
  if (!isComplex(of)) {
    for (const word of words) values.push(await readOne(of, word, reading));
    return values;
  }
  const json = first !== undefined && looksLikeJson(first);
  for (const word of words) {
    values.push(await (json ? readObject(word, reading) : readShorthand(of, word, reading)));
  }
  return values;
}

/** The AWS CLI splits any other file into characters, which is not useful. */
function readListFile(of: Shape, text: string | Uint8Array, reading: Reading): Promise<Value> | Value {
  if (typeof text === 'string') {
    if (opensWith(text, '[')) return readJson(text, reading);
    if (isComplex(of) && opensWith(text, '{')) return readObject(text, reading).then((item) => [item]);
  }
  throw parameterError(reading.option.name, 'a file given for a list must contain a JSON list');
}

async function readObject(text: string, reading: Reading): Promise<Value> {
  if (!opensWith(text, '{')) throw parameterError(reading.option.name, ['Invalid JSON:', text]);
  return readJson(text, reading);
}

async function readJson(text: string, { option }: Reading): Promise<Value> {
  const { JsonError, parseJson } = await import('./python-json.ts');
  try {
    return parseJson(text, 'collections.OrderedDict');
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw parameterError(option.name, [`Invalid JSON: ${error.message}`, `JSON received: ${text}`]);
  }
}

async function readShorthand(shape: Shape, text: string, { option, files }: Reading): Promise<Value> {
  const { fitToShape, parseShorthand, ShorthandError } = await import('./shorthand.ts');
  try {
    return fitToShape(
      shape,
      parseShorthand(text, (word) => loadParamfile(word, files)),
    );
  } catch (error) {
    if (error instanceof ShorthandError) throw parameterError(option.name, error.lines);
    // a file named inside shorthand is not a parameter error in the AWS CLI either
    throw error instanceof ParamfileError ? new UsageError('other', error.message) : error;
  }
}

const isComplex = ({ type }: Shape): boolean => type === 'structure' || type === 'map' || type === 'list';
const opensWith = (text: string, bracket: string): boolean => text.trimStart().startsWith(bracket);
const looksLikeJson = (text: string): boolean => opensWith(text, '{') || opensWith(text, '[');
