/** Values in files that hold policies among other things, with their places: JSON, YAML and HCL alike. */
import type { Range } from '../../policy/text-place.ts';

/** A run of a string: its text, or the expression that gives it when the template is deployed. */
export type StringPiece = Range & ({ readonly text: string } | { readonly expression: string });

interface StringNode extends Range {
  readonly kind: 'string';
  readonly pieces: readonly StringPiece[];
  /** How a text is written in place of this one. Absent: that is not known. */
  readonly encode?: (text: string) => string;
}

export type SourceNode =
  | (Range & { readonly kind: 'object'; readonly members: readonly SourceMember[]; readonly plain: boolean })
  | (Range & { readonly kind: 'array'; readonly items: readonly SourceNode[]; readonly plain: boolean })
  | StringNode
  | (Range & { readonly kind: 'literal'; readonly json: string })
  /** What the file alone does not tell. */
  | (Range & { readonly kind: 'unknown' });

export interface SourceMember extends Range {
  readonly name: string;
  readonly value: SourceNode;
  /** A part of the name is an expression. */
  readonly isNameUnknown?: true;
}

/** Deeper values are not looked at: no template needs it, and the readers must not run out of stack. */
export const MAX_DEPTH = 64;

export const memberOf = (node: SourceNode | undefined, name: string): SourceNode | undefined =>
  node?.kind === 'object' ? node.members.findLast((member) => member.name === name)?.value : undefined;

/** The text of a string without expressions. */
export function textOf(node: SourceNode | undefined): string | undefined {
  if (node?.kind !== 'string') return undefined;
  const texts = node.pieces.map((piece) => ('text' in piece ? piece.text : undefined));
  return texts.includes(undefined) ? undefined : texts.join('');
}
