/**
 * Policy variables: `${key}`, `${key, 'default'}` and the literals `${*}` `${?}` `${$}`.
 * The value of a variable is literal: wildcards in a tag or an encryption context have no effect.
 */
import { conditionKey } from './condition-keys.ts';
import type { ContextValues } from './context-values.ts';
import { appendGlob, type Glob } from './glob.ts';

interface Piece {
  readonly text: string;
  readonly literal: boolean;
}
export type Template = readonly Piece[];

export interface VariableScope {
  /** Only documents of Version 2012-10-17 have variables; in others `${` is text. */
  readonly enabled: boolean;
  readonly values: ContextValues;
  /** Key policies are not given the keys that only identity policies see. */
  readonly keyPolicy: boolean;
}

const LITERALS = new Set(['*', '?', '$']);

/** @returns undefined when a variable has no value: such an element matches nothing. */
export function expand(text: string, scope: VariableScope): Template | undefined {
  if (!scope.enabled || !text.includes('${')) return [{ text, literal: false }];
  const pieces: Piece[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('${', from);
    const close = open < 0 ? -1 : text.indexOf('}', open);
    if (close < 0) break; // an unclosed `${` is text
    pieces.push({ text: text.slice(from, open), literal: false });
    const value = valueOf(text.slice(open + 2, close), scope);
    if (value === undefined) return undefined;
    pieces.push({ text: value, literal: true });
    from = close + 1;
  }
  pieces.push({ text: text.slice(from), literal: false });
  return pieces;
}

function valueOf(body: string, scope: VariableScope): string | undefined {
  if (LITERALS.has(body)) return body;
  const comma = body.indexOf(',');
  const key = (comma < 0 ? body : body.slice(0, comma)).trim().toLowerCase();
  const row = conditionKey(key);
  const found = row?.many || (row?.identityOnly && scope.keyPolicy) ? undefined : scope.values.get(key);
  if (found?.length === 1) return found[0]; // single-valued keys only
  const fallback = comma < 0 ? '' : body.slice(comma + 1).trim();
  const quoted = fallback.length >= 2 && fallback.startsWith("'") && fallback.endsWith("'");
  return quoted ? fallback.slice(1, -1) : undefined;
}

export const plainText = (template: Template): string =>
  template.length === 1 ? template[0]!.text : template.map((piece) => piece.text).join('');

export function globOf(template: Template): Glob {
  const glob: number[] = [];
  for (const { text, literal } of template) appendGlob(glob, text, literal);
  return glob;
}
