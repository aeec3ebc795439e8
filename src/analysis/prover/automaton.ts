/**
 * Text patterns as one automaton: for a list of patterns, one text for every way in which a text can match some of them
 * and miss the others. What is tried on these texts is proved for all texts.
 */
import type { Budget } from './budget.ts';
import { MANY, ONE, type Glob } from '../../policy/glob.ts';

/** `glob`: the whole text. `arn`: six segments one by one. `fold`: the whole text, without regard to case. */
export interface TextPattern {
  readonly kind: 'glob' | 'arn' | 'fold';
  readonly glob: Glob;
}

/** Which texts come into question at all: one set of characters per position; the last one may repeat. */
export interface TextDomain {
  readonly positions: readonly string[];
  readonly repeats: boolean;
}

export interface TextClasses {
  readonly texts: readonly string[];
  /** False: there were too many states, so some class may have no text. */
  readonly complete: boolean;
}

interface Limits {
  readonly budget: Budget;
  readonly domain?: TextDomain;
}

/** One automaton takes at most this part of the budget: proofs that do not need it go on. */
const SHARE = 1 / 4;
const END = -3;
const COLON = 0x3a;
const SEPARATORS = 5;
/** The one character outside of ASCII that is an ASCII letter in lower case. */
const KELVIN = '\u212a';

/** All patterns in a row. An item is an index into it: a pattern of which that much was read. */
interface Program {
  readonly codes: readonly number[];
  /** The pattern that an item belongs to. */
  readonly owner: readonly number[];
  readonly kind: readonly TextPattern['kind'][];
  /** In one of the first five segments of an ARN, where no wildcard stands for a colon. */
  readonly isInner: readonly boolean[];
  readonly starts: readonly number[];
}

function compile(patterns: readonly TextPattern[]): Program {
  const [codes, owner, kind, isInner, starts]: [number[], number[], TextPattern['kind'][], boolean[], number[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  for (const [index, pattern] of distinct(patterns).entries()) {
    const isArn = pattern.kind === 'arn';
    // an ARN pattern of fewer than six segments matches nothing
    if (isArn && separators(pattern.glob) < SEPARATORS) continue;
    starts.push(codes.length);
    let read = 0;
    for (const code of [...pattern.glob, END]) {
      codes.push(code);
      owner.push(index);
      kind.push(pattern.kind);
      isInner.push(isArn && read < SEPARATORS);
      if (code === COLON) read++;
    }
  }
  return { codes, owner, kind, isInner, starts };
}

function distinct(patterns: readonly TextPattern[]): readonly TextPattern[] {
  return [...new Map(patterns.map((pattern) => [`${pattern.kind} ${pattern.glob.join()}`, pattern])).values()];
}

const separators = (glob: Glob): number => glob.reduce((count, code) => (code === COLON ? count + 1 : count), 0);
const lower = (code: number): number => String.fromCharCode(code).toLowerCase().charCodeAt(0);

/** Items in ascending order. */
type Items = readonly number[];

/** Collects items. Behind a `*` of its pattern no earlier item matters: that `*` matches whatever they match. */
function collector({ codes, owner }: Program) {
  const items: number[] = [];
  let last = -1;
  return {
    items,
    /** With everything that is reached without reading a character. */
    add: (item: number): void => {
      for (let at = item; ; at++) {
        if (at > last) {
          if (codes[at] === MANY) while (items.length > 0 && owner[items.at(-1)!] === owner[at]) items.pop();
          items.push(at);
          last = at;
        }
        if (codes[at] !== MANY) return;
      }
    },
  };
}

function startOf(program: Program): Items {
  const { add, items } = collector(program);
  for (const start of program.starts) add(start);
  return items;
}

function advance(program: Program, from: Items, code: number): Items {
  const { codes, kind, isInner } = program;
  const { add, items } = collector(program);
  const folded = lower(code);
  for (const item of from) {
    const wanted = codes[item]!;
    if (wanted === MANY || wanted === ONE) {
      if (code !== COLON || !isInner[item]) add(wanted === MANY ? item : item + 1);
    } else if (wanted === (kind[item] === 'fold' ? folded : code)) {
      add(item + 1);
    }
  }
  return items;
}

/** Characters in the order in which they are tried: what reads well comes first. */
interface Alphabet {
  readonly codes: readonly number[];
  readonly rank: ReadonlyMap<number, number>;
  /** Lower-cased to all that are it in lower case. */
  readonly folds: ReadonlyMap<number, readonly number[]>;
}

function alphabetOf(patterns: readonly TextPattern[], domain: TextDomain | undefined): Alphabet {
  const named = new Set<string>();
  const seen: { readonly [kind in TextPattern['kind']]: Set<number> } = {
    glob: new Set(),
    arn: new Set(),
    fold: new Set(),
  };
  for (const { kind, glob } of patterns) {
    for (const code of glob) {
      if (code < 0 || seen[kind].has(code)) continue;
      seen[kind].add(code);
      const character = String.fromCharCode(code);
      named.add(character);
      if (kind === 'fold') named.add(character.toLowerCase()).add(character.toUpperCase());
      if (kind === 'fold' && character === 'k') named.add(KELVIN);
    }
  }
  const all = domain
    ? new Set(['x', '9', ...named, ...domain.positions.join('').split('')])
    : new Set([free(named), ...named]);
  const codes = [...all].filter((character) => character.length === 1).map((character) => character.charCodeAt(0));
  const folds = new Map<number, number[]>();
  for (const code of codes) folds.set(lower(code), [...(folds.get(lower(code)) ?? []), code]);
  return { codes, rank: new Map(codes.map((code, index) => [code, index])), folds };
}

/** A character that no pattern names: it stands for all of them. */
function free(named: ReadonlySet<string>): string {
  for (let code = 0x78; ; code = code === 0x7a ? 0x61 : code + 1) {
    const character = String.fromCharCode(code);
    if (!named.has(character) && !named.has(character.toUpperCase())) return character;
    if (code === 0x77) break;
  }
  for (let code = 0xc0; ; code++) if (!named.has(String.fromCharCode(code))) return String.fromCharCode(code);
}

/** Characters that may come next, and whether one may. */
interface Allowed {
  readonly codes: readonly number[];
  has(code: number): boolean;
}

/** What may stand at each position of the domain; everything where there is no domain. */
function allowedIn({ codes, rank }: Alphabet, domain: TextDomain | undefined): (at: number) => Allowed {
  const all: Allowed = { codes, has: (code) => rank.has(code) };
  if (!domain) return () => all;
  const known = new Map<string, Allowed>();
  return (at) => {
    const characters = domain.positions[at] ?? '';
    let allowed = known.get(characters);
    if (!allowed) {
      const set = new Set(Array.from({ length: characters.length }, (_, index) => characters.charCodeAt(index)));
      known.set(characters, (allowed = { codes: codes.filter((code) => set.has(code)), has: (code) => set.has(code) }));
    }
    return allowed;
  };
}

/** The characters that some item tells from the others, and one of the others; in the order of the alphabet. */
function candidates(program: Program, items: Items, { rank, folds }: Alphabet, allowed: Allowed): readonly number[] {
  if (allowed.codes.length <= 2) return allowed.codes;
  const wanted = new Set<number>();
  for (const item of items) {
    const code = program.codes[item]!;
    if (code >= 0) for (const one of program.kind[item] === 'fold' ? (folds.get(code) ?? []) : [code]) wanted.add(one);
    else if (program.isInner[item]) wanted.add(COLON);
  }
  const other = allowed.codes.find((code) => !wanted.has(code));
  const chosen = [...wanted].filter((code) => allowed.has(code));
  if (other !== undefined) chosen.push(other);
  return chosen.sort((a, b) => rank.get(a)! - rank.get(b)!);
}

interface State {
  readonly items: Items;
  /** In the domain; without one there is a start and a middle. */
  readonly at: number;
  readonly from: State | undefined;
  readonly code: number;
}

function textOf(state: State): string {
  const codes: number[] = [];
  for (let at: State = state; at.from; at = at.from) codes.push(at.code);
  return codes.toReversed().reduce((text, code) => text + String.fromCharCode(code), '');
}

/** The shortest text of every class; of texts alike, one that is not empty. */
export function textClasses(patterns: readonly TextPattern[], { budget, domain }: Limits): TextClasses {
  budget.spend(patterns.reduce((sum, { glob }) => sum + 1 + (glob.length >>> 1), 0));
  const program = compile(patterns);
  const alphabet = alphabetOf(patterns, domain);
  const allowed = allowedIn(alphabet, domain);
  const max = budget.spent + budget.limit * SHARE;
  const seen = new Set<string>();
  const classes = new Map<string, State>();
  const queue: State[] = [];
  const visit = (state: State): void => {
    const name = `${state.at};${state.items.join()}`;
    if (seen.has(name)) return;
    budget.spend(3 + (state.items.length >>> 1));
    seen.add(name);
    queue.push(state);
    if (domain && state.at !== domain.positions.length) return;
    const accepted = state.items.filter((item) => program.codes[item] === END).map((item) => program.owner[item]!);
    const kind = accepted.join();
    if (!classes.get(kind)?.from) classes.set(kind, state);
  };
  visit({ items: startOf(program), at: 0, from: undefined, code: 0 });
  let complete = true;
  // the queue grows while it is walked
  for (const state of queue) {
    if (budget.spent > max) {
      budget.cut();
      complete = false;
      break;
    }
    const { items } = state;
    const here = domain?.repeats && state.at === domain.positions.length ? state.at - 1 : state.at;
    const codes = candidates(program, items, alphabet, allowed(here));
    budget.spend(((1 + codes.length) * (1 + items.length)) >>> 2);
    for (const code of codes) {
      visit({ items: advance(program, items, code), at: domain ? here + 1 : 1, from: state, code });
    }
  }
  return { texts: Array.from(classes.values(), textOf), complete };
}
