/** How far work is: told by those who do it, shown by a frontend. */

export interface Meter {
  /** How much there is in all; it may be told when the work has begun, or never. */
  readonly expect: (total: number) => void;
  readonly advance: (more: number) => void;
}

/** @param unit what is counted, in the plural: `keys`; `bytes` are shown in MiB */
export type WithProgress = <T>(unit: string, work: (meter: Meter) => Promise<T>) => Promise<T>;

/** Where nobody watches. */
export const noMeter: Meter = { expect() {}, advance() {} };

export const unwatched: WithProgress = (_, work) => work(noMeter);
