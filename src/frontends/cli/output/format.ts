/** The table of output formats: how each prints a value, and pages of a list. */
import { CommandError } from '../../../commands/command/command-error.ts';
import { printJson } from './json.ts';
import type { Printable } from '../../../model/printable.ts';
import { visibleLines } from '../../../model/visible.ts';
import { printText } from './text.ts';

export interface OutputStyle {
  /** Of a table: the operation in API spelling. */
  readonly title: string;
  /** Columns of the terminal that a table may take; 80 where there is no terminal. */
  readonly width?: number | undefined;
  readonly color?: boolean | undefined;
  /** Controls and marks of direction in values, which others may have chosen, are shown as escapes then. */
  readonly isTerminal?: boolean | undefined;
}

export type Printer = (value: Printable, style: OutputStyle) => string;

export interface Format {
  /**
   * `together`: one answer with the items of all pages. `each`: page after page, the items only. `raw`: page after
   * page, as received. `none`: fetched, and not printed.
   */
  readonly pages: 'together' | 'each' | 'raw' | 'none';
  /** json and text are imported statically, the others on demand. */
  readonly printer: () => Printer | Promise<Printer>;
}

export const formats = {
  json: { pages: 'together', printer: () => escaping(printJson) },
  text: { pages: 'each', printer: () => escaping(printText) },
  table: { pages: 'together', printer: loadTable },
  yaml: { pages: 'together', printer: async () => escaping((await import('./yaml.ts')).printYaml) },
  'yaml-stream': { pages: 'raw', printer: async () => escaping((await import('./yaml.ts')).printYamlStream) },
  off: { pages: 'none', printer: () => () => '' },
} as const satisfies { readonly [name: string]: Format };

type OutputFormat = keyof typeof formats;

/** For formats without colors of their own. */
function escaping(print: (value: Printable) => string): Printer {
  return (value, { isTerminal = false }) => (isTerminal ? visibleLines(print(value)) : print(value));
}

async function loadTable(): Promise<Printer> {
  const { printTable } = await import('./table.ts');
  return (value, { title, width = 80, color = false, isTerminal = false }) =>
    printTable(value, { title, width, color, isTerminal });
}

/** A name from the environment or a profile is checked only here, when the answer is printed. */
export function findFormat(name: string): Format {
  if (Object.hasOwn(formats, name)) return formats[name as OutputFormat];
  throw new CommandError('other', `Unknown output type: ${name}`);
}
