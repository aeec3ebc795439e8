/** Many readers at once, or one writer alone, in the order in which they ask. */
export class ReadWriteLock {
  #writer: Promise<unknown> = Promise.resolve();
  /** Since the last writer asked. */
  #readers = new Set<Promise<unknown>>();

  read<T>(work: () => Promise<T>): Promise<T> {
    const readers = this.#readers;
    const running = this.#writer.then(work);
    const ended: Promise<unknown> = running.then(ignore, ignore).then(() => readers.delete(ended));
    readers.add(ended);
    return running;
  }

  write<T>(work: () => Promise<T>): Promise<T> {
    const running = Promise.all([this.#writer, ...this.#readers]).then(work);
    this.#readers = new Set();
    this.#writer = running.then(ignore, ignore);
    return running;
  }
}

const ignore = (): void => undefined;
