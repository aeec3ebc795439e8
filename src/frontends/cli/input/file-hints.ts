/** Hints for values that are the path of a file and were taken literally: `/tmp/x` for `fileb:///tmp/x`. */
import type { Shape, StructureShape } from '../../../model/shape.ts';
import type { Value } from '../values/python-value.ts';
import { optionName } from './option.ts';
import { UsageError } from './usage-error.ts';

export interface FileLookup {
  /** Whether there is a regular file at the path. */
  readonly isFile: (path: string) => boolean;
}

/** @param word as it was typed, or a value that was not read from a file */
export function fileHint(option: string, shape: Shape, { word, isFile }: FileWord): readonly string[] {
  if (shape.type === 'string' && shape.names === 'file') return []; // its value is a path
  if (word === '' || /^fileb?:\/\//.test(word) || !isFile(word)) return [];
  return [`did you mean ${option} ${shape.type === 'blob' ? 'fileb' : 'file'}://${word}?`];
}

interface FileWord extends FileLookup {
  readonly word: string;
}

/** Of all members of this type. */
export const fileHints = (
  { members }: StructureShape,
  { type, parameters, isFile }: FileParameters,
): readonly string[] =>
  Object.entries(members).flatMap(([member, { shape }]) => {
    const word = parameters.get(member);
    return shape.type === type && typeof word === 'string' ? fileHint(optionName(member), shape, { word, isFile }) : [];
  });

interface FileParameters extends FileLookup {
  readonly type: 'blob' | 'string';
  readonly parameters: ReadonlyMap<string, Value>;
}

/** Does the work; an error of it that is one of usage gets the hints too. */
export async function withHints<T>(work: () => T | Promise<T>, hints: () => readonly string[]): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw hinted(error, hints);
  }
}

export const hinted = (error: unknown, hints: () => readonly string[]): unknown =>
  error instanceof UsageError ? new UsageError(error.kind, error.lines, [...error.hints, ...hints()]) : error;
