/** Table drawing: sections of rows as boxes of ASCII characters. */
import { isDoubleWidth } from './east-asian-width.ts';

interface Section {
  readonly title: string | undefined;
  /** 0 for the outermost; each level is one more bar on both sides. */
  readonly depth: number;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface TableStyle {
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
  readonly color: boolean;
}

const padding = 4;
const border = 2;

export function draw(sections: readonly Section[], { width: available, color }: TableStyle): string {
  const fits = tableWidth(sections) <= available;
  const shown = fits ? sections : sections.map(upright);
  const width = tableWidth(shown);
  const paint = color ? inColor : plain;
  const lines = shown.flatMap((section) => {
    const bars = paint.bars(section.depth);
    return drawSection(section, width - 2 * section.depth, paint).map((line) => paint.line(bars, line));
  });
  return `${'-'.repeat(width)}\n${lines.map((line) => `${line}\n`).join('')}${paint.end}`;
}

/** A table too wide for the terminal: a header with one row becomes rows of name and value. */
function upright(section: Section): Section {
  const [row, ...more] = section.rows;
  if (row === undefined || more.length > 0 || section.header.length === 0) return section;
  return { ...section, header: [], rows: section.header.map((name, column) => [name, row[column]!]) };
}

function tableWidth(sections: readonly Section[]): number {
  return Math.max(
    ...sections.map((section) => {
      const columns = naturalWidths(section).reduce((sum, width) => sum + width, 0);
      return Math.max(cells(section.title ?? 'None'), columns) + border + 2 * section.depth;
    }),
  );
}

function naturalWidths({ header, rows }: Section): number[] {
  const all = header.length > 0 ? [header, ...rows] : rows;
  const columns = Math.max(0, ...all.map((row) => row.length));
  return Array.from(
    { length: columns },
    (_, column) => Math.max(...all.map((row) => cells(row[column] ?? ''))) + padding,
  );
}

function drawSection(section: Section, width: number, paint: TablePaint): string[] {
  const { title, header, rows } = section;
  const lines: string[] = [];
  if (title !== undefined && title !== '') {
    lines.push(centred(title, width, '|'));
    if (header.length === 0 && rows.length === 0) lines.push(`+${'-'.repeat(width - 2)}+`);
  }
  const widths = fit(naturalWidths(section), width);
  if (widths.length === 0) return lines;
  const ruler = `+${widths.map((column, index) => '-'.repeat(column - (index === 0 ? 2 : 1))).join('+')}+`;
  if (header.length > 0)
    lines.push(
      ruler,
      joined(header, widths, (name, column, edge) => centred(name, column, edge)),
    );
  if (rows.length > 0) {
    lines.push(
      ruler,
      ...rows.map((row) => joined(row, widths, (cell, column, edge) => left(cell, column, edge, paint))),
    );
    lines.push(ruler);
  }
  return lines;
}

type CellText = (text: string, width: number, edge: string) => string;

/** The first cell has a bar on both sides, the others on their right only. */
const joined = (row: readonly string[], widths: readonly number[], cell: CellText): string =>
  row.map((text, column) => cell(text, widths[column]!, column === 0 ? '|' : '')).join('');

/**
 * Scales the columns to fill the table: one factor for all, half to even, then corrected by one: too wide takes from
 * the left columns first, too narrow gives to the right ones first.
 */
function fit(natural: readonly number[], width: number): number[] {
  if (natural.length === 0) return [];
  const factor = width / natural.reduce((sum, column) => sum + column, 0);
  const scaled = natural.map((column) => halfToEven(factor * column));
  let surplus = scaled.reduce((sum, column) => sum + column, 0) - width;
  const step = Math.sign(surplus);
  for (let turn = 0; surplus !== 0; turn = (turn + 1) % scaled.length) {
    const column = step > 0 ? turn : scaled.length - 1 - turn;
    scaled[column]! -= step;
    surplus -= step;
  }
  return scaled;
}

function halfToEven(number: number): number {
  const floor = Math.floor(number);
  if (number - floor !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

function centred(text: string, width: number, edge: string): string {
  const size = cells(text);
  const before = Math.floor(width / 2) - Math.floor(size / 2) - 1;
  const start = `${edge}${spaces(before)}${text}`;
  return `${start}${spaces(width - 1 - edge.length - before - size)}|`;
}

function left(text: string, width: number, edge: string, paint: TablePaint): string {
  const size = cells(text);
  const indent = width - size - 2 - edge.length - 1 >= 0 ? 2 : 0;
  return `${edge}${spaces(indent)}${paint.cell(text)}${spaces(width - edge.length - indent - size - 1)}|`;
}

const spaces = (count: number): string => ' '.repeat(Math.max(0, count));

/** Columns of a terminal that a text takes. */
const cells = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + (isDoubleWidth(character.codePointAt(0)!) ? 2 : 1), 0);

interface TablePaint {
  readonly cell: (text: string) => string;
  readonly bars: (depth: number) => string;
  readonly line: (bars: string, line: string) => string;
  readonly end: string;
}

const plain: TablePaint = {
  cell: (text) => text,
  bars: (depth) => '|'.repeat(depth),
  line: (bars, line) => `${bars}${line}${bars}`,
  end: '',
};

const reset = '\x1b[0m';

/** Values bright blue, bars of nested sections dim yellow; `aws` resets after each piece that it writes. */
const inColor: TablePaint = {
  cell: (text) => `\x1b[1m\x1b[34m${text}${reset}`,
  bars: (depth) => `\x1b[2m\x1b[33m|${reset}`.repeat(depth),
  line: (bars, line) => `${reset}${bars}${reset}${line}${reset}${bars}${reset}`,
  end: reset,
};
