/** Edits of a policy's text, of which fixes consist. They change as little as possible and keep the layout. */
import type { JsonMember, JsonNode } from '../../policy/json-tree.ts';
import type { Range } from '../../policy/text-place.ts';

export interface Edit extends Range {
  /** The replacement. */
  readonly text: string;
}

export interface Fix {
  /** Safe: keeps the meaning, or corrects an evident mistake. Unsafe: should be reviewed. */
  readonly safe: boolean;
  readonly title: string;
  readonly edits: readonly Edit[];
}

export const quote = (value: unknown): string => JSON.stringify(value);

export const replace = ({ start, end }: Range, text: string): Edit => ({ start, end, text });

export const wholeMember = ({ start, value }: JsonMember): Range => ({ start, end: value.end });

/** Where one of several neighbors stands among them: they are in the order of the text. */
function indexOf(all: readonly Range[], { start }: Range): number {
  let [low, high] = [0, all.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return all[low]?.start === start ? low : -1;
}

/** Removes one of several siblings, with its comma. */
function removeAmong<T extends Range>(all: readonly T[], one: T, endOf: (one: T) => number): Edit {
  const index = indexOf(all, one);
  const [before, after] = [all[index - 1], all[index + 1]];
  if (after) return { start: one.start, end: after.start, text: '' };
  return { start: before ? endOf(before) : one.start, end: endOf(one), text: '' };
}

/** Removes a member of an object. */
export const removeMember = (object: JsonNode, member: JsonMember): Edit =>
  removeAmong(object.members ?? [], member, ({ value }) => value.end);

/** Removes items of a list; undefined if none would remain. */
export function removeItems(list: JsonNode, gone: readonly JsonNode[]): readonly Edit[] | undefined {
  const items = list.items ?? [];
  const indexes = [...new Set(gone.map((item) => indexOf(items, item)).filter((index) => index >= 0))];
  if (indexes.length === 0 || indexes.length === items.length) return undefined;
  // from the end of the last one that stays before them, else up to the first one that stays after them
  return runsOf(indexes.sort((a, b) => a - b)).map(([from, to]) =>
    from === 0
      ? { start: items[0]!.start, end: items[to + 1]!.start, text: '' }
      : { start: items[from - 1]!.end, end: items[to]!.end, text: '' },
  );
}

/** @param indexes ascending */
function runsOf(indexes: readonly number[]): readonly (readonly [number, number])[] {
  const runs: [number, number][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs;
}

/** Removes one item of a list that has others. */
export const dropItem = (list: JsonNode, item: JsonNode): readonly Edit[] => [
  removeAmong(list.items ?? [], item, ({ end }) => end),
];

const isSpace = (character: string | undefined): boolean => character !== undefined && /\s/.test(character);

/** White space as it stands before something. */
export function spaceBefore(text: string, offset: number): string {
  let start = offset;
  while (start > 0 && isSpace(text[start - 1])) start--;
  return text.slice(start, offset);
}

/** Adds a member at the end of an object, set apart like the one before it. */
export function addMember(text: string, object: JsonNode, { name, json }: { name: string; json: string }): Edit {
  const last = object.members?.at(-1);
  const at = last ? last.value.end : object.start + 1;
  const space = last ? spaceBefore(text, last.start) : ' ';
  const member = `${quote(name)}: ${json}`;
  return { start: at, end: at, text: last ? `,${space || ' '}${member}` : `${space}${member} ` };
}

/** Adds texts to a list, or makes a list of a single text. */
export function addItems(text: string, node: JsonNode, items: readonly string[]): Edit {
  const added = items.map(quote);
  if (node.kind !== 'array') {
    return replace(node, `[${[text.slice(node.start, node.end), ...added].join(', ')}]`);
  }
  const last = node.items?.at(-1);
  if (!last) return replace(node, `[${added.join(', ')}]`);
  const space = spaceBefore(text, last.start) || ' ';
  return { start: last.end, end: last.end, text: added.map((item) => `,${space}${item}`).join('') };
}

/** Replaces an item of a list with several others. */
export const replaceItem = (node: JsonNode, inList: boolean, items: readonly string[]): Edit => {
  const texts = items.map(quote).join(', ');
  return replace(node, inList || items.length === 1 ? texts : `[${texts}]`);
};

/** Adds one test to a statement's condition. */
export function addTest(
  text: string,
  statement: JsonNode,
  { operator, key, value }: { operator: string; key: string; value: unknown },
): Edit {
  const condition = statement.members?.findLast(({ name }) => name === 'Condition')?.value;
  if (condition?.kind !== 'object') {
    return addMember(text, statement, { name: 'Condition', json: print({ [operator]: { [key]: value } }) });
  }
  const block = condition.members?.findLast(({ name }) => name === operator)?.value;
  if (block?.kind !== 'object') return addMember(text, condition, { name: operator, json: print({ [key]: value }) });
  return addMember(text, block, { name: key, json: print(value) });
}

/** The same JSON without white space: names and values as they are written. */
export function minify(text: string, node: JsonNode): string {
  if (node.items) return `[${node.items.map((item) => minify(text, item)).join(',')}]`;
  if (!node.members) return text.slice(node.start, node.end);
  return `{${node.members.map((member) => `${text.slice(member.start, member.end)}:${minify(text, member.value)}`).join(',')}}`;
}

/** JSON on one line, with spaces after commas and colons. */
export function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return quote(value);
  const members = Object.entries(value).map(([name, item]) => `${quote(name)}: ${print(item)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Applies edits that do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
