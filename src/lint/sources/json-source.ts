/** JSON as source nodes. */
import type { JsonNode } from '../../policy/json-tree.ts';
import type { StringPiece, SourceNode } from './source-node.ts';

/** @param text of the file that the tree is of */
export function jsonSource(node: JsonNode, text: string): SourceNode {
  const { start, end } = node;
  switch (node.kind) {
    case 'object': {
      const members = (node.members ?? []).map(({ name, value, ...at }) => ({
        name,
        start: at.start,
        end: at.end,
        value: jsonSource(value, text),
      }));
      return { kind: 'object', start, end, members, plain: true };
    }
    case 'array':
      return {
        kind: 'array',
        start,
        end,
        items: (node.items ?? []).map((item) => jsonSource(item, text)),
        plain: true,
      };
    case 'string':
      return { kind: 'string', start, end, pieces: quotedPieces(text, { start, end }), encode: JSON.stringify };
    default:
      return { kind: 'literal', start, end, json: JSON.stringify(node.value) };
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const RUNS = /[^\\]+|\\u([0-9a-fA-F]{4})|\\([^])/gy;

/** The runs of a string in double quotes, its escapes each on its own. */
export function quotedPieces(text: string, { start, end }: { start: number; end: number }): readonly StringPiece[] {
  const inner = text.slice(start + 1, Math.max(start + 1, end - 1));
  const pieces: StringPiece[] = [];
  let from = start + 1;
  for (const [run, code, letter] of inner.matchAll(RUNS)) {
    const decoded = code === undefined ? letter && (ESCAPES[letter] ?? letter) : codeUnit(code);
    pieces.push({ start: from, end: from + run.length, text: decoded ?? run });
    from += run.length;
  }
  return pieces;
}

const codeUnit = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));
