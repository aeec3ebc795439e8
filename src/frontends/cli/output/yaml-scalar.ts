/** YAML scalars: which quotes a text needs, and where it is folded. */
import { put, putLine, type YamlDraft } from './yaml-draft.ts';

type ScalarStyle = 'plain' | 'single' | 'double';

/** Texts that would be read as something other than a text: truth values, numbers, timestamps ... */
const otherKinds: readonly RegExp[] = [
  /^(?:true|True|TRUE|false|False|FALSE)$/,
  /^(?:~|null|Null|NULL)?$/,
  /^(?:=|<<)$/,
  /^[-+]?0b[01_]+$/,
  /^[-+]?0x[\da-fA-F_]+$/,
  /^[-+]?0o[0-7_]+$/,
  /^[-+]?\d[\d_]*$/,
  /^[-+][\d_]+$/,
  /^[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?$/,
  /^[-+]?\d[\d_]*[eE][-+]?\d+$/,
  /^[-+]?\.[\d_]+(?:[eE][-+]\d+)?$/,
  /^[-+]?\.(?:inf|Inf|INF)$/,
  /^\.(?:nan|NaN|NAN)$/,
  /^\d{4}-\d\d-\d\d$/,
  /^\d{4}-\d\d?-\d\d?(?:[Tt]| +)\d\d?:\d\d:\d\d(?:\.\d*)?(?: *(?:Z|[-+]\d\d?(?::\d\d)?))?$/,
];

/** Texts that would be taken for structure, or lose blanks, if they stood plain. */
const structural: readonly RegExp[] = [
  /^[#,[\]{}&*!|>'"%@`]/,
  /^[-?:](?:[ \n]|$)/,
  /^(?:---|\.\.\.)/,
  /:(?:[ \n]|$)/,
  /[ \n]#/,
  /^ | $/,
  /\n/,
];

/**
 * Control characters, what stands above U+FFFF, and whatever else is not printable. The Unicode line separators are
 * among them, which `aws` prints raw: YAML 1.1 takes them for line ends and YAML 1.2 does not.
 */
const unprintable = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

export function scalarStyle(text: string): ScalarStyle {
  if (unprintable.test(text) || / \n|\n /.test(text)) return 'double';
  return [...structural, ...otherKinds].some((form) => form.test(text)) ? 'single' : 'plain';
}

interface Setting {
  readonly style: ScalarStyle;
  /** Where a folded line goes on. */
  readonly indent: number;
  readonly fold: boolean;
}

export function writeScalar(draft: YamlDraft, text: string, setting: Setting): void {
  const { quote, spell } = styles[setting.style];
  const characters = Array.from(text);
  put(draft, quote);
  characters.forEach((character, index) => {
    const before = characters[index - 1];
    const after = characters[index + 1];
    if (character === '\n' && setting.style === 'single') {
      if (before !== '\n') putLine(draft, 0); // one line end reads as a space, so the first counts double
      putLine(draft, after === '\n' ? 0 : setting.indent);
    } else if (character === ' ' && mayFold(draft, { setting, before, after })) {
      putLine(draft, setting.indent);
      if (after === ' ') put(draft, '\\'); // else the blanks that begin a line would be lost
    } else {
      put(draft, spell(character));
    }
  });
  put(draft, quote);
}

const styles: { readonly [style in ScalarStyle]: { quote: string; spell: (character: string) => string } } = {
  plain: { quote: '', spell: (character) => character },
  single: { quote: "'", spell: (character) => (character === "'" ? "''" : character) },
  double: { quote: '"', spell: escaped },
};

const foldAfter = 80;

/** A line ends at the first blank after column 80; in a run of blanks at its first, and only between double quotes. */
function mayFold(
  { column }: YamlDraft,
  at: { readonly setting: Setting; readonly before: string | undefined; readonly after: string | undefined },
): boolean {
  const { setting, before, after } = at;
  if (!setting.fold || column <= foldAfter || before === undefined || before === ' ' || after === undefined)
    return false;
  return setting.style === 'double' || after !== ' ';
}

const shortEscapes: { readonly [character: string]: string } = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

function escaped(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return `\\${short}`;
  if (!unprintable.test(character)) return character;
  const code = character.codePointAt(0)!;
  const [letter, digits] =
    code <= 0xff ? (['x', 2] as const) : code <= 0xffff ? (['u', 4] as const) : (['U', 8] as const);
  return `\\${letter}${code.toString(16).toUpperCase().padStart(digits, '0')}`;
}
