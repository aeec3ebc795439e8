/** Progress of long-running work, on a terminal. */
interface Line {
  readonly write: (text: string) => void;
  readonly clock: () => number;
}

/** One line on stderr, written over itself at most ten times a second. */
export function progressLine(
  { write, clock }: Line,
  { total, shown }: { readonly total: number | undefined; readonly shown: boolean },
): (more: number | undefined) => void {
  let done = 0;
  let last = 0;
  return (more: number | undefined): void => {
    if (!shown) return;
    if (more === undefined) return write('\r\x1b[K');
    done += more;
    if (clock() - last < 100) return;
    last = clock();
    const part = total ? ` (${Math.floor((100 * done) / total)} %)` : '';
    write(`\r\x1b[K${(done / 2 ** 20).toFixed(1)} MiB${part}`);
  };
}
