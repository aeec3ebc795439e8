/** A policy in a file, written as JSON of its own, with the way back from every place in it to the file. */
import type { JsonPath, Range } from '../../policy/text-place.ts';
import { readFunction } from './intrinsics.ts';
import { MARK, partOf, wellKnown, wholeOf, type Assumptions } from './unresolved.ts';
import type { StringPiece, SourceNode } from './source-node.ts';

interface Segment extends Range {
  /** In the policy. */
  readonly at: number;
  readonly length: number;
}

export interface RenderedPolicy {
  readonly text: string;
  /** The range in the file. */
  readonly sourceOf: (range: Range) => Range;
  /** Ranges in the file whose values it does not tell. */
  readonly unknown: readonly Range[];
  /** The account stands for a pseudo parameter. */
  readonly usesAccount: boolean;
  /** Where all of the policy is, and how a text of it, whole or in part, is written there. Absent: that is not known. */
  readonly written?: Range & {
    readonly encode: (text: string) => string;
    readonly encodePart: (text: string) => string;
  };
}

export function renderPolicy(node: SourceNode, source: string, choice: Assumptions): RenderedPolicy {
  const renderer = new Renderer(choice);
  if (node.kind === 'string') renderer.text(node.pieces);
  else renderer.value(node, []);
  const rendered = renderer.result();
  if (node.kind === 'object' && node.plain && !renderer.hasFunctions) return verbatim(node, { source, rendered });
  return { ...rendered, ...writtenAs(node, source) };
}

/** JSON within JSON. */
function verbatim(
  { start, end }: Range,
  { source, rendered }: { source: string; rendered: RenderedPolicy },
): RenderedPolicy {
  const same = (text: string): string => text;
  return {
    ...rendered,
    text: source.slice(start, end),
    sourceOf: (range) => ({ start: start + range.start, end: start + range.end }),
    written: { start, end, encode: same, encodePart: same },
  };
}

/** A text that is not JSON, or a value that is, can be changed in place if writing it gives what is there. */
function writtenAs(node: SourceNode, source: string): Pick<RenderedPolicy, 'written'> {
  if (node.kind !== 'string' || !node.encode) return {};
  const { start, end, encode, pieces } = node;
  const text = pieces.map((piece) => ('text' in piece ? piece.text : '')).join('');
  if (encode(text) !== source.slice(start, end)) return {};
  return { written: { start, end, encode, encodePart: (part) => encode(part).slice(1, -1) } };
}

class Renderer {
  readonly #choice: Assumptions;
  readonly #segments: Segment[] = [];
  readonly #unknown: Range[] = [];
  readonly #numbers = new Map<string, number>();
  #text = '';
  #usesAccount = false;
  hasFunctions = false;

  constructor(choice: Assumptions) {
    this.#choice = choice;
  }

  result(): RenderedPolicy {
    const segments = this.#segments;
    return {
      text: this.#text,
      unknown: this.#unknown,
      usesAccount: this.#usesAccount,
      sourceOf: ({ start, end }) => {
        const from = segmentAt(segments, start);
        const to = segmentAt(segments, Math.max(start, end - 1));
        if (!from || !to) return { start: 0, end: 0 };
        const first = isExact(from) ? from.start + Math.min(start - from.at, from.length) : from.start;
        const last = isExact(to) ? to.start + Math.min(end - to.at, to.length) : to.end;
        return { start: first, end: Math.max(first, last) };
      },
    };
  }

  /** A policy that is a text in the file. */
  text(pieces: readonly StringPiece[]): void {
    for (const piece of pieces) {
      if ('text' in piece) this.#push(piece.text, piece);
      else this.#expression(piece, this.#text.slice(-200));
    }
  }

  #expression(piece: Extract<StringPiece, { expression: string }>, before: string): void {
    const known = wellKnown(piece.expression, this.#choice);
    if (known !== undefined) {
      this.#usesAccount ||= known === this.#choice.account;
      return this.#push(known, piece);
    }
    this.#unknown.push(piece);
    this.#push(partOf(before, this.#numberOf(piece.expression), this.#choice), piece);
  }

  value(node: SourceNode, path: JsonPath): void {
    const called = readFunction(node);
    if (called) this.hasFunctions = true;
    const read = called ?? node;
    const names = path.filter((step) => typeof step === 'string');
    switch (read.kind) {
      case 'object':
        return this.#object(read, path);
      case 'array':
        return this.#list(read, (item, index) => this.value(item, [...path, index]), names);
      case 'literal':
        return this.#push(read.json, read);
      case 'unknown':
        this.#unknown.push(read);
        return this.#push(wholeOf(names, this.#numberOf(''), this.#choice) ?? 'null', read);
      case 'string':
        return this.#string(read, names);
    }
  }

  #string({ pieces, start, end }: Extract<SourceNode, { kind: 'string' }>, names: readonly string[]): void {
    const [first] = pieces;
    const range = { start, end };
    if (
      pieces.length === 1 &&
      first &&
      'expression' in first &&
      wellKnown(first.expression, this.#choice) === undefined
    ) {
      this.#unknown.push(range);
      return this.#push(wholeOf(names, this.#numberOf(first.expression), this.#choice) ?? 'null', range);
    }
    const before = this.#text.length;
    let text = '';
    for (const piece of pieces) {
      if ('text' in piece) text += piece.text;
      else {
        const known = wellKnown(piece.expression, this.#choice);
        if (known === undefined) this.#unknown.push(range);
        else this.#usesAccount ||= known === this.#choice.account;
        text += known ?? partOf(text, this.#numberOf(piece.expression), this.#choice);
      }
    }
    this.#text += JSON.stringify(text);
    this.#segments.push({ at: before, length: this.#text.length - before, start, end });
  }

  #object({ members, start, end }: Extract<SourceNode, { kind: 'object' }>, path: JsonPath): void {
    this.#push('{ ', { start, end: start + 1 });
    const kept = members.filter(({ value }) => !isNothing(value));
    if (kept.length < members.length) this.hasFunctions = true;
    for (const [index, member] of kept.entries()) {
      if (index > 0) this.#push(', ', { start: member.start, end: member.start });
      if (member.isNameUnknown) this.#unknown.push(member);
      this.#push(JSON.stringify(member.name), member);
      this.#push(': ', { start: member.value.start, end: member.value.start });
      this.value(member.value, [...path, member.name]);
    }
    this.#push(' }', { start: Math.max(start, end - 1), end });
  }

  #list(
    { items, start, end }: Extract<SourceNode, { kind: 'array' }>,
    write: (item: SourceNode, index: number) => void,
    names: readonly string[],
  ): void {
    this.#push('[', { start, end: start + 1 });
    let count = 0;
    for (const item of items) {
      if (isNothing(item)) {
        this.hasFunctions = true;
        continue;
      }
      const isUnknown = (readFunction(item) ?? item).kind === 'unknown';
      if (isUnknown && wholeOf(names, 0, this.#choice) === undefined) {
        this.#unknown.push(item);
        continue;
      }
      if (count > 0) this.#push(', ', { start: item.start, end: item.start });
      write(item, count++);
    }
    this.#push(']', { start: Math.max(start, end - 1), end });
  }

  #push(text: string, { start, end }: Range): void {
    if (text === '') return;
    this.#segments.push({ at: this.#text.length, length: text.length, start, end });
    this.#text += text;
  }

  /** One number for one expression: the same role stays the same. */
  #numberOf(expression: string): number {
    const name = expression === '' ? `${MARK}${this.#numbers.size}` : expression;
    const number = this.#numbers.get(name) ?? this.#numbers.size + 1;
    this.#numbers.set(name, number);
    return number;
  }
}

const isExact = ({ length, start, end }: Segment): boolean => length === end - start;

/** `!Ref AWS::NoValue` takes the member or item away. */
function isNothing(node: SourceNode): boolean {
  const read = readFunction(node);
  const [piece] = read?.kind === 'string' ? read.pieces : [];
  return piece !== undefined && 'expression' in piece && piece.expression === 'AWS::NoValue';
}

function segmentAt(segments: readonly Segment[], offset: number): Segment | undefined {
  let [low, high] = [0, segments.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (segments[middle]!.at <= offset) low = middle;
    else high = middle - 1;
  }
  return segments[low];
}
