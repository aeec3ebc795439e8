/** Shapes as help text: the constraints of a value in a sentence, its shorthand syntax, and the structure of an output. */
import type { Shape, StringShape, StructureShape } from '../../../model/shape.ts';

/** Length, range and pattern, which the text of a member does not repeat. Empty if there are none. */
export function rulesOf(shape: Shape): string {
  switch (shape.type) {
    case 'string':
      return sentence(shape.enum ? '' : range(shape, 'characters'), patternOf(shape));
    case 'blob':
      return sentence(range(shape, 'bytes'), 'in base64, or fileb://PATH');
    case 'integer':
      return sentence(range(shape, ''));
    case 'list':
      return sentence(range(shape, 'items'));
    case 'timestamp':
      return 'A timestamp in ISO 8601 format or in seconds since 1970, in UTC unless it has an offset.';
    default:
      return '';
  }
}

function range({ min, max }: { readonly min?: number; readonly max?: number }, unit: string): string {
  if (min === 1 && max === undefined && unit !== '') return 'not empty';
  const count = (value: number): string => [value, unit].filter((part) => part !== '').join(' ');
  if (min !== undefined && min === max) return `exactly ${count(min)}`;
  if (min !== undefined && max !== undefined) return `${min} to ${count(max)}`;
  if (max !== undefined) return `at most ${count(max)}`;
  return min === undefined || min === 0 ? '' : `at least ${count(min)}`;
}

const patternOf = ({ pattern }: StringShape): string => (pattern === undefined ? '' : `pattern ${pattern}`);

function sentence(...parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join('; ');
  return text === '' ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** The values that are accepted, of a single one or of a list's items. */
export function choicesOf(shape: Shape): readonly string[] | undefined {
  if (shape.type === 'list') return choicesOf(shape.of);
  return shape.type === 'string' ? shape.enum : undefined;
}

/** The same of the members of a structure, by their names. */
export function innerChoicesOf(shape: Shape): readonly (readonly [member: string, choices: readonly string[]])[] {
  if (shape.type === 'list') return innerChoicesOf(shape.of);
  if (shape.type !== 'structure') return [];
  return Object.entries(shape.members).flatMap(([name, member]) => {
    const choices = choicesOf(member.shape);
    return choices ? [[name, choices] as const] : [];
  });
}

/** How a list, map or structure is typed on the command line; undefined for plain values. */
export function shorthandOf(shape: Shape): string | undefined {
  switch (shape.type) {
    case 'list':
      return `${shape.of.type === 'structure' ? pairs(shape.of) : `"${shape.of.type}"`} ...`;
    case 'map':
      return ['KeyName1', 'KeyName2'].map((name) => `${name}=${nested(shape.value)}`).join();
    case 'structure':
      return pairs(shape);
    default:
      return undefined;
  }
}

const pairs = ({ members }: StructureShape): string =>
  Object.entries(members)
    .map(([name, { shape }]) => `${name}=${nested(shape)}`)
    .join(',');

function nested(shape: Shape): string {
  if (shape.type === 'map') return `{${shorthandOf(shape)}}`;
  if (shape.type === 'list') return `${shape.of.type},${shape.of.type}`;
  return shape.type === 'structure' ? `{${pairs(shape)}}` : shape.type;
}

/** The same value as JSON. */
export const jsonOf = (shape: Shape): readonly string[] => JSON.stringify(sample(shape), undefined, 2).split('\n');

function sample(shape: Shape): unknown {
  switch (shape.type) {
    case 'list':
      return [sample(shape.of)];
    case 'map':
      return { KeyName1: sample(shape.value), KeyName2: sample(shape.value) };
    case 'structure':
      return Object.fromEntries(Object.entries(shape.members).map(([name, member]) => [name, sample(member.shape)]));
    default:
      return shape.type;
  }
}

/** `Keys -> (list)` and, indented below, what is in it. */
export const treeOf = ({ members }: StructureShape, depth = 0): readonly string[] =>
  Object.entries(members).flatMap(([name, { shape }]) =>
    [`${'  '.repeat(depth)}${name} -> (${shape.type})`].concat(inner(shape, depth + 1)),
  );

function inner(shape: Shape, depth: number): readonly string[] {
  if (shape.type === 'structure') return treeOf(shape, depth);
  return shape.type === 'list' ? inner(shape.of, depth) : [];
}
