/** Values of condition keys that are told by name: they become the attribute or the member that has them, if there is one. */
import { isObject, type JsonObject } from '../model/json-object.ts';
import { ATTRIBUTE_CONDITIONS } from './attribute-condition.ts';
import { accessRequest } from './access-request.ts';
import type { Input, OptionsAsked } from './input-condition.ts';
import { sets } from './input-condition.ts';
import type { RequestFacts } from './request-facts.ts';

export type ToldValues = { readonly [key: string]: readonly string[] };

export function withValues(facts: RequestFacts, told: ToldValues): RequestFacts {
  return Object.entries(told).reduce((before, [name, values]) => withValue(before, name.toLowerCase(), values), facts);
}

function withValue(facts: RequestFacts, key: string, values: readonly string[]): RequestFacts {
  for (const { keys, told } of values.length === 1 ? ATTRIBUTE_CONDITIONS : []) {
    const attributes = keys.includes(key) ? told(facts.attributes, key, values[0]!) : undefined;
    if (attributes) return { ...facts, attributes };
  }
  const input = inputWith(facts, key, values);
  return input ? { ...facts, input } : { ...facts, values: { ...facts.values, [key]: values } };
}

/** The input with the member that has just these values of the key; undefined: no member can have them. */
function inputWith(facts: RequestFacts, key: string, values: readonly string[]): Input | undefined {
  const { members, conditions } = facts.rules;
  const asked: OptionsAsked = {
    valuesOf: (other) => (other === key ? values : []),
    namesBelow: (beginning) => (key.startsWith(beginning.toLowerCase()) ? [key.slice(beginning.length)] : []),
    contexts: [],
    memberOf: (name) => members[name],
  };
  for (const condition of conditions.filter((one) => sets(one, key))) {
    for (const option of condition.options(asked)) {
      const input = merged(facts.input, option);
      const found = accessRequest({ ...facts, input }).context.get(key);
      if (found && found.length === values.length && found.every((value) => values.includes(value))) return input;
    }
  }
  return undefined;
}

/** Pairs of an encryption context are told one by one. */
function merged(input: Input, option: Input): Input {
  const isMap = (value: unknown): value is JsonObject => isObject(value) && !(value instanceof Date);
  const pairs = Object.entries(option).map(([name, value]) => {
    const before = input[name];
    return [name, isMap(before) && isMap(value) ? { ...before, ...value } : value] as const;
  });
  return { ...input, ...Object.fromEntries(pairs) };
}
