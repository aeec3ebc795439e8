/** Values for the completions of the shells: `kms __complete KIND WORD...` prints one candidate a line. */
import { globalValues, GLOBAL_OPTIONS } from './input/global-option.ts';
import { parseWords, type Option } from './input/words.ts';
import { knownValues } from './known-values.ts';
import type { GuardedProcess } from './process.ts';

const OPTIONS: { readonly [kind: string]: string } = {
  key: '--key-id',
  'key-id': '--target-key-id',
  alias: '--alias-name',
  profile: '--profile',
  region: '--region',
};
export const kindOf = (option: string): string | undefined =>
  Object.keys(OPTIONS).find((kind) => OPTIONS[kind] === option);

export async function complete(process: GuardedProcess): Promise<number> {
  const [, kind = '', ...words] = process.argv;
  const whole = words.at(-1)?.startsWith('--') ? words.slice(0, -1) : words;
  const globals = globalValues(parseWords(whole, { options: Object.values<Option>(GLOBAL_OPTIONS) }).taken);
  const found = await knownValues(process, OPTIONS[kind] ?? '', globals);
  process.write(1, found.map(({ name, remark }) => `${name}${remark === '' ? '' : `\t${remark}`}\n`).join(''));
  return 0;
}
