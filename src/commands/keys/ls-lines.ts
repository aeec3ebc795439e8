/** Keys as lines for people, in columns that fit a terminal of 80. */
import { shortKeyId } from '../../model/arn.ts';
import type { KeyUsage } from '../../model/enumeration.ts';
import { line, type StyledLine, type StyledText, type TextStyle } from '../../model/styled-text.ts';
import { visible } from '../../model/visible.ts';
import { JOBS, STATES } from './jobs.ts';
import type { KeyOverview } from './key-overview.ts';
import { shortSpan } from './span.ts';

const USAGES: { readonly [usage in KeyUsage]: string } = {
  SIGN_VERIFY: 'sign',
  ENCRYPT_DECRYPT: 'encrypt',
  GENERATE_VERIFY_MAC: 'mac',
  KEY_AGREEMENT: 'agree',
  ENCAPSULATE_DECAPSULATE: 'encaps',
};

const NONE = '-';

interface Cell {
  readonly text: string;
  /** What stays of a text that is cut. */
  readonly end?: string;
  readonly style?: TextStyle | undefined;
}

interface Column {
  readonly heading: string;
  readonly cell: (facts: KeyOverview, now: number) => Cell;
  readonly lints?: true;
}

/** The first one takes what the others leave of the width. */
const COLUMNS: readonly Column[] = [
  { heading: 'ALIAS', cell: ({ aliases }) => ({ ...aliasText(aliases), style: 'strong' }) },
  { heading: 'ID', cell: ({ key }) => ({ text: shortKeyId(key.keyId) }) },
  {
    heading: 'STATE',
    cell({ key }) {
      const [text, style] = STATES[key.state];
      return { text, style };
    },
  },
  { heading: 'SPEC', cell: ({ key }) => ({ text: specText(key.spec) }) },
  { heading: 'USAGE', cell: ({ key }) => ({ text: USAGES[key.usage] }) },
  { heading: 'ROT', cell: ({ key: { rotation } }) => ({ text: rotation ? `${rotation.periodInDays}d` : NONE }) },
  { heading: 'USED', cell: ({ lastUse }, now) => ({ text: lastUse ? shortSpan(now - lastUse.time) : NONE }) },
  {
    heading: 'DUE',
    cell({ due: [next] }, now) {
      if (!next) return { text: NONE };
      const style = next.kind === 'rotate' || next.kind === 'finish-transition' ? undefined : 'warning';
      return { text: `${JOBS[next.kind].short} ${shortSpan(next.time - now)}`, style };
    },
  },
  {
    heading: 'LINT',
    lints: true,
    cell({ findings: [worst] = [] }) {
      return worst ? { text: worst.code, style: worst.severity } : { text: NONE };
    },
  },
];

/** Without their prefix, of several the first. */
function aliasText([first, ...others]: readonly string[]): Cell {
  if (first === undefined) return { text: NONE };
  const name = visible(first.slice('alias/'.length));
  const end = others.length > 0 ? ` +${others.length}` : '';
  return { text: name + end, end };
}

const specText = (spec: string): string =>
  spec
    .replace(/^ECC_(?:NIST|SECG)_/, '')
    .replace('EDWARDS', 'ED')
    .replace('_DEFAULT', '');

const MIN_FIRST = 8;

interface ListLook {
  readonly now: number;
  /** undefined: lines are as long as they are. */
  readonly columns: number | undefined;
  readonly lints: boolean;
}

export function keyLines(keys: readonly KeyOverview[], { now, columns, lints }: ListLook): readonly StyledLine[] {
  const all = COLUMNS.filter((column) => lints || !column.lints).map((column): FilledColumn => {
    const cells = [{ text: column.heading, style: 'strong' as const }, ...keys.map((facts) => column.cell(facts, now))];
    return { heading: column.heading, cells, width: cells.reduce((most, { text }) => Math.max(most, text.length), 0) };
  });
  const shown = columns === undefined ? all : fitted(all, columns);
  return ['', ...keys].map((_, row) =>
    line(...shown.flatMap(({ cells, width }, at) => cellText(cells[row]!, width, at === shown.length - 1))),
  );
}

interface FilledColumn {
  readonly heading: string;
  readonly cells: readonly Cell[];
  readonly width: number;
}

/** What a terminal that is narrow for the keys does not show, in this order. */
const DROPPED = ['ROT', 'USED', 'USAGE', 'SPEC', 'DUE', 'LINT', 'STATE'];

function fitted(all: readonly FilledColumn[], columns: number): readonly FilledColumn[] {
  let [first, ...others] = all;
  const left = (): number => columns - others.reduce((sum, { width }) => sum + width + 1, 0);
  for (const heading of DROPPED) {
    if (left() >= Math.min(first!.width, MIN_FIRST)) break;
    others = others.filter((column) => column.heading !== heading);
  }
  first = { ...first!, width: Math.min(first!.width, Math.max(left(), MIN_FIRST)) };
  return [first, ...others];
}

function cellText({ text, end = '', style }: Cell, width: number, isLast: boolean): readonly StyledText[] {
  const cut = text.length > width ? `${text.slice(0, width - 1 - end.length)}…${end}` : text;
  const blanks = isLast ? '' : ' '.repeat(width - cut.length + 1);
  return [style === undefined || text === NONE ? cut : [style, cut], blanks];
}
