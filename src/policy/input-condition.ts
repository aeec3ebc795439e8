/**
 * Condition keys with values from a call's input, as rows of operations declare them: from members to values, for
 * enforcement, and from the values that policies distinguish back to inputs that have them, for explanations in which a
 * member is unknown.
 */
import { fitsPattern } from '../model/pattern.ts';
import type { Member, Shape } from '../model/shape.ts';
import { conditionKey } from './condition-keys.ts';

/** A call's input, as far as it is known. */
export interface Input {
  readonly [member: string]: unknown;
}

/** Condition key, in any case, and its values. */
export type KeyValues = readonly (readonly [key: string, values: readonly string[]])[];

/** The tests of policies and grants on an unknown member. */
export interface OptionsAsked {
  /** One value of each class that the tests on a condition key distinguish. */
  readonly valuesOf: (key: string) => readonly string[];
  /** The names behind a beginning that are tested, as written: `kms:EncryptionContext:`. */
  readonly namesBelow: (beginning: string) => readonly string[];
  /** Encryption contexts that the constraints of grants name. */
  readonly contexts: readonly Readonly<Record<string, string>>[];
  readonly memberOf: (name: string) => Member | undefined;
  /** Of the key that the call is about. */
  readonly keySpec?: string | undefined;
}

export interface InputCondition {
  /** Lower-cased; one that ends with `:` or `/` is a beginning. */
  readonly keys: readonly string[];
  /** As it is written, of one key. */
  readonly name?: string;
  readonly members: readonly string[];
  /** Grants' constraints on the encryption context look at it. */
  readonly isEncryptionContext?: true;
  readonly values: (input: Input) => KeyValues;
  /** Inputs of these members alone. */
  readonly options: (asked: OptionsAsked) => readonly Input[];
}

interface TextOptions {
  /** The value if the member is absent. */
  readonly default?: string;
  /** Values for a member that must be there: policies may name none, or tell them apart by a pattern. */
  readonly examples?: readonly string[];
  /** Whether a key of this spec can be used with it. */
  readonly fits?: (value: string, keySpec: string) => boolean;
  readonly print?: (value: never) => string;
  readonly parse?: (text: string) => unknown;
}

/** A member of one value; of several members the first that is there counts. */
export function text(key: string, member: string | readonly string[], how: TextOptions = {}): InputCondition {
  const members = [member].flat();
  const print = (how.print ?? String) as (value: unknown) => string;
  return {
    keys: [key.toLowerCase()],
    name: key,
    members,
    values(input) {
      const given = members.map((name) => input[name]).find((value) => value !== undefined);
      const value = given === undefined ? how.default : print(given);
      return value === undefined ? [] : [[key, [value]]];
    },
    options({ valuesOf, memberOf, keySpec }) {
      const [first] = members;
      const { shape, required } = memberOf(first!)!;
      const texts = choicesOf(shape) ?? [...new Set([...valuesOf(key.toLowerCase()), ...(how.examples ?? [])])];
      const parse = how.parse ?? ((value: string) => parsed(shape, value));
      const fits = (value: string): boolean => keySpec === undefined || (how.fits?.(value, keySpec) ?? true);
      const values = texts
        .filter(fits)
        .map(parse)
        .filter((value) => value !== undefined);
      const mayBeAbsent = !required && (how.default === undefined || fits(how.default));
      return [...(mayBeAbsent ? [{}] : []), ...values.map((value) => ({ [first!]: value }))];
    },
  };
}

const choicesOf = (shape: Shape): readonly string[] | undefined =>
  shape.type === 'string' ? shape.enum : shape.type === 'boolean' ? ['true', 'false'] : undefined;

/** undefined: the member cannot have this value. */
function parsed(shape: Shape, value: string): unknown {
  switch (shape.type) {
    case 'string': {
      const { min = 0, max = Number.POSITIVE_INFINITY } = shape;
      const fits = value.length >= min && value.length <= max && fitsPattern(shape, value);
      return fits ? value : undefined;
    }
    case 'integer': {
      const number = Number(value);
      const fits = Number.isInteger(number) && number >= (shape.min ?? number) && number <= (shape.max ?? number);
      return fits ? number : undefined;
    }
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : undefined;
    default:
      return undefined;
  }
}

/** An instant, in seconds since 1970. */
export const seconds = (key: string, member: string): InputCondition =>
  text(key, member, {
    print: (date: Date) => String(date.getTime() / 1000),
    parse: (value) => {
      const date = /^-?\d+(\.\d+)?$/.test(value) ? new Date(Number(value) * 1000) : new Date(value);
      return Number.isNaN(date.getTime()) ? undefined : date;
    },
  });

/** A list of texts. */
export const texts = (key: string, member: string): InputCondition => ({
  keys: [key.toLowerCase()],
  members: [member],
  values: (input) => {
    const given = input[member] as readonly string[] | undefined;
    return given === undefined ? [] : [[key, given]];
  },
  options({ valuesOf, memberOf }) {
    const { shape, required } = memberOf(member)!;
    if (shape.type !== 'list') return [];
    const tested = valuesOf(key.toLowerCase());
    const choices = choicesOf(shape.of);
    const items = choices
      ? [
          ...choices.filter((choice) => tested.includes(choice)),
          ...choices.filter((choice) => !tested.includes(choice)).slice(0, 1),
        ]
      : tested.filter((value) => parsed(shape.of, value) !== undefined);
    return [
      ...(required ? [] : [{}]),
      ...subsets(items)
        .filter((some) => some.length > 0)
        .map((some) => ({ [member]: some })),
    ];
  },
});

/** All of a few, or one, two and all of many. */
const MAX_SUBSETS_OF = 6;

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length > MAX_SUBSETS_OF)
    return [
      [],
      ...items.map((item) => [item]),
      ...items.map((item, at) => [item, items[(at + 1) % items.length]!]),
      items,
    ];
  const all: (readonly T[])[] = [[]];
  for (const item of items) all.push(...all.map((some) => some.concat(item)));
  return all;
}

interface PairForm {
  /** `kms:EncryptionContext:` */
  readonly beginning: string;
  /** `kms:EncryptionContextKeys` */
  readonly names: string;
  readonly read: (given: unknown) => readonly (readonly [name: string, value: string])[];
  readonly write: (pairs: readonly (readonly [name: string, value: string])[]) => unknown;
}

type Pairs = readonly (readonly [name: string, value: string])[];

/** Pairs of names and values: a condition key for each, and one with all names; without pairs none is there. */
function pairs(member: string, { beginning, names: all, read, write }: PairForm): InputCondition {
  return {
    keys: [beginning.toLowerCase(), all.toLowerCase()],
    members: [member],
    values(input) {
      const given = read(input[member]);
      const each = given.map(([name, value]) => [beginning + name, [value]] as const);
      return given.length === 0 ? [] : [...each, [all, given.map(([name]) => name)]];
    },
    options({ valuesOf, namesBelow, contexts, memberOf }) {
      const tested = namesBelow(beginning);
      const others = valuesOf(all.toLowerCase()).filter(
        (name) => name !== '' && !tested.some((one) => one.toLowerCase() === name.toLowerCase()),
      );
      let sets: readonly Pairs[] = [[]];
      for (const name of tested) {
        const values = valuesOf((beginning + name).toLowerCase());
        const more = values.flatMap((value) => sets.map((set) => set.concat([[name, value]])));
        sets = sets.concat(more).slice(0, MAX_SETS);
      }
      for (const name of others) sets = sets.concat(sets.map((set) => set.concat([[name, 'x']]))).slice(0, MAX_SETS);
      const named = beginning.toLowerCase() === CONTEXT ? contexts.map((context) => Object.entries(context)) : [];
      const given = memberOf(member)?.required
        ? [...sets, [['name', 'x'] as const]].filter(({ length }) => length > 0)
        : sets;
      return [...given, ...named].map((set) => (set.length === 0 ? {} : { [member]: write(set) }));
    },
  };
}

const MAX_SETS = 256;
const CONTEXT = 'kms:encryptioncontext:';

export const encryptionContextOf = (member: string): InputCondition => ({
  ...pairs(member, {
    beginning: 'kms:EncryptionContext:',
    names: 'kms:EncryptionContextKeys',
    read: (given) => Object.entries((given ?? {}) as Readonly<Record<string, string>>),
    write: (set) => Object.fromEntries(set),
  }),
  isEncryptionContext: true,
});

interface TagInput {
  readonly TagKey: string;
  readonly TagValue: string;
}

export const tagsOf = (member: string): InputCondition =>
  pairs(member, {
    beginning: 'aws:RequestTag/',
    names: 'aws:TagKeys',
    read: (given) => ((given ?? []) as readonly TagInput[]).map(({ TagKey, TagValue }) => [TagKey, TagValue]),
    write: (set) => set.map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
  });

/** What every call of the operation has. */
export const always = (key: string, value: string): InputCondition => ({
  keys: [key.toLowerCase()],
  members: [],
  values: () => [[key, [value]]],
  options: () => [],
});

/** @param key lower-cased */
export const sets = (condition: InputCondition, key: string): boolean =>
  condition.keys.some((own) => own === key || (/[:/]$/.test(own) && key.startsWith(own) && conditionKey(key)?.open));
