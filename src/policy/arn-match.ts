/**
 * ARN matching of ArnLike and ArnEquals, which are one operator: the six colon-separated segments are compared one by
 * one, so a wildcard never crosses a colon save in the last segment.
 */
import { matchesGlob, type Glob } from './glob.ts';

const COLON = 0x3a;
const SEGMENTS = 6;

/** Fewer than six segments, in the pattern or in the text, never match: `*` alone is not an ARN pattern. */
export function matchesArn(pattern: Glob, text: string): boolean {
  let at = 0;
  let from = 0;
  for (let segment = 1; segment < SEGMENTS; segment++) {
    const atEnd = pattern.indexOf(COLON, at);
    const fromEnd = text.indexOf(':', from);
    if (atEnd < 0 || fromEnd < 0) return false;
    if (!matchesGlob(pattern.slice(at, atEnd), text.slice(from, fromEnd))) return false;
    at = atEnd + 1;
    from = fromEnd + 1;
  }
  return matchesGlob(pattern.slice(at), text.slice(from));
}
