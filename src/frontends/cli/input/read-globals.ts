/** The first stage of reading a command line: the global options, which may stand anywhere on it. */
import { checkGlobals, type CheckQuery } from './global-check.ts';
import { GLOBAL_OPTIONS, globalValues, type GlobalValues } from './global-option.ts';
import { parseWords, type Option, type Parsed } from './words.ts';

/** A line whose global options are read: the rest names the command and is its own. */
export interface GlobalLine {
  readonly kind: 'line';
  readonly globals: GlobalValues;
  readonly rest: readonly string[];
}

/** @throws UsageError */
export async function readGlobals(
  argv: readonly string[],
  checkQuery: CheckQuery,
): Promise<GlobalLine | { readonly kind: 'version' }> {
  const { taken, rest, stopped } = parseGlobals(argv);
  if (stopped) return { kind: 'version' };
  const globals = globalValues(taken);
  await checkGlobals(globals, checkQuery);
  return { kind: 'line', globals, rest };
}

/** Options of our own commands that a global option would take as its abbreviation (`--ca-bundle`), by the first word of the command. */
const OWN_NAMES: { readonly [word: string]: string } = { xks: '--ca' };

function parseGlobals(argv: readonly string[]): Parsed<Option> {
  const options = Object.values<Option>(GLOBAL_OPTIONS);
  const parsed = parseWords(argv, { options });
  const own = OWN_NAMES[parsed.rest[0] ?? ''];
  if (own === undefined) return parsed;
  const takesIt = (option: Option): boolean => option.name.startsWith(own);
  const exact = options.filter(takesIt).map(({ name, takes }): Option => ({ name, takes, exact: true }));
  return parseWords(argv, { options: [...options.filter((option) => !takesIt(option)), ...exact] });
}
