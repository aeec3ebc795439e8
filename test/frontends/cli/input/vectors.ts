/** Reads a file of vectors: one case per line (vectors/README.md says where they are from). */
import { readFileSync } from 'node:fs';

export const vectors = <T>(name: string): T[] =>
  readFileSync(new URL(`./vectors/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
