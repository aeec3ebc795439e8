/**
 * Escaping of quoted data for terminals: a name, a policy or a path must not move the cursor,
 * reorder a line, or begin one of its own. Written as JSON writes it, so that escaping JSON changes nothing of its meaning.
 */

/** Controls of C0 and C1 and DEL, marks that change the direction of writing, line separators, lone surrogates. */
export const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Escapes everything, so that the result is one line. */
export const visible = (text: string): string => text.replaceAll(HIDDEN, escaped);

/** Keeps line ends and tabs. */
export const visibleLines = (text: string): string =>
  text.replaceAll(HIDDEN, (unit) => (unit === '\n' || unit === '\t' ? unit : escaped(unit)));
