/** Whether a command line shows the progress of long work. */
import { unwatched, type WithProgress } from '../../model/progress.ts';
import type { GlobalValues } from './input/global-option.ts';
import type { GuardedProcess } from './process.ts';

export function progressOf({ terminal, env, clock, control }: GuardedProcess, { quiet }: GlobalValues): WithProgress {
  if (quiet || env['TERM'] === 'dumb' || !terminal.isTerminal(2)) return unwatched;
  return async (unit, work) => {
    const { progressLine } = await import('./progress.ts');
    return progressLine({ clock, write: control, columns: () => terminal.columns(2) ?? 80 })(unit, work);
  };
}
