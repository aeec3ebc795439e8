/** The canonical form of a policy: elements in AWS's order, lists sorted, one item without a list, two spaces. */
import { isObject } from '../../model/json-object.ts';

const ORDER =
  'Version Id Statement Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' ');
export const orderOf = (name: string): number => {
  const index = ORDER.indexOf(name);
  return index < 0 ? ORDER.length : index;
};
export const isOrdered = (names: readonly string[]): boolean =>
  names.every((name, index) => index === 0 || orderOf(names[index - 1]!) <= orderOf(name));

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const byLetters = (a: string, b: string): number => compare(a.toLowerCase(), b.toLowerCase()) || compare(a, b);
export const orderActions = (actions: readonly string[]): readonly string[] => actions.toSorted(byLetters);

/**
 * Keeps the meaning: order and repetition in lists, and the order of members, have none.
 * @param text JSON without duplicate names
 */
export function formatPolicy(text: string): string {
  return `${JSON.stringify(canonicalDocument(JSON.parse(text)), undefined, 2)}\n`;
}

/** The same value for documents that differ only in layout and order: what a fingerprint is made of. */
export const canonicalText = (value: unknown): string => JSON.stringify(canonicalStatement(value));

function canonicalDocument(value: unknown): unknown {
  if (!isObject(value)) return value;
  return entries(value, (name, item) => {
    if (name !== 'Statement') return item;
    return Array.isArray(item) ? item.map(canonicalStatement) : [canonicalStatement(item)];
  });
}

function canonicalStatement(value: unknown): unknown {
  if (!isObject(value)) return value;
  return entries(value, (name, item) => {
    if (name === 'Condition') return condition(item);
    if (name === 'Principal' || name === 'NotPrincipal') {
      return isObject(item) ? sortedEntries(item, texts) : item;
    }
    return /^(?:Not)?(?:Action|Resource)$/.test(name) ? texts(item) : item;
  });
}

const condition = (value: unknown): unknown =>
  isObject(value) ? sortedEntries(value, (keys) => (isObject(keys) ? sortedEntries(keys, texts) : keys)) : value;

/** Elements in their order; those that are none at the end, as they came. Built of pairs: `__proto__` is a name like any other. */
function entries(value: object, change: (name: string, item: unknown) => unknown): unknown {
  const pairs = Object.entries(value).toSorted(([a], [b]) => orderOf(a) - orderOf(b));
  return Object.fromEntries(pairs.map(([name, item]) => [name, change(name, item)]));
}

function sortedEntries(value: object, change: (item: unknown) => unknown): unknown {
  const pairs = Object.entries(value).toSorted(([a], [b]) => byLetters(a, b));
  return Object.fromEntries(pairs.map(([name, item]) => [name, change(item)]));
}

function texts(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value;
  if (!value.every((item) => typeof item === 'string')) return value;
  const sorted = orderActions([...new Set(value)]);
  return sorted.length === 1 ? sorted[0] : sorted;
}
