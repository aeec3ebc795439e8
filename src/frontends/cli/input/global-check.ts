/** Checks of global options that come after the words are read and before the command is looked at. */
import type { GlobalValues } from './global-option.ts';
import { readInteger } from './integer.ts';
import { UsageError } from './usage-error.ts';

/** The error in the expression of `--query`, if there is one. */
export type CheckQuery = (expression: string) => Promise<string | undefined> | string | undefined;

export async function checkGlobals(globals: GlobalValues, checkQuery: CheckQuery): Promise<void> {
  if (globals.cliAutoPrompt && globals.noCliAutoPrompt) {
    throw new UsageError(
      'validation',
      'Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time.',
    );
  }
  if (globals.query !== undefined) {
    const wrong = await checkQuery(globals.query);
    if (wrong !== undefined) throw new UsageError('validation', `Bad value for --query ${globals.query}: ${wrong}`);
  }
  if (globals.endpointUrl !== undefined && !/^[a-z][a-z0-9+.-]*:/i.test(globals.endpointUrl)) {
    const form = 'Must be of the form http://<hostname>/ or https://<hostname>/';
    throw new UsageError(
      'validation',
      `Bad value for --endpoint-url "${globals.endpointUrl}": scheme is missing.  ${form}`,
    );
  }
  for (const seconds of [globals.cliReadTimeout, globals.cliConnectTimeout]) {
    if (seconds !== undefined) readInteger(seconds);
  }
}
