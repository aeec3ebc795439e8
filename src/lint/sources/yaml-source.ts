/** YAML as source nodes: every document of a file, tags of CloudFormation in their long form. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node } from 'yaml';
import type { Range } from '../../policy/text-place.ts';
import { EnvironmentError } from '../../model/error.ts';
import { quotedPieces } from './json-source.ts';
import { MAX_DEPTH, type StringPiece, type SourceMember, type SourceNode } from './source-node.ts';

/** Nodes of a file, those of aliases as often as they are used. */
const MAX_NODES = 200_000;

/** @throws EnvironmentError for a text that is not YAML, or that is too deep or too large once aliases are followed */
export function yamlSources(text: string, name: string): readonly SourceNode[] {
  const lines = new LineCounter();
  const documents = parse(text, name, lines);
  const reader = new YamlReader(text, name);
  return documents.flatMap((document) => {
    const error = document.errors.find(({ code }) => code !== 'TAG_RESOLVE_FAILED');
    if (error) {
      // the parser reports that its own stack was too small as an error of the text
      if (error.message.startsWith('Maximum call stack')) throw tooDeep(name);
      const { line, col } = lines.linePos(error.pos[0]);
      throw new EnvironmentError(
        `${name}:${line}:${col}: ${error.message.split('\n', 1)[0]!.replace(/ at line .*/, '')}`,
      );
    }
    return document.contents ? [reader.read(document.contents, 0)] : [];
  });
}

function parse(text: string, name: string, lineCounter: LineCounter): readonly Document[] {
  try {
    const documents = parseAllDocuments(text, {
      lineCounter,
      prettyErrors: false,
      logLevel: 'silent',
      uniqueKeys: false,
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw tooDeep(name);
  }
}

const tooDeep = (name: string): EnvironmentError => new EnvironmentError(`${name} is nested too deeply`);

class YamlReader {
  readonly #text: string;
  readonly #name: string;
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  /** @param alias where an alias of the value stands: the place of all that is in it */
  read(node: Node, depth: number, alias?: Range): SourceNode {
    if (++this.#nodes > MAX_NODES) throw new EnvironmentError(`${this.#name} has more than ${MAX_NODES} values`);
    const range = alias ?? rangeOf(node);
    if (depth > MAX_DEPTH) return { kind: 'unknown', ...range };
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      return target ? this.read(target, depth + 1, range) : { kind: 'unknown', ...range };
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const value = this.#plain(node, depth, alias);
    const tag = node.tag?.startsWith('!') && !node.tag.startsWith('!!') ? node.tag.slice(1) : undefined;
    return tag === undefined ? value : tagged(tag, value);
  }

  #plain(node: Node, depth: number, alias: Range | undefined): SourceNode {
    const range = alias ?? rangeOf(node);
    const read = (value: unknown, at: number): SourceNode =>
      value == null
        ? { kind: 'literal', ...(alias ?? { start: at, end: at }), json: 'null' }
        : this.read(value as Node, depth + 1, alias);
    if (isMap(node)) {
      const members = node.items.flatMap(({ key, value }): SourceMember[] => {
        if (!isScalar(key)) return [];
        const place = alias ?? rangeOf(key);
        return [{ name: String(key.value), ...place, value: read(value, place.end) }];
      });
      return { kind: 'object', ...range, members, plain: false };
    }
    if (isSeq(node))
      return { kind: 'array', ...range, items: node.items.map((item) => read(item, range.start)), plain: false };
    if (!isScalar(node)) return { kind: 'unknown', ...range };
    const { value } = node;
    if (typeof value === 'boolean' || value === null) return { kind: 'literal', ...range, json: JSON.stringify(value) };
    // a date or number is written as it stands: 2012-10-17, 111122223333
    const own = rangeOf(node);
    const text = typeof value === 'string' ? value : this.#text.slice(own.start, own.end);
    if (alias) return { kind: 'string', ...range, pieces: [{ ...range, text }] };
    return { kind: 'string', ...range, ...this.#written({ ...range, type: node.type ?? 'PLAIN' }, text) };
  }

  /** The pieces of a scalar; one for the whole of it where characters do not correspond. */
  #written({ start, end, type }: { start: number; end: number; type: string }, text: string) {
    const whole: readonly StringPiece[] = [{ start, end, text }];
    const source = this.#text;
    if (type === 'PLAIN') return { pieces: whole };
    if (type === 'QUOTE_DOUBLE') {
      const pieces = quotedPieces(source, { start, end });
      return joined(pieces) === text ? { pieces, encode: JSON.stringify } : { pieces: whole };
    }
    if (type !== 'BLOCK_LITERAL') return { pieces: whole };
    const pieces = blockPieces(source, { start, end }, text);
    return { pieces: joined(pieces) === text ? pieces : whole };
  }
}

function rangeOf({ range }: Pick<Node, 'range'>): Range {
  const [start, end] = range ?? [0, 0];
  return { start, end };
}

const joined = (pieces: readonly StringPiece[]): string =>
  pieces.map((piece) => ('text' in piece ? piece.text : '')).join('');

/** `|`: lines without their indentation. */
function blockPieces(
  source: string,
  { start, end }: { start: number; end: number },
  text: string,
): readonly StringPiece[] {
  const pieces: StringPiece[] = [];
  let at = source.indexOf('\n', start) + 1;
  const indent = /^ */.exec(source.slice(at).replace(/^(?: *\r?\n)*/, ''))![0].length;
  let left = text;
  while (at > 0 && at < end && left !== '') {
    const next = source.indexOf('\n', at);
    const to = next < 0 || next >= end ? end : next + 1;
    const line = source.slice(at, to);
    const from = at + Math.min(indent, /^ */.exec(line)![0].length);
    const written = source.slice(from, to).replace('\r\n', '\n').slice(0, left.length);
    pieces.push({ start: from, end: from + written.length, text: written });
    left = left.slice(written.length);
    at = to;
  }
  return pieces;
}

/** `!Ref x` is `{"Ref": x}`, `!Sub` is `{"Fn::Sub": ...}`; `!GetAtt a.b` has its list as text. */
function tagged(tag: string, value: SourceNode): SourceNode {
  const { start, end } = value;
  const name = tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`;
  return { kind: 'object', start, end, members: [{ name, start, end: start, value }], plain: false };
}
