/** Lines for people: pieces with a style, wrapped at the width of the terminal. What they quote is shown by visible(). */
import { visible } from './visible.ts';

export type TextStyle = 'error' | 'security' | 'warning' | 'hint' | 'good' | 'strong' | 'faint' | 'frame';
/** Puts color on a text; without a terminal it changes nothing. */
export type Paint = (style: TextStyle, text: string) => string;

export const plainPaint: Paint = (_, text) => text;

export type StyledText = string | readonly [style: TextStyle, text: string];

export interface StyledLine {
  readonly pieces: readonly StyledText[];
  /** The indentation of its further rows; absent: it is not wrapped, so that it can be copied. */
  readonly hang?: number;
}

export interface TextLook {
  readonly paint: Paint;
  /** Of the terminal; undefined: lines are as long as they are. */
  readonly columns: number | undefined;
}

export const line = (...pieces: readonly StyledText[]): StyledLine => ({ pieces });
export const wrapped = (hang: number, ...pieces: readonly StyledText[]): StyledLine => ({ pieces, hang });

export const printLines = (lines: readonly StyledLine[], look: TextLook): string =>
  lines.flatMap((one) => rowsOf(one, look)).join('\n');

function rowsOf({ pieces, hang }: StyledLine, { paint, columns }: TextLook): readonly string[] {
  const shown = pieces.map((piece) =>
    typeof piece === 'string'
      ? { style: undefined, text: visible(piece) }
      : { style: piece[0], text: visible(piece[1]) },
  );
  const put = ({ style, text }: (typeof shown)[number]): string =>
    style === undefined || text.trim() === '' ? text : paint(style, text);
  const length = shown.reduce((sum, { text }) => sum + widthOf(text), 0);
  if (columns === undefined || hang === undefined || length <= columns) return [shown.map(put).join('')];
  const rows: string[] = [];
  let [row, width, blank] = ['', 0, ''];
  for (const { style, text } of shown) {
    for (const word of text.split(/(?<= )(?=[^ ])|(?<=[^ ])(?= )/)) {
      if (word.startsWith(' ') || word === '') {
        blank += word;
        continue;
      }
      const size = widthOf(word);
      if (width > 0 && width + blank.length + size > columns && blank !== '') {
        rows.push(row);
        // an ARN that fits into the row alone is not indented further than it can be
        row = ' '.repeat(Math.max(0, Math.min(hang, columns - size)));
        width = row.length;
      } else {
        row += blank;
        width += blank.length;
      }
      row += put({ style, text: word });
      width += size;
      blank = '';
    }
  }
  return [...rows, row];
}

const widthOf = (text: string): number => Array.from(text).length;
