/** The messages between a worker pool and its threads. Bytes are moved to the other side, not copied. */
import type { TaskName, Tasks } from '../crypto/task.ts';

export interface WorkerTask<N extends TaskName = TaskName> {
  readonly name: N;
  readonly input: Tasks[N]['input'];
}

/** `output` is that of the task; `error` a message. */
export interface WorkerAnswer {
  readonly output?: unknown;
  readonly error?: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** Those that can be moved: of a value, or of the members of an object. */
export function bytesOf(value: unknown): readonly Bytes[] {
  const all: readonly unknown[] =
    isBytes(value) || typeof value !== 'object' || !value ? [value] : Object.values(value);
  return all.filter((one): one is Bytes => isBytes(one));
}

/**
 * The same with bytes in buffers of their own: a message takes the whole buffer of bytes that are a part of one.
 * @param originals 'wiped' where nobody else has them
 */
export function ownBytes<T>(value: T, originals: 'kept' | 'wiped'): T {
  const own = (one: unknown): unknown => {
    if (!isBytes(one)) return one;
    const copy = new Uint8Array(one);
    if (originals === 'wiped') one.fill(0);
    return copy;
  };
  if (isBytes(value)) return own(value) as T;
  if (typeof value !== 'object' || !value || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, own(one)])) as T;
}
