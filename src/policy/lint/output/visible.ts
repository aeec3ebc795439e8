/** Text of a document as it may be shown: a policy must not be able to move the cursor or reorder a line. */

/** Controls of C0 and C1 (tab included), marks that change the direction of writing, and line separators. */
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One unit for one unit, so that what stands below stays below. */
export const sameWidth = (text: string): string => text.replaceAll(HIDDEN, (unit) => (unit === '\t' ? ' ' : '\u00b7'));

export const visible = (text: string): string =>
  text.replaceAll(HIDDEN, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
