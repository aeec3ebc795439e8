/** The signals that stop a server. */

/** @param signals SIGHUP: the terminal is closed. A second signal ends the process at once, as signals do. */
export function waitForShutdown(signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']): Promise<void> {
  let isStopping = false;
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (isStopping) {
        for (const one of signals) process.off(one, onSignal);
        process.kill(process.pid, signal);
      }
      isStopping = true;
      resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}
