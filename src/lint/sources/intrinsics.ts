/**
 * Intrinsic functions of CloudFormation (AWS CloudFormation User Guide, Intrinsic function reference): those that only
 * join what is known become strings, others are unknown.
 */
import type { Range } from '../../policy/text-place.ts';
import { memberOf, textOf, type StringPiece, type SourceNode } from './source-node.ts';

/** `undefined` for a node that is no function. */
export function readFunction(node: SourceNode): SourceNode | undefined {
  if (node.kind !== 'object' || node.members.length !== 1) return undefined;
  const { name, value } = node.members[0]!;
  if (name !== 'Ref' && name !== 'Condition' && !name.startsWith('Fn::')) return undefined;
  const range = { start: node.start, end: node.end };
  const pieces = piecesOf(name, value, range);
  // all of it stands for all of the function
  return pieces
    ? { kind: 'string', ...range, pieces: pieces.map((piece) => Object.assign({}, piece, range)) }
    : { kind: 'unknown', ...range };
}

function piecesOf(name: string, value: SourceNode, range: Range): readonly StringPiece[] | undefined {
  if (name === 'Ref') return [{ ...range, expression: textOf(value) ?? '' }];
  if (name === 'Fn::GetAtt') return [{ ...range, expression: 'Fn::GetAtt' }];
  if (name === 'Fn::Sub') return substituted(value, range);
  return name === 'Fn::Join' ? joined(value, range) : undefined;
}

function substituted(value: SourceNode, { start, end }: Range): readonly StringPiece[] | undefined {
  const template = textOf(value.kind === 'array' ? value.items[0] : value);
  const own = value.kind === 'array' ? value.items[1] : undefined;
  return template?.split(/(\$\{[^}]*\})/).map((part): StringPiece => {
    const variable = /^\$\{([^!}][^}]*)\}$/.exec(part)?.[1];
    if (variable === undefined) return { start, end, text: part.replace(/^\$\{!/, '${') };
    const text = textOf(memberOf(own, variable));
    return text === undefined ? { start, end, expression: variable } : { start, end, text };
  });
}

function joined(value: SourceNode, range: Range): readonly StringPiece[] | undefined {
  if (value.kind !== 'array') return undefined;
  const [separator, list] = value.items;
  const between = textOf(separator);
  if (between === undefined || list?.kind !== 'array') return undefined;
  const parts = list.items.map((item) => readFunction(item) ?? item);
  if (!parts.every((part) => part.kind === 'string')) return undefined;
  const separated: StringPiece[] = [{ ...range, text: between }];
  return parts.flatMap(({ pieces }, index) => (index > 0 ? separated.concat(pieces) : pieces));
}
