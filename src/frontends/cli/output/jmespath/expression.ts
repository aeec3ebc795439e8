/**
 * JMESPath expressions: parsed by binding power into functions from a value to a value, as in jmespath.py 1.0: its
 * grammar, its order of texts, its messages.
 */
import { isList, isMap, type Printable } from '../../../../model/printable.ts';
import { str } from '../../values/python.ts';
import { isFalse, isTrue, operators } from './comparison.ts';
import { callFunction, Reference } from './functions.ts';
import { expect, fail, incomplete, listed, peek, take, type Source } from './source.ts';
import { tokenize, type Token, type TokenType } from './tokens.ts';
import { checkAnswer, ValueBudget } from './value-budget.ts';

export type CompiledExpression = (value: Printable) => Printable;

/** A parsed part of an expression: its function, and properties that matter to the parts that follow. */
interface Piece {
  readonly find: CompiledExpression;
  /** The name, if the piece is a bare field: only such a piece can be called. */
  readonly field?: string;
  /** Ends in an index: a slice right behind it does not project (a quirk of jmespath.py). */
  readonly indexed?: true;
  /** Set for `&expression`, which is no value and may only be given to a function. */
  readonly reference?: CompiledExpression;
}

export function parseExpression(text: string): CompiledExpression {
  const budget = new ValueBudget();
  const source: Source = { text, tokens: tokenize(text), at: 0, budget };
  const piece = parsePiece(source, 0);
  const next = peek(source);
  if (next.type !== 'eof') fail(source, next, `Unexpected token: ${str(next.value)}`);
  return (value) => {
    budget.reset();
    return checkAnswer(piece.find(value));
  };
}

const powers: { readonly [type in TokenType]?: number } = {
  pipe: 1,
  or: 2,
  and: 3,
  eq: 5,
  gt: 5,
  lt: 5,
  gte: 5,
  lte: 5,
  ne: 5,
  flatten: 9,
  star: 20,
  filter: 21,
  dot: 40,
  not: 45,
  lbrace: 50,
  lbracket: 55,
  lparen: 60,
};
const power = (type: TokenType): number => powers[type] ?? 0;
/** A token that binds less than this ends a projection. */
const projectionStop = 10;

function parsePiece(source: Source, binding: number): Piece {
  const first = take(source);
  const begin = prefixes[first.type];
  if (!begin) return first.type === 'eof' ? incomplete(source) : fail(source, first, 'invalid token');
  let left = begin(source, first);
  while (binding < power(peek(source).type)) {
    const next = peek(source);
    const goOn = suffixes[next.type];
    if (!goOn) return fail(source, next, 'invalid token');
    source.at += 1;
    left = goOn(source, left);
  }
  return left;
}

const identity: Piece = { find: (value) => value };

/** What a piece can begin with. */
const prefixes: { readonly [type in TokenType]?: (source: Source, token: Token) => Piece } = {
  literal: (_, { value }) => ({ find: () => value }),
  unquoted_identifier: (_, { value }) => fieldPiece(str(value)),
  quoted_identifier: (source, { value }) => {
    const next = peek(source);
    if (next.type === 'lparen') {
      fail(source, { ...next, start: 0 }, 'Quoted identifier not allowed for function names.');
    }
    return fieldPiece(str(value));
  },
  current: () => identity,
  star: (source) =>
    projectValues(
      source,
      identity,
      peek(source).type === 'rbracket' ? identity : parseProjected(source, power('star')),
    ),
  filter: (source) => parseFilter(source, identity),
  flatten: (source) => parseFlatten(source, identity),
  lbrace: (source) => parseHash(source),
  lbracket: (source) => {
    const { type } = peek(source);
    if (type === 'number' || type === 'colon') return parseIndex(source, identity);
    if (type === 'star' && peek(source, 1).type === 'rbracket') {
      source.at += 2;
      return project(source, identity, parseProjected(source, power('star')));
    }
    return parseList(source);
  },
  lparen: (source) => {
    const inner = parsePiece(source, 0);
    expect(source, ['rparen']);
    return inner;
  },
  not: (source) => {
    const inner = parsePiece(source, power('not'));
    return { find: (value) => isFalse(inner.find(value)) };
  },
  expref: (source) => {
    const inner = parsePiece(source, power('expref'));
    const find = (): never => {
      throw new TypeError('Object of type _Expression is not JSON serializable');
    };
    return { find, reference: inner.find };
  },
};

/** Continuations of a part. */
const suffixes: { readonly [type in TokenType]?: (source: Source, left: Piece) => Piece } = {
  dot: (source, left) => {
    if (peek(source).type !== 'star') return chain(left, parseMember(source, power('dot')));
    source.at += 1;
    return projectValues(source, left, parseProjected(source, power('dot')));
  },
  pipe: (source, left) => chain(left, parsePiece(source, power('pipe'))),
  or: (source, left) => {
    const right = parsePiece(source, power('or'));
    return { find: (value) => pick(left.find(value), isTrue, () => right.find(value)) };
  },
  and: (source, left) => {
    const right = parsePiece(source, power('and'));
    return { find: (value) => pick(left.find(value), isFalse, () => right.find(value)) };
  },
  filter: parseFilter,
  flatten: parseFlatten,
  lbracket: (source, left) => {
    const { type } = peek(source);
    if (type === 'number' || type === 'colon') return parseIndex(source, left);
    expect(source, ['star']);
    expect(source, ['rbracket']);
    return project(source, left, parseProjected(source, power('star')));
  },
  lparen: parseCall,
  ...Object.fromEntries(
    Object.entries(operators).map(([type, compare]) => [
      type,
      (source: Source, left: Piece): Piece => {
        const right = parsePiece(source, power(type as TokenType));
        return { find: (value) => compare(left.find(value), right.find(value)) };
      },
    ]),
  ),
};

const pick = (value: Printable, holds: (value: Printable) => boolean, otherwise: () => Printable): Printable =>
  holds(value) ? value : otherwise();

const fieldPiece = (field: string): Piece => ({ find: (value) => fieldOf(value, field), field });

const fieldOf = (value: Printable, name: string): Printable =>
  isMap(value) && Object.hasOwn(value, name) ? value[name]! : null;

const chain = (left: Piece, right: Piece): Piece => ({ find: (value) => right.find(left.find(value)) });

function findAll({ budget }: Source, list: readonly Printable[], { find }: Piece): Printable[] {
  budget.spend(list.length);
  return list.map(find).filter((found) => found !== null);
}

function project(source: Source, left: Piece, right: Piece): Piece {
  return {
    find: (value) => {
      const list = left.find(value);
      return isList(list) ? findAll(source, list, right) : null;
    },
  };
}

function projectValues(source: Source, left: Piece, right: Piece): Piece {
  return {
    find: (value) => {
      const map = left.find(value);
      return isMap(map) ? findAll(source, Object.values(map), right) : null;
    },
  };
}

/** After `[?`. */
function parseFilter(source: Source, left: Piece): Piece {
  const condition = parsePiece(source, 0);
  expect(source, ['rbracket']);
  const right = peek(source).type === 'flatten' ? identity : parseProjected(source, power('filter'));
  const kept: Piece = {
    find: (value) => {
      const list = left.find(value);
      return isList(list) ? list.filter((item) => isTrue(condition.find(item))) : null;
    },
  };
  return project(source, kept, right);
}

/** After `[]`. */
function parseFlatten(source: Source, left: Piece): Piece {
  const flat: Piece = {
    find: (value) => {
      const list = left.find(value);
      if (!isList(list)) return null;
      source.budget.spend(list.reduce((sum: number, item) => sum + (isList(item) ? item.length : 1), 0));
      return list.flatMap((item): readonly Printable[] => (isList(item) ? item : [item]));
    },
  };
  return project(source, flat, parseProjected(source, power('flatten')));
}

/** `[1]`, `[1:]`, `[::-1]`, after the opening bracket. */
function parseIndex(source: Source, left: Piece): Piece {
  if (peek(source).type === 'colon' || peek(source, 1).type === 'colon') {
    const parts = parseSlice(source);
    const sliced: Piece = { find: (value) => (isList(value) ? slice(value, parts) : null) };
    if (left.indexed) return { ...chain(left, sliced), indexed: true };
    return project(source, chain(left, sliced), parseProjected(source, power('star')));
  }
  const index = Number(take(source).value);
  expect(source, ['rbracket']);
  const found: Piece = { find: (value) => (isList(value) ? (value.at(index) ?? null) : null) };
  return { ...chain(left, found), indexed: true };
}

type SliceParts = [start?: number, stop?: number, step?: number];

function parseSlice(source: Source): SliceParts {
  const parts: SliceParts = [];
  let index = 0;
  while (peek(source).type !== 'rbracket') {
    const token = peek(source);
    if (token.type === 'colon') index += 1;
    if (index === 3 || (token.type !== 'colon' && token.type !== 'number')) fail(source, token, 'syntax error');
    if (token.type === 'number') parts[index] = Number(token.value);
    source.at += 1;
  }
  expect(source, ['rbracket']);
  return parts;
}

/** Python's slices. */
function slice(list: readonly Printable[], [start, stop, step = 1]: SliceParts): Printable[] {
  if (step === 0) throw new RangeError('slice step cannot be zero');
  const [lowest, highest] = step > 0 ? [0, list.length] : [-1, list.length - 1];
  const within = (place: number): number =>
    Math.min(highest, Math.max(lowest, place < 0 ? place + list.length : place));
  const from = start === undefined ? (step > 0 ? lowest : highest) : within(start);
  const to = stop === undefined ? (step > 0 ? highest : lowest) : within(stop);
  const found: Printable[] = [];
  for (let index = from; step > 0 ? index < to : index > to; index += step) found.push(list[index]!);
  return found;
}

/** What a projection does with each of its items. */
function parseProjected(source: Source, binding: number): Piece {
  const { type } = peek(source);
  if (power(type) < projectionStop) return identity;
  if (type === 'lbracket' || type === 'filter') return parsePiece(source, binding);
  if (type !== 'dot') return fail(source, peek(source), 'syntax error');
  source.at += 1;
  return parseMember(source, binding);
}

/** What may follow a dot. */
function parseMember(source: Source, binding: number): Piece {
  const token = peek(source);
  if (['quoted_identifier', 'unquoted_identifier', 'star'].includes(token.type)) return parsePiece(source, binding);
  if (token.type !== 'lbracket' && token.type !== 'lbrace') {
    const allowed = ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'];
    fail(source, token, `Expecting: ${listed(allowed)}, got: ${token.type}`);
  }
  source.at += 1;
  return token.type === 'lbracket' ? parseList(source) : parseHash(source);
}

/** `[a, b]`, after the opening bracket. */
function parseList(source: Source): Piece {
  const items = [parsePiece(source, 0)];
  while (peek(source).type !== 'rbracket') {
    expect(source, ['comma']);
    items.push(parsePiece(source, 0));
  }
  source.at += 1;
  const find: CompiledExpression = (value) => {
    if (value === null) return null;
    source.budget.spend(items.length);
    return items.map((item) => item.find(value));
  };
  return { find };
}

/** `{a: b, c: d}`, after the opening brace; the order of the names is kept. */
function parseHash(source: Source): Piece {
  const pairs: [string, Piece][] = [];
  for (;;) {
    const name = expect(source, ['quoted_identifier', 'unquoted_identifier']);
    expect(source, ['colon']);
    pairs.push([str(name.value), parsePiece(source, 0)]);
    if (peek(source).type === 'comma') source.at += 1;
    else if (peek(source).type === 'rbrace') break;
  }
  source.at += 1;
  const find: CompiledExpression = (value) => {
    if (value === null) return null;
    source.budget.spend(pairs.length);
    return Object.fromEntries(pairs.map(([name, piece]): [string, Printable] => [name, piece.find(value)]));
  };
  return { find };
}

/** After `name(`. */
function parseCall(source: Source, left: Piece): Piece {
  const { field } = left;
  if (field === undefined) {
    const token = peek(source, -2);
    return fail(source, token, `Invalid function name '${str(token.value)}'`);
  }
  const given: Piece[] = [];
  while (peek(source).type !== 'rparen') {
    given.push(parsePiece(source, 0));
    if (peek(source).type === 'comma') source.at += 1;
  }
  source.at += 1;
  const find: CompiledExpression = (value) =>
    callFunction(
      field,
      given.map((piece) => (piece.reference ? new Reference(piece.reference) : piece.find(value))),
    );
  return { find };
}
