/**
 * Text patterns as automata: for a list of patterns, one text for every way in which a text can match some of them and
 * miss the others. What is tried on these texts is proved for all texts (spec/policy-semantics.md 6).
 */
import type { Glob } from '../glob.ts';

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

const MOST_STATES = 5_000;
const ONE = -1;
const MANY = -2;
const COLON = 0x3a;
const LAST_SEGMENT = 5;
/** The one character outside of ASCII that is an ASCII letter in lower case. */
const KELVIN = '\u212a';

/** A deterministic automaton that is built as far as it is walked. A state is a number; 0 is the first. */
interface Automaton {
  step(state: number, code: number): number;
  accepts(state: number): boolean;
}

type Positions = readonly number[];

/** Everywhere in the glob that can be reached without reading a character. */
function settle(glob: Glob, positions: Iterable<number>): Positions {
  const reached = new Set<number>();
  for (let at of positions) {
    reached.add(at);
    while (glob[at] === MANY) reached.add(++at);
  }
  return [...reached].sort((a, b) => a - b);
}

function advance(glob: Glob, positions: Positions, code: number): Positions {
  const next: number[] = [];
  for (const at of positions) {
    const wanted = glob[at];
    if (wanted === MANY) next.push(at);
    else if (wanted === ONE || wanted === code) next.push(at + 1);
  }
  return settle(glob, next);
}

interface Spot {
  readonly segment: number;
  readonly positions: Positions;
}

function automatonOf({ kind, glob }: TextPattern): Automaton {
  const segments = kind === 'arn' ? segmentsOf(glob) : [glob];
  const last = segments.length - 1;
  const spots: Spot[] = [{ segment: 0, positions: settle(segments[0]!, [0]) }];
  const numbers = new Map<string, number>([[nameOf(spots[0]!), 0]]);
  const steps: Map<number, number>[] = [];
  const ends = ({ segment, positions }: Spot): boolean => positions.includes(segments[segment]!.length);

  function follow(spot: Spot, code: number): Spot {
    const segment = segments[spot.segment]!;
    if (code !== COLON || spot.segment === last) {
      return { segment: spot.segment, positions: advance(segment, spot.positions, code) };
    }
    const next = spot.segment + 1;
    return { segment: next, positions: ends(spot) ? settle(segments[next]!, [0]) : [] };
  }
  return {
    step(state, code) {
      const known = (steps[state] ??= new Map<number, number>());
      const read = kind === 'fold' ? lower(code) : code;
      const found = known.get(read);
      if (found !== undefined) return found;
      const spot = follow(spots[state]!, read);
      const name = nameOf(spot);
      let number = numbers.get(name);
      if (number === undefined) {
        number = spots.push(spot) - 1;
        numbers.set(name, number);
      }
      known.set(read, number);
      return number;
    },
    // a pattern with fewer than six segments is an ARN pattern that matches nothing
    accepts: (state) =>
      (kind !== 'arn' || last === LAST_SEGMENT) && spots[state]!.segment === last && ends(spots[state]!),
  };
}

const nameOf = ({ segment, positions }: Spot): string => (positions.length ? `${segment}:${positions.join()}` : '');
const lower = (code: number): number => String.fromCharCode(code).toLowerCase().charCodeAt(0);

function segmentsOf(glob: Glob): readonly Glob[] {
  const segments: Glob[] = [];
  let from = 0;
  while (segments.length < LAST_SEGMENT) {
    const colon = glob.indexOf(COLON, from);
    if (colon < 0) break;
    segments.push(glob.slice(from, colon));
    from = colon + 1;
  }
  return [...segments, glob.slice(from)];
}

interface Found {
  readonly states: readonly number[];
  /** In the domain. */
  readonly at: number;
  readonly text: string;
}

/** The shortest text of every class; of texts alike, one that is not empty. */
export function textClasses(patterns: readonly TextPattern[], domain?: TextDomain): TextClasses {
  const automata = patterns.map(automatonOf);
  const alphabet = alphabetOf(patterns, domain);
  const seen = new Set<string>();
  const classes = new Map<string, string>();
  let edge: Found[] = [];
  const visit = (found: Found): void => {
    const name = `${found.at};${found.states.join()}`;
    if (seen.has(name)) return;
    seen.add(name);
    edge.push(found);
    if (!isWhole(found, domain)) return;
    const kind = automata.map((automaton, index) => (automaton.accepts(found.states[index]!) ? '1' : '0')).join('');
    if (!classes.get(kind)) classes.set(kind, found.text);
  };
  visit({ states: automata.map(() => 0), at: 0, text: '' });
  while (edge.length > 0 && seen.size <= MOST_STATES) {
    const from = edge;
    edge = [];
    for (const { states, at, text } of from) {
      for (const code of alphabet) {
        const next = place(at, code, domain);
        if (next === undefined) continue;
        visit({
          states: automata.map((automaton, index) => automaton.step(states[index]!, code)),
          at: next,
          text: text + String.fromCharCode(code),
        });
      }
    }
  }
  return { texts: [...classes.values()], complete: edge.length === 0 };
}

function isWhole({ at }: Found, domain: TextDomain | undefined): boolean {
  return !domain || at === domain.positions.length;
}

/** The position in the domain behind this character; without a domain there is a start and a middle. */
function place(at: number, code: number, domain: TextDomain | undefined): number | undefined {
  if (!domain) return 1;
  const { positions, repeats } = domain;
  const here = at === positions.length && repeats ? at - 1 : at;
  return positions[here]?.includes(String.fromCharCode(code)) ? here + 1 : undefined;
}

/** Every character that a pattern names, and one that none does. What reads well comes first. */
function alphabetOf(patterns: readonly TextPattern[], domain: TextDomain | undefined): readonly number[] {
  const named = new Set<string>();
  for (const { kind, glob } of patterns) {
    for (const code of glob) {
      if (code < 0) continue;
      const character = String.fromCharCode(code);
      named.add(character);
      if (kind === 'fold') named.add(character.toLowerCase()).add(character.toUpperCase());
      if (kind === 'fold' && character === 'k') named.add(KELVIN);
    }
  }
  const all = domain
    ? new Set(['x', '9', ...named, ...domain.positions.join('').split('')])
    : new Set([...free(named), ...named]);
  return [...all].filter((character) => character.length === 1).map((character) => character.charCodeAt(0));
}

function free(named: ReadonlySet<string>): readonly string[] {
  for (let code = 0x78; ; code = code === 0x7a ? 0x61 : code + 1) {
    const character = String.fromCharCode(code);
    if (!named.has(character) && !named.has(character.toUpperCase())) return [character];
    if (code === 0x77) break;
  }
  for (let code = 0xc0; ; code++) if (!named.has(String.fromCharCode(code))) return [String.fromCharCode(code)];
}
