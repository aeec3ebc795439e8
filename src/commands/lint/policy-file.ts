/** Policies in files, on standard input or on the command line, with a size limit. */
import { EnvironmentError } from '../../model/error.ts';
import { readText } from '../../files/limited-read.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import { MAX_POLICY } from '../../policy/document.ts';

/** @param name of the document in messages */
export function checkPolicySize(name: string, text: string, max = MAX_POLICY): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= max) return text;
  throw new EnvironmentError(`${name} has ${bytes} bytes, the maximum is ${max}`);
}

/** @param name a path; `-` is standard input */
export const readPolicyText = (name: string): string => checkPolicySize(name, readText(name));

/** Checks first whether the output can be written. */
export async function writeTo(path: string, { random }: RandomSource): Promise<(text: string) => Promise<unknown>> {
  const { outputTo } = await import('../../files/output.ts');
  const output = outputTo(path, { random, mode: 0o666, existing: 'replace' });
  return (text) => output.write([Buffer.from(text)]);
}
