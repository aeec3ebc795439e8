/** Error-tolerant parsing of a policy's text: reports several syntax errors, and returns the rest as a tree. */
import { createScanner, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { readJsonTree, type JsonMember, type JsonNode } from '../../policy/json-tree.ts';
import type { Range } from '../../policy/text-place.ts';
import type { Fix } from './edit.ts';

export interface SyntaxFault {
  readonly at: Range;
  readonly message: string;
  readonly fix?: Fix;
}

export interface TolerantText {
  readonly root: JsonNode | undefined;
  /** None: the text is JSON. */
  readonly faults: readonly SyntaxFault[];
  readonly comments: readonly Range[];
}

/** Deeper texts are only read up to their first fault: recovery recurses. */
const MAX_DEPTH = 64;

// numbers of SyntaxKind: its declaration is a const enum, which has no value at run time
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA] = [1, 2, 3, 4, 5];
const [LINE_COMMENT, BLOCK_COMMENT, LINE_BREAK, TRIVIA, END] = [12, 13, 14, 15, 17];

/** @param comments whether comments may stand in the text (files named .jsonc) */
export function readTolerantly(text: string, { comments: allowed = false } = {}): TolerantText {
  const strict = readJsonTree(text);
  if ('root' in strict) return { root: strict.root, faults: [], comments: [] };
  const { comments, trailing, depth } = scan(text);
  const { offset, message } = strict.fault;
  if (depth > MAX_DEPTH) {
    return {
      root: undefined,
      faults: [{ at: { start: offset, end: Math.min(offset + 1, text.length) }, message }],
      comments,
    };
  }
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const faults = [
    ...(allowed ? [] : comments.map(commentFault)),
    ...trailing.map(commaFault),
    ...otherFaults(text, errors),
  ];
  if (faults.length === 0 && !allowed) faults.push({ at: { start: offset, end: offset + 1 }, message });
  faults.sort((a, b) => a.at.start - b.at.start);
  return { root: tree && convert(tree, text.length), faults, comments };
}

/** The same text with spaces for its comments: JSON, with everything where it was. */
export function withoutComments(text: string, comments: readonly Range[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of comments) {
    result += text.slice(at, start) + text.slice(start, end).replaceAll(/[^\r\n]/g, ' ');
    at = end;
  }
  return result + text.slice(at);
}

const commentFault = (at: Range): SyntaxFault => ({
  at,
  message: 'comments are not allowed in JSON',
  fix: { safe: true, title: 'remove the comment', edits: [{ ...at, text: '' }] },
});

const commaFault = (at: Range): SyntaxFault => ({
  at,
  message: 'trailing comma',
  fix: { safe: true, title: 'remove the comma', edits: [{ ...at, text: '' }] },
});

interface Scan {
  readonly comments: readonly Range[];
  /** Commas that nothing follows. */
  readonly trailing: readonly Range[];
  readonly depth: number;
}

function scan(text: string): Scan {
  const scanner = createScanner(text);
  const comments: Range[] = [];
  const trailing: Range[] = [];
  let [depth, deepest] = [0, 0];
  let comma: Range | undefined;
  for (let kind: number = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    // the scanner counts a character behind the end of what is not closed
    const range = { start, end: Math.min(start + scanner.getTokenLength(), text.length) };
    if (kind === LINE_COMMENT || kind === BLOCK_COMMENT) comments.push(range);
    if (kind === LINE_COMMENT || kind === BLOCK_COMMENT || kind === LINE_BREAK || kind === TRIVIA) continue;
    if (kind === OPEN_BRACE || kind === OPEN_BRACKET) deepest = Math.max(deepest, ++depth);
    if (kind === CLOSE_BRACE || kind === CLOSE_BRACKET) {
      depth--;
      if (comma) trailing.push(comma);
    }
    comma = kind === COMMA ? range : undefined;
  }
  return { comments, trailing, depth: deepest };
}

/** By number of ParseErrorCode. */
const MESSAGES: Readonly<Record<number, string>> = {
  1: 'not a JSON value; strings must be in double quotes',
  2: 'not a number',
  3: 'expected a name in double quotes',
  4: 'expected a value',
  5: 'expected ":"',
  6: 'expected ","',
  7: 'expected "}"',
  8: 'expected "]"',
  9: 'unexpected content after the end of the document',
  11: 'the comment is not closed',
  12: 'the string is not closed',
  13: 'the number is not complete',
  14: 'invalid \\u escape',
  15: 'invalid escape',
  16: 'control character in a string',
};

/** One fault a place: the parser also reports what follows from the first one, right behind it. */
function otherFaults(text: string, errors: readonly ParseError[]): readonly SyntaxFault[] {
  const faults: SyntaxFault[] = [];
  let covered = -1; // where the last one ends
  for (const { error, offset, length } of errors) {
    const end = Math.min(Math.max(offset + length, offset + 1), text.length);
    if (covered >= 0 && text.slice(covered, offset).trim() === '') continue;
    covered = end;
    faults.push({ at: { start: Math.min(offset, text.length), end }, message: MESSAGES[error] ?? 'invalid JSON' });
  }
  return faults;
}

function convert(node: Node, end: number): JsonNode {
  const place = placeOf(node, end);
  const children = node.children ?? [];
  switch (node.type) {
    case 'object':
      return { kind: 'object', ...place, members: children.flatMap((child) => memberOf(child, end)) };
    case 'array':
      return { kind: 'array', ...place, items: children.map((child) => convert(child, end)) };
    case 'property':
      return { kind: 'null', ...place, value: null }; // never a value
    default:
      return { kind: node.type, ...place, value: node.value as string | number | boolean | null };
  }
}

const placeOf = ({ offset, length }: Node, end: number): Range => ({
  start: Math.min(offset, end),
  end: Math.min(offset + length, end),
});

/** A property whose value is missing is left out. */
function memberOf({ children }: Node, end: number): readonly JsonMember[] {
  const [name, value] = children ?? [];
  if (!name || !value) return [];
  return [{ name: String(name.value), ...placeOf(name, end), value: convert(value, end) }];
}
