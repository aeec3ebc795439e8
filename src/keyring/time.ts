/** Lengths of time, in milliseconds. */
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/**
 * Whether something with this end has expired. An end that is not a number counts as expired; things that never expire have
 * no end, and must not be passed here.
 */
export const hasPassed = (end: number, now: number): boolean => !(Number.isFinite(end) && end > now);
