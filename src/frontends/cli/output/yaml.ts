/** YAML output: block style with sorted keys, folded at 80 columns. */
import { byCodePoint } from '../values/code-points.ts';
import { isList, isMap, isNothing, isScalar, type Printable, type PrintableMap } from '../../../model/printable.ts';
import { put, putLine, type YamlDraft } from './yaml-draft.ts';
import { scalarStyle, writeScalar } from './yaml-scalar.ts';

export function printYaml(value: Printable): string {
  if (isNothing(value)) return '';
  if (isScalar(value)) return `${JSON.stringify(value)}\n`; // a lone scalar is JSON, which is YAML too
  return emit(value);
}

/** A page is the one element of a list; all pages, one after another, are one list again. */
export const printYamlStream = (page: Printable): string => (isNothing(page) ? '' : emit([page]));

const step = 2;
/** In bytes; a longer key is written in the form `? key` / `: value`. */
const longestSimpleKey = 128;

function emit(value: Printable): string {
  const draft: YamlDraft = { text: '', column: 0, compact: true };
  writeNode(draft, value, 0);
  return `${draft.text}\n`;
}

function writeNode(draft: YamlDraft, value: Printable, indent: number): void {
  if (isList(value) && value.length > 0) writeList(draft, value, indent);
  else if (isMap(value) && !isNothing(value)) writeMap(draft, value, indent);
  else writeLeaf(draft, value, indent);
}

function writeList(draft: YamlDraft, list: readonly Printable[], indent: number): void {
  for (const item of list) {
    startItem(draft, indent);
    indicate(draft, '-');
    writeNode(draft, item, indent + step);
  }
}

function writeMap(draft: YamlDraft, map: PrintableMap, indent: number): void {
  for (const key of Object.keys(map).sort(byCodePoint)) {
    startItem(draft, indent);
    const value = map[key]!;
    if (isSimpleKey(key)) {
      writeScalar(draft, key, { style: scalarStyle(key), indent, fold: false });
      put(draft, ':');
      writeNode(draft, value, isList(value) && value.length > 0 ? indent : indent + step); // `Keys:` / `- KeyArn:`
    } else {
      indicate(draft, '?');
      writeLeaf(draft, key, indent + step);
      putLine(draft, indent);
      indicate(draft, ':');
      writeNode(draft, value, indent + step);
    }
  }
}

function writeLeaf(draft: YamlDraft, value: Printable, indent: number): void {
  if (draft.column > 0) put(draft, ' ');
  if (typeof value === 'string') writeScalar(draft, value, { style: scalarStyle(value), indent, fold: true });
  else put(draft, JSON.stringify(value)); // null, true, 7, [] and {} read alike in both languages
}

/** Moves to where the next item of a block stands: further right after an indicator, else on a line of its own. */
function startItem(draft: YamlDraft, indent: number): void {
  if (draft.compact) put(draft, ' '.repeat(indent - draft.column));
  else putLine(draft, indent);
}

function indicate(draft: YamlDraft, indicator: string): void {
  put(draft, indicator);
  draft.compact = true;
}

const isSimpleKey = (key: string): boolean => Buffer.byteLength(key) <= longestSimpleKey && !/[\n\r\x85]/.test(key);
