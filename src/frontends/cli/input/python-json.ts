/** JSON as Python reads it, with Python 3.14's error texts and places. */
import { dict, type Dict, type Float, type Value } from '../values/python-value.ts';

/** `MESSAGE: line L column C (char N)`; lines and columns count from 1, char from 0, all in code points. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  constructor(message: string, text: string, index: number) {
    const before = text.slice(0, index);
    const line = before.split('\n').length;
    const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
    super(`${message}: line ${line} column ${column} (char ${Array.from(before).length})`);
  }
}

/** What a document may be nested; deeper ones would exhaust the stack, in Python too. */
const DEEPEST = 1000;

const LITERALS = new Map<string, Value>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', { type: 'float', value: Number.NaN }],
  ['Infinity', { type: 'float', value: Number.POSITIVE_INFINITY }],
  ['-Infinity', { type: 'float', value: Number.NEGATIVE_INFINITY }],
]);
const LITERAL = /null|true|false|NaN|-?Infinity/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const PLAIN = /[^"\\\x00-\x1f]*/y;
const ESCAPES: { readonly [letter: string]: string } = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Duplicate keys keep the first one's place and the last one's value; NaN and Infinity are read. */
export function parseJson(text: string, objects: Dict['type']): Value {
  return new Reader(text, objects).document();
}

class Reader {
  readonly #text: string;
  readonly #objects: Dict['type'];
  #at = 0;
  #depth = 0;

  constructor(text: string, objects: Dict['type']) {
    this.#text = text;
    this.#objects = objects;
  }

  document(): Value {
    if (this.#text.startsWith('\ufeff')) throw this.#error('Unexpected UTF-8 BOM (decode using utf-8-sig)');
    this.#take(SPACE);
    const value = this.#value();
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw this.#error('Extra data');
    return value;
  }

  #value(): Value {
    const next = this.#text[this.#at];
    if (next === '"') return this.#string();
    if (next === '{') return this.#nested(() => this.#object());
    if (next === '[') return this.#nested(() => this.#array());
    const literal = this.#take(LITERAL);
    if (literal) return LITERALS.get(literal[0])!;
    const number = this.#take(NUMBER);
    if (number) return readNumber(number);
    throw this.#error('Expecting value');
  }

  #nested(read: () => Value): Value {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#error('Nested too deeply');
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): Value {
    const items = new Map<string, Value>();
    this.#at += 1;
    this.#take(SPACE);
    if (this.#skip('}')) return dict(items, this.#objects);
    for (;;) {
      if (this.#text[this.#at] !== '"') throw this.#error('Expecting property name enclosed in double quotes');
      const key = this.#string();
      this.#take(SPACE);
      if (!this.#skip(':')) throw this.#error("Expecting ':' delimiter");
      this.#take(SPACE);
      items.set(key, this.#value());
      if (this.#ends('}', 'object')) return dict(items, this.#objects);
    }
  }

  #array(): Value {
    const items: Value[] = [];
    this.#at += 1;
    this.#take(SPACE);
    if (this.#skip(']')) return items;
    for (;;) {
      items.push(this.#value());
      if (this.#ends(']', 'array')) return items;
    }
  }

  /** After an element: the closing bracket, or a comma and another element. */
  #ends(close: string, kind: string): boolean {
    this.#take(SPACE);
    if (this.#skip(close)) return true;
    const comma = this.#at;
    if (!this.#skip(',')) throw this.#error("Expecting ',' delimiter");
    this.#take(SPACE);
    if (this.#text[this.#at] === close) throw this.#error(`Illegal trailing comma before end of ${kind}`, comma);
    return false;
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    let read = '';
    for (;;) {
      read += this.#take(PLAIN)![0];
      const next = this.#text[this.#at];
      if (next === undefined) throw this.#error('Unterminated string starting at', start);
      if (next === '"') {
        this.#at += 1;
        return read;
      }
      if (next !== '\\') throw this.#error('Invalid control character at');
      read += this.#escape(start);
    }
  }

  #escape(start: number): string {
    const letter = this.#text[this.#at + 1];
    if (letter === undefined) throw this.#error('Unterminated string starting at', start);
    if (letter === 'u') return this.#unicode();
    const character = ESCAPES[letter];
    if (character === undefined) throw this.#error('Invalid \\escape');
    this.#at += 2;
    return character;
  }

  #unicode(): string {
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    // Python wants a character behind the digits before it looks at them
    if (this.#at + 6 >= this.#text.length || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw this.#error('Invalid \\uXXXX escape', this.#at + 1);
    }
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #error(message: string, index = this.#at): JsonError {
    return new JsonError(message, this.#text, index);
  }
}

function readNumber([all, whole, fraction, exponent]: RegExpExecArray): number | bigint | Float {
  if (fraction !== undefined || exponent !== undefined) return { type: 'float', value: Number(all) };
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : BigInt(whole!);
}
