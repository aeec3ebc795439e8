/**
 * The words of a command line, read by the rules of Python 3.14's argparse. One parser takes the
 * options it knows and at most one other word, and hands the rest on to the next parser.
 */
import type { NamedThing } from '../../../model/shape.ts';
import { parseInt10 } from './integer.ts';
import { repr } from '../values/python-value.ts';
import { similar } from './similar.ts';
import { headed, UsageError } from './usage-error.ts';
import type { Lines } from '../../../commands/command/command-error.ts';

export interface Option {
  /** As it is typed: `--key-id`. */
  readonly name: string;
  /** Another name for it: `--key`. */
  readonly shortForm?: string | undefined;
  /** How many words follow: none, exactly one, none or one, any number. */
  readonly takes: 'nothing' | 'one' | 'maybe' | 'many';
  /** Where the value is kept; `--no-x` keeps it under `--x`. Default: its own name. */
  readonly target?: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  readonly names?: NamedThing;
  readonly integer?: true;
  /** Cannot be abbreviated. */
  readonly exact?: true;
  /** Reading stops here, and nothing to its right matters (`--version`). */
  readonly stops?: true;
}

/** A word that is no option: a command, or a stray one. */
export interface Positional {
  readonly name: string;
  readonly required: boolean;
}

export interface Grammar<O extends Option> {
  readonly options: readonly O[];
  readonly positional?: Positional;
}

export interface Taken<O extends Option> {
  readonly option: O;
  readonly words: readonly string[];
}

export interface Parsed<O extends Option> {
  /** By target; of repeated options the last. */
  readonly taken: ReadonlyMap<string, Taken<O>>;
  readonly positional: string | undefined;
  /** Unknown words, in order. */
  readonly rest: readonly string[];
  /** How many of the last words of `rest` stood behind a `--`. */
  readonly behind: number;
  readonly stopped: boolean;
}

/** What a word is: an option (with what it may mean), the first `--`, or anything else. */
type Kind<O> = { readonly meanings: readonly Meaning<O>[] } | '--' | 'word';
interface Meaning<O> {
  readonly option: O | undefined;
  readonly explicit: string | undefined;
}

export function parseWords<O extends Option>(words: readonly string[], grammar: Grammar<O>): Parsed<O> {
  const kinds = classify(words, grammar.options);
  const taken = new Map<string, Taken<O>>();
  const rest: string[] = [];
  let positional: string | undefined;
  let wanted = grammar.positional;
  let at = 0;
  const lastOption = kinds.findLastIndex((kind) => typeof kind === 'object');

  /** `--` before or after the word belongs to it and is dropped; an optional word may be missing. */
  const takePositional = (): void => {
    if (!wanted) return;
    let end = at;
    while (kinds[end] === '--') end += 1;
    const word = kinds[end] === 'word' ? words[end] : undefined;
    if (word === undefined && wanted.required) return;
    if (word !== undefined) end += 1;
    while (kinds[end] === '--') end += 1;
    at = end;
    positional = word;
    wanted = undefined;
  };

  while (at <= lastOption) {
    const kind = kinds[at]!;
    if (typeof kind === 'object') {
      const meaning = unambiguous(kind.meanings, words[at]!);
      at += 1;
      if (meaning.option === undefined) {
        rest.push(words[at - 1]!);
        continue;
      }
      const { option, explicit } = meaning as Meaning<O> & { option: O };
      const values = explicit === undefined ? following({ option, words, kinds, at }) : explicitly(option, explicit);
      if (explicit === undefined) at += values.length;
      checkValues(option, values);
      taken.set(option.target ?? option.name, { option, words: values });
      if (option.stops) return { taken, positional, rest, behind: 0, stopped: true };
    } else {
      const before = at;
      takePositional();
      if (at === before) rest.push(words[at++]!);
    }
  }
  takePositional();
  rest.push(...words.slice(at));
  checkRequired(grammar, { taken, wanted, rest });
  const separator = kinds.indexOf('--');
  const behind = separator === -1 ? 0 : words.length - Math.max(separator + 1, at);
  return { taken, positional, rest, behind, stopped: false };
}

function classify<O extends Option>(words: readonly string[], options: readonly O[]): Kind<O>[] {
  const byName = new Map<string, O>();
  for (const option of options) for (const name of namesOf(option)) byName.set(name, option);
  const end = words.indexOf('--');
  return words.map((word, index) => {
    if (index === end) return '--';
    if (end !== -1 && index > end) return 'word';
    const meanings = meaningsOf(word, { options, byName });
    return meanings ? { meanings } : 'word';
  });
}

export const namesOf = ({ name, shortForm }: Pick<Option, 'name' | 'shortForm'>): readonly string[] =>
  shortForm === undefined ? [name] : [name, shortForm];

/** Undefined: not an option. No option within: it looks like one, but is unknown. */
function meaningsOf<O extends Option>(
  word: string,
  { options, byName }: { readonly options: readonly O[]; readonly byName: ReadonlyMap<string, O> },
): readonly Meaning<O>[] | undefined {
  if (!word.startsWith('-')) return undefined;
  const exact = byName.get(word);
  if (exact) return [{ option: exact, explicit: undefined }];
  if (word === '-') return undefined;
  const equals = word.indexOf('=');
  const name = equals === -1 ? word : word.slice(0, equals);
  const explicit = equals === -1 ? undefined : word.slice(equals + 1);
  const named = byName.get(name);
  if (named) return [{ option: named, explicit }];
  if (word.startsWith('--')) {
    const abbreviated = options.filter(
      (option) => !option.exact && option.name.startsWith(name) && byName.get(option.name) === option,
    );
    if (abbreviated.length > 0) return abbreviated.map((option) => ({ option, explicit }));
  }
  // Python 3.14 takes any word that starts like a negative number as a value: -5, -.5, -5x
  const negative = word.startsWith('-') && !word.startsWith('--') && /^-\.?\p{Nd}/u.test(word);
  if (negative || word.includes(' ')) return undefined;
  return [{ option: undefined, explicit: undefined }];
}

function unambiguous<O extends Option>(meanings: readonly Meaning<O>[], word: string): Meaning<O> {
  if (meanings.length === 1) return meanings[0]!;
  const names = meanings.map((meaning) => meaning.option!.name).join(', ');
  throw new UsageError('parser', `ambiguous option: ${word} could match ${names}`);
}

interface WordPlace<O extends Option> {
  readonly option: O;
  readonly words: readonly string[];
  readonly kinds: readonly Kind<O>[];
  readonly at: number;
}

function following<O extends Option>({ option, words, kinds, at }: WordPlace<O>): readonly string[] {
  let end = at;
  while (kinds[end] === 'word') end += 1;
  switch (option.takes) {
    case 'nothing':
      return [];
    case 'one':
      if (end === at) throw argumentError(option, 'expected one argument');
      return [words[at]!];
    case 'maybe':
      return words.slice(at, Math.min(end, at + 1));
    case 'many':
      return words.slice(at, end);
  }
}

function explicitly(option: Option, value: string): readonly string[] {
  if (option.takes === 'nothing') throw argumentError(option, `ignored explicit argument ${repr(value)}`);
  return [value];
}

function checkValues(option: Option, values: readonly string[]): void {
  for (const value of values) {
    if (option.integer && parseInt10(value) === undefined) {
      throw argumentError(option, `invalid int value: ${repr(value)}`);
    }
    if (option.choices && !option.choices.includes(value)) {
      throw argumentError(option, invalidChoice(value, option.choices));
    }
  }
}

function invalidChoice(word: string, choices: readonly string[]): readonly string[] {
  const lines = [`Found invalid choice '${word}'`, ''];
  const names = similar(word, choices);
  if (names.length > 0) lines.push('Maybe you meant:', '', ...names.map((name) => `  * ${name}`));
  return lines;
}

interface Read<O extends Option> {
  readonly taken: ReadonlyMap<string, Taken<O>>;
  readonly wanted: Positional | undefined;
  readonly rest: readonly string[];
}

function checkRequired<O extends Option>({ options }: Grammar<O>, { taken, wanted, rest }: Read<O>): void {
  const missing = options
    .filter((option) => option.required && !taken.has(option.target ?? option.name))
    .map((option) => option.name);
  if (wanted?.required) missing.push(wanted.name);
  if (missing.length > 0) throw missingArguments(missing, unknownHints(rest, options));
}

export const missingArguments = (names: readonly string[], hints: readonly string[]): UsageError =>
  new UsageError('parser', `the following arguments are required: ${names.join(', ')}`, hints);

/** Suggestions for unknown words. */
export function unknownHints(words: readonly string[], options: readonly Option[]): readonly string[] {
  const names = options.map(({ name }) => name);
  return words
    .filter((word) => word.startsWith('--') && word !== '--')
    .map((word) => {
      const near = similar(word.replace(/=.*/s, ''), names);
      return `unknown option ${word}${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`;
    });
}

/** A positional word is not one of the valid choices. */
export const choiceError = (name: string, word: string, choices: readonly string[]): UsageError =>
  argumentError({ name }, invalidChoice(word, choices));

const argumentError = ({ name }: { readonly name: string }, message: Lines): UsageError =>
  new UsageError('parser', headed(`argument ${name}: `, message));
