/** Commands for the agent, which holds the keyring open: `kms unlock`, `kms lock`, `kms agent status`. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, string, structure, timestamp } from '../../model/shape.ts';
import type { KeyringPlace } from '../../keyring/place.ts';
import type { KeyringAccess, KeyringLocation, LogAccess, RandomSource } from '../../runtime/capabilities.ts';
import { DURATION_FORM, readDuration } from '../keyring/duration.ts';
import { localCommand } from '../command/local-command.ts';

/** An agent, as it describes itself. */
export interface AgentStatus {
  readonly keyringId: string;
  readonly pid: number;
  /** Of the program. */
  readonly version: string;
  readonly started: Date;
  /** When it ends if no call is made before. */
  readonly idleUntil: Date;
  readonly until: Date;
  readonly calls: number;
}

/** In milliseconds; undefined: the default. */
export interface AgentLimits {
  readonly idle: number | undefined;
  readonly total: number | undefined;
}

export interface Agents {
  /** Starts an agent for the keyring; one that was there ends. @throws EnvironmentError */
  readonly unlock: (session: UnlockDeps, limits: AgentLimits) => Promise<AgentStatus>;
  /** Ends the agent of the keyring at this place. @returns whether there was one @throws EnvironmentError */
  readonly lock: (place: KeyringPlace) => Promise<boolean>;
  /** @returns undefined: there is none */
  readonly status: (place: KeyringPlace) => Promise<AgentStatus | undefined>;
}

export interface UnlockDeps extends KeyringAccess, KeyringLocation, LogAccess, RandomSource {}

export interface AgentAccess {
  readonly agents: () => Promise<Agents>;
}

const statusShape = structure({
  Keyring: string(),
  KeyringId: string(),
  Unlocked: boolean,
  ProcessId: integer(),
  Version: string(),
  Started: timestamp,
  IdleUntil: timestamp,
  Until: timestamp,
  Calls: integer(),
});

const shown = ({ keyring: Keyring }: KeyringPlace, status: AgentStatus | undefined) =>
  status
    ? {
        Keyring,
        KeyringId: status.keyringId,
        Unlocked: true,
        ProcessId: status.pid,
        Version: status.version,
        Started: status.started,
        IdleUntil: status.idleUntil,
        Until: status.until,
        Calls: status.calls,
      }
    : { Keyring, Unlocked: false };

export const unlock = localCommand({
  name: 'Unlock',
  command: 'unlock',
  input: structure({ For: string({ min: 1 }), Idle: string({ min: 1 }) }),
  output: statusShape,
  async run(input, session: UnlockDeps & AgentAccess) {
    const limits = { total: lengthOf(input.For), idle: lengthOf(input.Idle) };
    return shown(session.place, await (await session.agents()).unlock(session, limits));
  },
});

/** Longer than that, a timer of the process would be the limit. In milliseconds. */
const MAX_LENGTH = 7 * 24 * 3_600_000;

function lengthOf(text: string | undefined): number | undefined {
  const length = text === undefined ? undefined : readDuration(text);
  if (text === undefined || (length !== undefined && length > 0 && length <= MAX_LENGTH)) return length;
  throw new EnvironmentError(`'${text}' is not a valid duration`, [DURATION_FORM, 'the maximum is 7d']);
}

export const lock = localCommand({
  name: 'Lock',
  command: 'lock',
  input: structure({}),
  output: structure({ Keyring: string(), WasUnlocked: boolean }),
  async run(_, { place, agents }: KeyringLocation & AgentAccess) {
    return { Keyring: place.keyring, WasUnlocked: await (await agents()).lock(place) };
  },
});

export const agentStatus = localCommand({
  name: 'AgentStatus',
  command: 'agent status',
  input: structure({}),
  output: statusShape,
  async run(_, { place, agents }: KeyringLocation & AgentAccess) {
    return shown(place, await (await agents()).status(place));
  },
});
