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

/** Marks that are put on the character before, and others that take no column. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]/u;
/** Unicode Standard Annex #11, East Asian Width: wide and fullwidth; emoji are as wide. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;

/** In columns of a terminal. */
const widthOf = (text: string): number =>
  /^[ -~]*$/.test(text) ? text.length : Array.from(text).reduce((sum, one) => sum + characterWidth(one), 0);

const characterWidth = (character: string): number => (ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1);
