/** A page of help as a manual page: roff with the man macros, as groff and mandoc read it. */
import type { Block, HelpPage } from '../src/frontends/cli/help/page.ts';

export interface Manual {
  /** `pocket-kms 0.1.0` */
  readonly source: string;
  readonly title: string;
}

/** `kms keyring status` -> `kms-keyring-status` */
export const manualName = ({ name }: Pick<HelpPage, 'name'>): string => name.replaceAll(' ', '-');

export function roff(page: HelpPage, { source, title }: Manual): string {
  const name = manualName(page);
  const lines = [
    '.\\" Made by scripts/generate.ts: changes here are lost.',
    `.TH ${escape(name.toUpperCase())} 1 "" "${escape(source)}" "${escape(title)}"`,
    // names of options and values must be found by a search, so they are neither hyphenated nor spread
    '.nh',
    '.ad l',
    '.SH NAME',
    `${escape(name)} \\- ${escape(page.summary)}`,
    ...page.sections.flatMap(({ heading, blocks }) => [
      `.SH ${escape(heading)}`,
      ...blocks.flatMap((block) => print(block)),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** @param within how a paragraph begins: anew, or indented below a term */
function print(block: Block, within: '.PP' | '.IP' = '.PP'): readonly string[] {
  switch (block.kind) {
    case 'text':
      return [within, line(block.text)];
    case 'code':
      return [
        within,
        ...(within === '.PP' ? ['.RS 4'] : []),
        '.nf',
        ...block.lines.map(line),
        '.fi',
        ...(within === '.PP' ? ['.RE'] : []),
      ];
    case 'entry':
      return [...term(block.term), ...block.blocks.flatMap((part) => print(part, '.IP')).slice(1)];
    case 'table':
      return block.rows.flatMap(([name, text]) => [...term(name), line(text)]);
  }
}

const term = (text: string): readonly string[] => ['.TP', `\\fB${escape(text)}\\fR`];

/** A line of text that is no request, whatever it begins with. */
const line = (text: string): string => escape(text).replace(/^(?=[.'])/, '\\&');

const ESCAPES: { readonly [character: string]: string } = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

const escape = (text: string): string => text.replaceAll(/[\\\-'`^~"]/g, (character) => ESCAPES[character]!);
