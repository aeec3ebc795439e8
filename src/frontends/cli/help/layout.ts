/** The layout of a page on the terminal: headings at the edge, text indented by seven, as `aws ... help` has it. */
import { Chalk } from 'chalk';
import Table from 'cli-table3';
import type { Help } from 'commander';
import type { Block, HelpPage } from './page.ts';

const INDENT = 7;
/** What belongs to an option, below its name. */
const STEP = 4;
/** Beyond it, a term stands on a line of its own. */
const WIDEST_TERM = 28;
/** commander leaves text alone in columns narrower than 40, which ours sometimes are. */
const NARROWEST_COLUMN = 10;

/** commander removes the color if the output has none. */
const chalk = new Chalk({ level: 1 });

/** @param helper knows the width, and how to wrap */
export function helpLayout({ name, summary, sections }: HelpPage, helper: Help): string {
  helper.minWidthToWrap = NARROWEST_COLUMN;
  const all = [{ heading: 'NAME', blocks: [{ kind: 'text', text: `${name} - ${summary}` } as Block] }, ...sections];
  return all
    .map(
      ({ heading, blocks }) =>
        `${chalk.bold(heading)}\n${blocks.map((block) => print(block, INDENT, helper)).join('\n\n')}\n`,
    )
    .join('\n');
}

function print(block: Block, indent: number, helper: Help): string {
  switch (block.kind) {
    case 'text':
      return indented(wrap(block.text, indent, helper), indent);
    case 'code':
      return indented(block.lines.join('\n'), indent + STEP);
    case 'entry': {
      const inner = block.blocks.map((part) => print(part, indent + STEP, helper));
      const term = wrap(block.term, indent, helper)
        .split('\n')
        .map((line) => chalk.bold(line));
      return [indented(term.join('\n'), indent), inner.join('\n\n')].join('\n');
    }
    case 'table':
      return table(block.rows, indent, helper);
  }
}

const widthOf = (helper: Help, indent: number): number => (helper.helpWidth ?? 80) - indent;
const wrap = (text: string, indent: number, helper: Help): string => helper.boxWrap(text, widthOf(helper, indent));

const indented = (text: string, indent: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(indent));

/** What cli-table3 would draw around cells: nothing. */
const NO_LINES = Object.fromEntries(
  ['top', 'mid', 'bottom', 'left', 'right', 'middle']
    .flatMap((place) => [place, `${place}-mid`, `${place}-left`, `${place}-right`])
    .map((place) => [place, '']),
);

function table(rows: readonly (readonly [term: string, text: string])[], indent: number, helper: Help): string {
  const column = Math.min(WIDEST_TERM, Math.max(...rows.map(([term]) => term.length))) + 2;
  const drawn = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [column, widthOf(helper, indent) - column],
    wordWrap: true,
  });
  for (const [term, text] of rows) {
    if (term.length + 2 <= column) drawn.push([term, text]);
    else drawn.push([{ colSpan: 2, content: term }], ['', text]);
  }
  return indented(drawn.toString().replaceAll(/ +$/gm, ''), indent);
}
