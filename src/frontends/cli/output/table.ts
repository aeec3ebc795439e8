/** Table output: an answer as sections of rows; table-drawing.ts turns them into characters. */
import { byCodePoint } from '../values/code-points.ts';
import { CommandError } from '../../../commands/command/command-error.ts';
import { isList, isMap, isScalar, type Printable, type PrintableMap } from '../../../model/printable.ts';
import { visibleLines } from '../../../model/visible.ts';
import { asMap, str } from '../values/python.ts';
import { draw, type TableStyle } from './table-drawing.ts';

interface OpenSection {
  readonly title: string | undefined;
  readonly depth: number;
  header: readonly string[];
  readonly rows: (readonly string[])[];
  /** Set by the first header or row; every later row must agree. */
  width?: number;
}

interface AnswerStyle extends TableStyle {
  readonly title: string;
  readonly isTerminal: boolean;
}

export function printTable(value: Printable, style: AnswerStyle): string {
  const sections: OpenSection[] = [];
  build(sections, value, { title: style.title, depth: 0 });
  if (sections.length === 0) return '';
  return draw(style.isTerminal ? sections.map(visibleSection) : sections, style);
}

const visibleSection = (section: OpenSection): OpenSection => ({
  ...section,
  header: section.header.map(visibleLines),
  rows: section.rows.map((row) => row.map(visibleLines)),
});

interface TablePlace {
  readonly title: string | undefined;
  readonly depth: number;
}

function build(sections: OpenSection[], value: Printable, place: TablePlace): void {
  if (isEmpty(value)) return;
  if (place.title !== undefined) open(sections, place);
  if (isMap(value)) buildMap(sections, value, place.depth);
  else if (isList(value) && isMap(value[0]!)) buildMaps(sections, value, place);
  else if (isList(value)) for (const item of value) buildItem(sections, item);
  // any other scalar is lost: only the title box is drawn
}

/** What Python calls false: such a value prints nothing. */
const isEmpty = (value: Printable): boolean =>
  isMap(value) ? Object.keys(value).length === 0 : isList(value) ? value.length === 0 : !value;

function open(sections: OpenSection[], { title, depth }: TablePlace): void {
  sections.push({ title, depth, header: [], rows: [] });
}

function buildMap(sections: OpenSection[], map: PrintableMap, depth: number): void {
  const { scalars, others } = memberNames([map]);
  if (scalars.length === 1) {
    addRow(sections, [scalars[0]!, str(map[scalars[0]!]!)]);
  } else if (scalars.length > 1) {
    addHeader(sections, scalars);
    addRow(
      sections,
      scalars.map((name) => str(map[name]!)),
    );
  }
  for (const name of others) build(sections, map[name]!, { title: name, depth: depth + 1 });
}

function buildMaps(sections: OpenSection[], list: readonly Printable[], place: TablePlace): void {
  const maps = list.map(asMap);
  const { scalars, others } = memberNames(maps);
  addHeader(sections, scalars);
  maps.forEach((map, index) => {
    if (index > 0 && others.length > 0) {
      open(sections, place);
      addHeader(sections, scalars);
    }
    addRow(
      sections,
      scalars.map((name) => (Object.hasOwn(map, name) ? str(map[name]!) : '')),
    );
    for (const name of others) {
      if (Object.hasOwn(map, name)) build(sections, map[name]!, { title: name, depth: place.depth + 1 });
    }
  });
}

function buildItem(sections: OpenSection[], item: Printable): void {
  if (isScalar(item)) addRow(sections, [str(item)]);
  else if (isMap(item)) addRow(sections, Object.keys(item)); // so does `aws`: the names, not the values
  else if (item.every(isScalar)) addRow(sections, item.map(str));
  else build(sections, item, { title: undefined, depth: 0 });
}

function memberNames(maps: readonly PrintableMap[]): { scalars: string[]; others: string[] } {
  const scalars = new Set<string>();
  const others = new Set<string>();
  for (const map of maps) {
    for (const name in map) (isScalar(map[name]!) ? scalars : others).add(name);
  }
  return { scalars: [...scalars].sort(byCodePoint), others: [...others].sort(byCodePoint) };
}

function addHeader(sections: OpenSection[], header: readonly string[]): void {
  const section = sections.at(-1)!;
  section.header = header;
  section.width ??= header.length;
}

function addRow(sections: OpenSection[], row: readonly string[]): void {
  const section = sections.at(-1)!;
  section.width ??= row.length;
  if (row.length !== section.width) {
    throw new CommandError('other', `Row should have ${section.width} elements, instead it has ${row.length}`);
  }
  section.rows.push(row);
}
