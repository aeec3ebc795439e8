/** The first stage of reading a command line: the global options, which may stand anywhere on it. */
import { checkGlobals, type CheckQuery } from './global-check.ts';
import { GLOBAL_OPTIONS, globalValues, type GlobalValues } from './global-option.ts';
import { parseWords, type Option } from './words.ts';

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
  const { taken, rest, stopped } = parseWords(argv, { options: Object.values<Option>(GLOBAL_OPTIONS) });
  if (stopped) return { kind: 'version' };
  const globals = globalValues(taken);
  await checkGlobals(globals, checkQuery);
  return { kind: 'line', globals, rest };
}
