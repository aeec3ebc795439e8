/** `kms ls`: a line for each key. */
import { keySpec, keyState, keyUsage } from '../../model/enumeration.ts';
import { EnvironmentError } from '../../model/error.ts';
import type { Meter } from '../../model/progress.ts';
import { boolean, list, map, oneOf, string, structure, timestamp } from '../../model/shape.ts';
import { printLines } from '../../model/styled-text.ts';
import { keyringTime } from '../../keyring/root.ts';
import { SEVERITIES } from '../../lint/core/settings.ts';
import type { CallerChoice, Clock, KeyringAccess, RegionChoice, ScheduledWork } from '../../runtime/capabilities.ts';
import type { PageAccess, Progress } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { DURATION_FORM, readDuration } from '../keyring/duration.ts';
import { keyMembers, keyShape, overviewOfKeys, useMembers, useShape, type KeyOverview } from './key-overview.ts';
import { JOBS } from './jobs.ts';
import { keyLines } from './ls-lines.ts';

export const ls = localCommand({
  name: 'Ls',
  command: 'ls',
  input: structure({
    Match: string({ min: 1 }),
    KeyStates: list(keyState),
    KeySpecs: list(keySpec),
    KeyUsages: list(keyUsage),
    Tags: map(),
    UnusedFor: string({ min: 1 }),
    DueWithin: string({ min: 1 }),
    Severity: oneOf(SEVERITIES),
    SortBy: oneOf(['alias', 'created', 'last-use', 'due', 'state', 'spec', 'finding']),
    Reverse: boolean,
    Lint: boolean,
  }),
  output: structure({
    Keys: list(
      structure({
        ...keyShape,
        MultiRegion: boolean,
        ...useShape,
        DueDate: timestamp,
        DueEvent: oneOf(Object.values(JOBS).map(({ event }) => event)),
        Severity: oneOf(SEVERITIES),
        Finding: string(),
      }),
    ),
  }),
  positionals: ['Match'],
  async run(
    input,
    session: KeyringAccess & RegionChoice & CallerChoice & Clock & ScheduledWork & PageAccess & Progress,
  ) {
    const { SortBy = 'alias', Reverse = false, Lint = true, Severity } = input;
    const lints = Lint || Severity !== undefined || SortBy === 'finding';
    const filters = filtersOf(input);
    const keyring = await session.open();
    const read = (meter: Meter) =>
      keyring.transact(async (tx) => {
        const now = keyringTime(tx.settings, session.clock());
        await session.runDueJobs(tx, now);
        const home = { account: tx.settings.account, region: session.region ?? tx.settings.region };
        return { facts: await overviewOfKeys(tx, home, { session, now, lints, meter }), now };
      });
    const { facts, now } = await session.progress('keys', read);
    const found = facts.filter((one) => filters.every((fits) => fits(one, now))).toSorted(ORDERS[SortBy]);
    const keys = Reverse ? found.toReversed() : found;
    if (session.asksData) return { Keys: keys.map(shown) };
    const page = await session.page();
    page.show(printLines(keyLines(keys, { now, columns: page.columns, lints }), page));
    return {};
  },
});

type Filter = (facts: KeyOverview, now: number) => boolean;

interface Filters {
  readonly Match?: string | undefined;
  readonly KeyStates?: readonly string[] | undefined;
  readonly KeySpecs?: readonly string[] | undefined;
  readonly KeyUsages?: readonly string[] | undefined;
  readonly Tags?: { readonly [key: string]: string } | undefined;
  readonly UnusedFor?: string | undefined;
  readonly DueWithin?: string | undefined;
  readonly Severity?: (typeof SEVERITIES)[number] | undefined;
}

function filtersOf(input: Filters): readonly Filter[] {
  const { Match: match, KeyStates: states, KeySpecs: specs, KeyUsages: usages, Tags = {}, Severity: severity } = input;
  const unused = input.UnusedFor === undefined ? undefined : lengthOf(input.UnusedFor);
  const within = input.DueWithin === undefined ? undefined : lengthOf(input.DueWithin);
  return [
    ({ key, aliases }) =>
      match === undefined ||
      key.keyId.startsWith(match) ||
      [key.description, ...aliases].some((text) => text.includes(match)),
    ({ key }) => states?.includes(key.state) ?? true,
    ({ key }) => specs?.includes(key.spec) ?? true,
    ({ key }) => usages?.includes(key.usage) ?? true,
    ({ key }) =>
      Object.entries(Tags).every(([name, value]) =>
        key.tags.some(({ TagKey, TagValue }) => TagKey === name && TagValue === value),
      ),
    // a key that was never used is as old as itself
    ({ key, lastUse }, now) => unused === undefined || now - (lastUse?.time ?? key.created) >= unused,
    ({ due: [next] }, now) => within === undefined || (next !== undefined && next.time - now <= within),
    (facts) => severity === undefined || rankOf(facts) <= SEVERITIES.indexOf(severity),
  ];
}

function lengthOf(text: string): number {
  const length = readDuration(text);
  if (length === undefined) throw new EnvironmentError(`'${text}' is not a valid duration`, [DURATION_FORM]);
  return length;
}

/** Without a finding last. */
const rankOf = ({ findings: [worst] = [] }: KeyOverview): number =>
  worst ? SEVERITIES.indexOf(worst.severity) : SEVERITIES.length;

const compare = (one: string | number, other: string | number): number => (one < other ? -1 : one > other ? 1 : 0);

/** Keys without an alias last. */
const byAlias = (one: KeyOverview, other: KeyOverview): number =>
  compare(one.aliases[0] ?? '\uffff', other.aliases[0] ?? '\uffff');

const by =
  (value: (facts: KeyOverview) => string | number) =>
  (one: KeyOverview, other: KeyOverview): number =>
    compare(value(one), value(other)) || byAlias(one, other);

const ORDERS = {
  alias: byAlias,
  created: by(({ key }) => key.created),
  // the latest first, and what was never used last
  'last-use': by(({ lastUse }) => -(lastUse?.time ?? 0)),
  due: by(({ due: [next] }) => next?.time ?? Number.POSITIVE_INFINITY),
  state: by(({ key }) => key.state),
  spec: by(({ key }) => key.spec),
  finding: by(rankOf),
};

function shown(overview: KeyOverview) {
  const {
    key,
    due: [next],
    findings: [worst] = [],
  } = overview;
  return {
    ...keyMembers(overview),
    MultiRegion: key.multiRegion,
    ...useMembers(overview),
    DueDate: next && new Date(next.time),
    DueEvent: next && JOBS[next.kind].event,
    Severity: worst?.severity,
    Finding: worst?.code,
  };
}
