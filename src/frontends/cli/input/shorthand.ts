/**
 * The shorthand syntax of maps, structures and their lists, `a=b,c=[d,e],f={g=h}` (AWS CLI User Guide,
 * Using shorthand syntax). The
 * parser does not know shapes; fitToShape() then converts the texts.
 */
import type { Shape } from '../../../model/shape.ts';
import { visible } from '../../../model/visible.ts';
import { readInteger } from './integer.ts';
import { dict, isDict, rstrip, type Dict, type Value } from '../values/python-value.ts';

/** The message is the AWS CLI's; its lines are those that are shown, with a text of several lines as one of them. */
export class ShorthandError extends Error {
  override readonly name = 'ShorthandError';
  readonly lines: readonly string[];
  constructor(message: string, lines: readonly string[] = [message]) {
    super(message);
    this.lines = lines;
  }
}

/** Raised where an alternative may still fit; `index` is the place of the caret. */
class UnexpectedError extends ShorthandError {
  constructor({
    text,
    index,
    expected,
    received,
  }: {
    text: string;
    index: number;
    expected: string;
    received: string;
  }) {
    const head = `Expected: '${expected}', received: '${received}' for input:`;
    super(`${head}\n ${locate(text, index)}`, [head, ` ${text}`, caretIn(text, index)]);
  }
}

/** The text with a caret under the line in which the index is. */
function locate(text: string, index: number): string {
  const lineStart = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1;
  const lineEnd = text.indexOf('\n', index);
  const caret = `${' '.repeat(Array.from(text.slice(lineStart, index)).length)}^`;
  return lineEnd === -1 ? `${text}\n${caret}` : `${text.slice(0, lineEnd)}\n${caret}${text.slice(lineEnd)}`;
}

const caretIn = (text: string, index: number): string =>
  `${' '.repeat(Array.from(visible(text.slice(0, index))).length)}^`;

/** What a document may be nested; deeper ones would exhaust the stack, in Python too. */
const DEEPEST = 300;

const KEY = /[A-Za-z0-9_.#/:-]*/y;
const SPACE = /[ \t\n\r\v\f]*/y;
/** Python's white space in a word that has begun. */
const INNER_SPACE = '\\t-\\r\\x1c- ';
const START = '(?:\\\\,|[!#-&(-+\\x2d-<>-Z\\x5c-z\\x7c-\\uffff])';
const WORD1 = new RegExp(`${START}(?:\\\\,|[${INNER_SPACE}!#-&(-+\\x2d-\\x5c^-|~-\\uffff])*`, 'uy');
const WORD2 = new RegExp(`${START}(?:\\\\,|[${INNER_SPACE}!#-&(-+\\x2d-<>-\\uffff])*`, 'uy');
const QUOTED = {
  "'": { name: 'singled quoted', pattern: /'(?:\\'|[^'])*'/y },
  '"': { name: 'double quoted', pattern: /"(?:\\"|[^"])*"/y },
} as const;

/** Loads a file for `key@=file://...`, or says undefined if the text names none. */
export type LoadFile = (text: string) => string | Uint8Array | undefined;

/** @throws ShorthandError */
export const parseShorthand = (text: string, loadFile: LoadFile): Dict => new Parser(text, loadFile).parameter();

class Parser {
  readonly #text: string;
  readonly #loadFile: LoadFile;
  #at = 0;
  #depth = 0;
  /** The key was written with `@`. */
  #loads = false;

  constructor(text: string, loadFile: LoadFile) {
    this.#text = text;
    this.#loadFile = loadFile;
  }

  parameter(): Dict {
    const items = new Map<string, Value>();
    let end = 0;
    do {
      if (items.size > 0) this.#expect(',');
      const key = this.#keyAndEquals();
      const value = this.#topValue();
      if (items.has(key)) throw duplicate(key, this.#text, end + 1);
      items.set(key, value);
      end = this.#at;
    } while (!this.#ended());
    return dict(items);
  }

  #keyAndEquals(): string {
    const key = this.#take(KEY)!;
    this.#space();
    this.#loads = this.#next() === '@';
    if (this.#loads) this.#expect('@');
    this.#expect('=');
    return key;
  }

  #topValue(): Value {
    if (this.#ended()) return '';
    return this.#bracketed() ?? this.#commaSeparated();
  }

  #bracketed(): Value | undefined {
    if (this.#next() === '[') return this.#nested(() => this.#list());
    if (this.#next() === '{') return this.#nested(() => this.#hash());
    return undefined;
  }

  #nested(read: () => Value): Value {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ShorthandError('Nested too deeply');
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #item(): Value {
    return this.#bracketed() ?? this.#first();
  }

  #list(): Value {
    const items: Value[] = [];
    this.#expect('[');
    while (this.#next() !== ']') {
      items.push(this.#item());
      this.#separator(']');
    }
    this.#at += 1;
    return items;
  }

  #hash(): Value {
    const items = new Map<string, Value>();
    this.#expect('{');
    while (this.#next() !== '}') {
      const key = this.#keyAndEquals();
      const value = this.#item();
      this.#separator('}');
      items.set(key, value);
    }
    this.#at += 1;
    return dict(items);
  }

  #separator(close: string): void {
    this.#space();
    if (this.#next() === close) return;
    this.#expect(',');
  }

  /** `a=b` is a text and `a=b,c` a list, but in `a=b,c=d` the comma separates two keys. */
  #commaSeparated(): Value {
    const first = this.#first();
    this.#space();
    if (this.#next() !== ',') return first;
    this.#expect(',');
    const values = [first];
    try {
      for (;;) {
        const value = this.#second();
        this.#space();
        if (this.#ended()) {
          values.push(value);
          break;
        }
        this.#expect(',');
        values.push(value);
      }
    } catch (error) {
      if (!(error instanceof UnexpectedError) || this.#ended()) throw error;
      // to the comma before, be it an escaped one inside the word
      this.#at = this.#text.lastIndexOf(',', this.#at);
    }
    return values.length === 1 ? first : values;
  }

  #first(): Value {
    return this.#quoted() ?? this.#loaded(unescapeComma(this.#take(WORD1) ?? ''));
  }

  #second(): Value {
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    const word = this.#take(WORD2);
    if (word === undefined) throw this.#unexpected('<second>', '<none>');
    return this.#loaded(unescapeComma(word));
  }

  #quoted(): Value | undefined {
    const mark = this.#next();
    if (mark !== "'" && mark !== '"') return undefined;
    const { name, pattern } = QUOTED[mark];
    const quoted = this.#take(pattern);
    if (quoted === undefined) throw this.#unexpected(`<${name}>`, '<none>');
    return this.#loaded(quoted.slice(1, -1).replaceAll(`\\${mark}`, mark).replaceAll('\\\\', '\\'));
  }

  #loaded(text: string): Value {
    return (this.#loads ? this.#loadFile(text) : undefined) ?? text;
  }

  #expect(character: string): void {
    this.#space();
    const next = this.#next();
    if (next !== character) throw this.#unexpected(character, next ?? 'EOF');
    this.#at += 1;
    this.#space();
  }

  #unexpected(expected: string, received: string): UnexpectedError {
    return new UnexpectedError({ text: this.#text, index: this.#at, expected, received });
  }

  #next(): string | undefined {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? undefined : String.fromCodePoint(code);
  }

  #ended(): boolean {
    return this.#at >= this.#text.length;
  }

  #space(): void {
    this.#take(SPACE);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0];
    if (taken !== undefined) this.#at += taken.length;
    return taken;
  }
}

const unescapeComma = (word: string): string => rstrip(word.replaceAll('\\,', ','));

function duplicate(key: string, text: string, index: number): ShorthandError {
  const head = `Second instance of key "${key}" encountered for input:`;
  const advice = 'This is often because there is a preceding "," instead of a space.';
  return new ShorthandError(`${head}\n${locate(text, index)}\n${advice}`, [head, text, caretIn(text, index), advice]);
}

/** Where the shape is a list and a single value came, it is wrapped; numbers and booleans are read from their text. */
export function fitToShape(shape: Shape, value: Value): Value {
  switch (shape.type) {
    case 'list':
      return Array.isArray(value) ? value.map((item: Value) => fitToShape(shape.of, item)) : [value];
    case 'map':
      return refill(value, (_, item) => fitToShape(shape.value, item));
    case 'structure':
      return refill(value, (key, item) => {
        const member = Object.hasOwn(shape.members, key) ? shape.members[key] : undefined;
        return member ? fitToShape(member.shape, item) : item;
      });
    case 'integer':
      return readInteger(value);
    case 'boolean':
      return BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : '') ?? value;
    default:
      return value;
  }
}

const BOOLEANS = new Map<string, boolean>([
  ['true', true],
  ['false', false],
]);

const refill = (value: Value, each: (key: string, item: Value) => Value): Value =>
  isDict(value) ? dict(new Map(Array.from(value.items, ([key, item]) => [key, each(key, item)])), value.type) : value;
