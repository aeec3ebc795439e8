/** Text output: lines of tab-separated fields. */
import { byCodePoint } from '../values/code-points.ts';
import { isList, isMap, isScalar, type Printable, type PrintableMap } from '../../../model/printable.ts';
import { asMap, str } from '../values/python.ts';

export function printText(value: Printable): string {
  const lines: string[] = [];
  writeValue(lines, value, undefined);
  return lines.map((line) => `${line}\n`).join('');
}

function writeValue(lines: string[], value: Printable, name: string | undefined): void {
  if (isMap(value)) writeMap(lines, value, name);
  else if (isList(value)) writeList(lines, value, name);
  else lines.push(str(value));
}

/** Scalar members on one line, then each list or map under its own name; how deep it stands does not show. */
function writeMap(lines: string[], map: PrintableMap, name: string | undefined, columns = scalarNames([map])): void {
  if (columns.length > 0) {
    const cells = columns.map((column) => (Object.hasOwn(map, column) ? str(map[column]!) : ''));
    lines.push([...label(name), ...cells].join('\t'));
  }
  const rest = Object.keys(map).filter((member) => !columns.includes(member));
  for (const member of rest.sort(byCodePoint)) writeValue(lines, map[member]!, member);
}

function writeList(lines: string[], list: readonly Printable[], name: string | undefined): void {
  if (list.length === 0) return;
  if (list.some(isMap)) {
    const maps = list.map(asMap);
    const columns = scalarNames(maps);
    for (const map of maps) writeMap(lines, map, name, columns);
    return;
  }
  const scalars = list.filter(isScalar);
  if (scalars.length > 0) writeScalars(lines, scalars.map(str), name);
  for (const inner of list.filter(isList)) writeList(lines, inner, name);
}

function writeScalars(lines: string[], cells: readonly string[], name: string | undefined): void {
  if (name === undefined) lines.push(cells.join('\t'));
  else for (const cell of cells) lines.push([...label(name), cell].join('\t'));
}

const label = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name.toUpperCase()]);

/** The columns of a list of maps: every name that is a scalar in any of them. */
function scalarNames(maps: readonly PrintableMap[]): string[] {
  const names = maps.flatMap((map) => Object.keys(map).filter((name) => isScalar(map[name]!)));
  return [...new Set(names)].sort(byCodePoint);
}
