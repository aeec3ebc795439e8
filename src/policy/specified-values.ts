/** Values of condition keys that are specified by name: they become the attribute or member that has them, if there is one. */
import { ATTRIBUTE_CONDITIONS } from './attribute-condition.ts';
import type { RequestAttributes } from './context.ts';
import { sets, type Input, type KeyValues, type OptionsAsked } from './input-condition.ts';
import type { RequestFacts } from './request-facts.ts';

export type SpecifiedValues = { readonly [key: string]: readonly string[] };

export function withValues(facts: RequestFacts, specified: SpecifiedValues): RequestFacts {
  const left = new Map(Object.entries(specified).map(([name, values]) => [name.toLowerCase(), { name, values }]));
  const attributes = attributesWith(facts.attributes, left);
  const input = inputWith(facts, left);
  const values = Object.fromEntries([...left].map(([key, one]) => [key, one.values]));
  return { ...facts, attributes, input, values: { ...facts.values, ...values } };
}

/** By their names in lower case; what was specified is taken out when something has it. */
type Left = Map<string, { readonly name: string; readonly values: readonly string[] }>;

function attributesWith(before: RequestAttributes, left: Left): RequestAttributes {
  let attributes = before;
  for (const { keys, specified } of ATTRIBUTE_CONDITIONS) {
    for (const key of keys) {
      const [value, ...more] = left.get(key)?.values ?? [];
      const changed = value === undefined || more.length > 0 ? undefined : specified(attributes, key, value);
      if (!changed) continue;
      attributes = changed;
      left.delete(key);
    }
  }
  return attributes;
}

/** The input with members that have just these values, as far as there are any. */
function inputWith({ input: before, rules: { conditions, members } }: RequestFacts, left: Left): Input {
  const input: { [member: string]: unknown } = { ...before };
  for (const condition of conditions) {
    const own = [...left].filter(([key]) => sets(condition, key));
    const asked: OptionsAsked = {
      valuesOf: (key) => left.get(key)?.values ?? [],
      namesBelow: (beginning) =>
        own.flatMap(([key, { name }]) =>
          key.startsWith(beginning.toLowerCase()) ? [name.slice(beginning.length)] : [],
        ),
      contexts: [],
      memberOf: (name) => members[name],
    };
    const option = own.length > 0 && condition.options(asked).find((one) => hasAll(condition.values(one), own));
    if (!option) continue;
    for (const [member, value] of Object.entries(option)) input[member] = value;
    for (const [key] of own) left.delete(key);
  }
  return input;
}

function hasAll(
  found: KeyValues,
  specified: readonly (readonly [string, { readonly values: readonly string[] }])[],
): boolean {
  const values = new Map(found.map(([key, own]) => [key.toLowerCase(), own]));
  return specified.every(([key, { values: wanted }]) => {
    const own = values.get(key);
    return own?.length === wanted.length && own.every((value) => wanted.includes(value));
  });
}
