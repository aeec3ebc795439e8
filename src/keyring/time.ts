/** Lengths of time, in milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/**
 * Whether something is over that ends at a time. What has no end that can be read is over: only what may last for ever
 * is kept without one, and is not asked about here.
 */
export const hasPassed = (end: number, now: number): boolean => !(Number.isFinite(end) && end > now);
