/** Signals that end the process, and clean-up before they do. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * When such a signal arrives, `undo` runs first; then the signal ends the process by its default action, unless it has
 * another listener.
 */
export async function undoneBySignals<T>(
  undo: () => void,
  work: () => Promise<T>,
  signals: readonly (typeof SIGNALS)[number][] = SIGNALS,
): Promise<T> {
  const release = (): void => {
    for (const signal of signals) process.off(signal, end);
  };
  const end = (signal: NodeJS.Signals): void => {
    release();
    undo();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await work();
  } finally {
    release();
  }
}
