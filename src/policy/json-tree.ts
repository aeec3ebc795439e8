/**
 * JSON with places: a strict reader (RFC 8259) that keeps offsets and duplicate names, both of which JSON.parse
 * loses. It is used when a policy is written, linted or explained, never to authorize a call.
 */

export interface JsonNode {
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';
  readonly start: number;
  readonly end: number;
  readonly value?: string | number | boolean | null;
  readonly members?: readonly JsonMember[];
  readonly items?: readonly JsonNode[];
}

export interface JsonMember {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly value: JsonNode;
}

export interface JsonFault {
  readonly offset: number;
  readonly message: string;
}

/** Deeper documents are refused: no policy needs it, and the reader must not run out of stack. */
const MAX_DEPTH = 64;
const SPACE = new Set([' ', '\t', '\n', '\r']);
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORDS = [
  ['true', 'boolean', true],
  ['false', 'boolean', false],
  ['null', 'null', null],
] as const;

class JsonSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function readJsonTree(text: string): { readonly root: JsonNode } | { readonly fault: JsonFault } {
  try {
    return { root: readAll(text) };
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return { fault: { offset: error.offset, message: error.message } };
  }
}

function readAll(text: string): JsonNode {
  let at = 0;
  skip();
  const root = value(1);
  skip();
  if (at < text.length) fail('unexpected content after the end of the document');
  return root;

  function fail(message: string): never {
    throw new JsonSyntaxError(message, at);
  }
  function skip(): void {
    while (SPACE.has(text[at] ?? '')) at++;
  }
  function token(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }
  function value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) fail(`more than ${MAX_DEPTH} levels deep`);
    const start = at;
    if (text[at] === '{') return { kind: 'object', start, members: list('}', () => member(depth)), end: at };
    if (text[at] === '[') return { kind: 'array', start, items: list(']', () => value(depth + 1)), end: at };
    if (text[at] === '"') return { kind: 'string', start, value: string(), end: at };
    for (const [word, kind, meaning] of WORDS) {
      if (!text.startsWith(word, at)) continue;
      at += word.length;
      return { kind, start, value: meaning, end: at };
    }
    const number = token(NUMBER);
    if (number === undefined) fail('expected a value');
    return { kind: 'number', start, value: Number(number), end: at };
  }
  function list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    at++;
    skip();
    if (text[at] === close) {
      at++;
      return items;
    }
    for (;;) {
      items.push(item());
      skip();
      const mark = text[at];
      if (mark !== ',' && mark !== close) fail(`expected "," or "${close}"`);
      at++;
      if (mark === close) return items;
      skip();
    }
  }
  function member(depth: number): JsonMember {
    const start = at;
    if (text[at] !== '"') fail('expected a name in double quotes');
    const name = string();
    const end = at;
    skip();
    if (text[at] !== ':') fail('expected ":"');
    at++;
    skip();
    return { name, start, end, value: value(depth + 1) };
  }
  function string(): string {
    return JSON.parse(
      token(STRING) ?? fail('a string that is not closed, or contains a control character or an invalid escape'),
    );
  }
}
