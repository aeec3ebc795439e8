/** Places in a policy's text: path, offset, line and column of an element, computed only on demand. */
import { readJsonTree, type JsonNode } from './json-tree.ts';

export type JsonPath = readonly (string | number)[];

export interface TextPlace {
  /** The path in text form: `Statement[1].Condition.StringEquals`. */
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/** Lines and columns of offsets, both from 1; where lines begin is found once for a text. */
export function positionsIn(text: string): (offset: number) => LineAndColumn {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** As people write it. */
export const printPath = (path: JsonPath): string =>
  path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!PLAIN.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');

/** Places in one text: read once, at the first place that is asked for. */
export class Places {
  readonly #text: string;
  #lines: ReturnType<typeof positionsIn> | undefined;
  #tree: ReturnType<typeof readJsonTree> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at({ start, end }: Range, path: JsonPath = []): TextPlace {
    this.#lines ??= positionsIn(this.#text);
    return { path: printPath(path), offset: start, length: end - start, ...this.#lines(start) };
  }

  /**
   * The place of an element: of its value, or with `name` of the member's name. A policy may write one statement (or
   * one value) without a list around it; index 0 then means that very thing. Of duplicate names the last one counts.
   */
  of(path: JsonPath, name = false): TextPlace | undefined {
    const tree = (this.#tree ??= readJsonTree(this.#text));
    if (!('root' in tree)) return undefined;
    let node: JsonNode = tree.root;
    let range: Range = node;
    const taken: (string | number)[] = [];
    for (const step of path) {
      if (typeof step === 'number') {
        if (node.kind !== 'array' && step === 0) continue;
        const item = node.items?.[step];
        if (!item) return undefined;
        range = node = item;
      } else {
        const member = node.members?.findLast((candidate) => candidate.name === step);
        if (!member) return undefined;
        node = member.value;
        range = name ? member : node;
      }
      taken.push(step);
    }
    return this.at(range, taken);
  }
}
