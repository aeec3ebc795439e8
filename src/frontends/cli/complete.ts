/**
 * Values for the completions of the shells: `kms __complete KIND WORD...` prints one candidate a line, with a remark
 * behind a tab. The words are those before the cursor; their global options say which keyring. It asks nothing, writes
 * nothing, no event either, and is silent where there is nothing to tell (spec/aws-cli.md 5.2).
 */
import { visible } from '../../model/visible.ts';
import { knownNames, type KnownName } from '../../runtime/known-names.ts';
import { awsProfileNames } from './aws-config.ts';
import { REGIONS } from './region-names.ts';
import { GLOBAL_OPTIONS, globalValues, type GlobalValues } from './input/global-option.ts';
import { parseWords, type Option } from './input/words.ts';
import type { Session } from '../../runtime/session.ts';
import { readProfiles, type ProfileSource } from './profile.ts';

/** Options whose values a keyring or a configuration knows. */
const ASKED: { readonly [kind: string]: RegExp } = {
  key: /^--(?:source-|destination-)?key-id$/,
  'key-id': /^--target-key-id$/,
  alias: /^--alias-name$/,
  profile: /^--profile$/,
  region: /^--(?:replica-|primary-)?region$/,
};

export const kindOf = (option: string): string | undefined =>
  Object.keys(ASKED).find((kind) => ASKED[kind]!.test(option));

export interface CompletionDeps {
  readonly source: ProfileSource;
  /** The session that these options lead to; it has no terminal to ask on. */
  readonly sessionOf: (globals: GlobalValues) => Session;
  readonly words: readonly string[];
}

const bare = (names: readonly string[]): readonly KnownName[] => names.map((name) => ({ name, remark: '' }));

const KINDS: { readonly [kind: string]: (around: CompletionDeps) => Promise<readonly KnownName[]> } = {
  key: async (around) => {
    const { keys, aliases } = await knownNames(around.sessionOf(globalsIn(around.words)));
    return [...aliases, ...keys];
  },
  'key-id': async (around) => (await knownNames(around.sessionOf(globalsIn(around.words)))).keys,
  alias: async (around) => (await knownNames(around.sessionOf(globalsIn(around.words)))).aliases,
  profile: async ({ source }) => bare([...new Set([...Object.keys(readProfiles(source)), ...awsProfileNames(source)])]),
  region: async () => bare(REGIONS),
};

/**
 * What no shell reads as anything but a word, and kms as no option: a name that others chose stands in a line that is
 * entered. zsh expands a word that begins with an equals sign.
 */
const WORD = /^(?![-=])[A-Za-z0-9:/_.@+=,-]+$/;

/** Empty where nothing is known, or nothing may be known. */
export async function knownValues(kind: string | undefined, around: CompletionDeps): Promise<readonly KnownName[]> {
  try {
    const known = (await KINDS[kind ?? '']?.(around)) ?? [];
    return known
      .filter(({ name }) => WORD.test(name))
      .map(({ name, remark }) => ({ name, remark: visible(remark.replaceAll(/\s+/g, ' ')) }));
  } catch {
    return [];
  }
}

/** The text for stdout. */
export const printValues = (found: readonly KnownName[]): string =>
  found.map(({ name, remark }) => `${name}${remark === '' ? '' : `\t${remark}`}\n`).join('');

/** The option whose value is being typed stands last and has none yet. */
function globalsIn(words: readonly string[]): GlobalValues {
  const whole = words.at(-1)?.startsWith('--') ? words.slice(0, -1) : words;
  return globalValues(parseWords(whole, { options: Object.values<Option>(GLOBAL_OPTIONS) }).taken);
}
