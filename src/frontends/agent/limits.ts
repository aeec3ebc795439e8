/** How long an agent holds a keyring open: until it is idle for a time, and in any case until a time has passed. */
import { HOUR, MINUTE } from '../../keyring/time.ts';

/** In milliseconds. */
export interface AgentTimes {
  /** Without a call. */
  readonly idle: number;
  /** Since the keyring was unlocked. */
  readonly total: number;
}

export const DEFAULT_LIMITS: AgentTimes = { idle: 15 * MINUTE, total: 12 * HOUR };

export interface Clocks {
  /** Milliseconds since 1970: it goes on while the machine is suspended, and can be set back. */
  readonly wall: () => number;
  /** Milliseconds since some time: it cannot be set, and may stand still while the machine is suspended. */
  readonly steady: () => number;
}

export interface Limiter {
  /** Call this at a call that is made. */
  use(): void;
  readonly hasExpired: boolean;
  /** When it expires if no call is made before, as the wall clock tells it. */
  readonly idleUntil: number;
  readonly until: number;
}

/** The later one of the two clocks counts. */
export function limiter({ idle, total }: AgentTimes, { wall, steady }: Clocks): Limiter {
  const now = () => ({ wall: wall(), steady: steady() });
  const since = (then: ReturnType<typeof now>): number => Math.max(wall() - then.wall, steady() - then.steady);
  const start = now();
  let last = start;
  return {
    use() {
      last = now();
    },
    get hasExpired() {
      return since(last) >= idle || since(start) >= total;
    },
    get idleUntil() {
      return Math.min(last.wall + idle, start.wall + total);
    },
    until: start.wall + total,
  };
}
