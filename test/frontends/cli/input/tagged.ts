/** Values as the vectors write them: `["int", "1"]`, `["list", ...]`, `["dict", [key, value], ...]`. */
import { isDict, repr, type Value } from '../../../../src/frontends/cli/values/python-value.ts';

export function tagged(value: Value): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return ['int', String(value)];
  if (Array.isArray(value)) return ['list', ...value.map(tagged)];
  if (isDict(value)) return ['dict', ...Array.from(value.items, ([key, item]) => [key, tagged(item)])];
  return ['float', repr(value)];
}
