/** Places in a policy's text: path, offset, line and column of an element, computed only on demand. */
import { readJsonTree, type JsonNode } from './json-tree.ts';

export type JsonPath = readonly (string | number)[];

export interface Place {
  /** As people write it: `Statement[1].Condition.StringEquals`. */
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

export function placeAt(text: string, { start, end }: Range, path: JsonPath = []): Place {
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    path: printPath(path),
    offset: start,
    length: end - start,
    line: before.split('\n').length,
    column: start - lineStart + 1,
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

/**
 * The place of an element: of its value, or with `name` of the member's name. A policy may write one statement (or
 * one value) without a list around it; index 0 then means that very thing. Of duplicate names the last one counts.
 */
export function placeOf(text: string, path: JsonPath, name = false): Place | undefined {
  const tree = readJsonTree(text);
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
  return placeAt(text, range, taken);
}
