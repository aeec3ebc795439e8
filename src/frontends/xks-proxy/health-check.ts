/** The health of a key manager, which is looked at when a client asks, and not each time. */

/** In milliseconds. The specification: what is told of the health is at most a minute old. */
const MAX_AGE = 30_000;

export type HealthStatus = 'ACTIVE' | 'UNAVAILABLE';

interface HealthCheckDeps<R extends { readonly requestId: string }> {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** @throws where the key manager cannot be used */
  readonly probe: (request: R) => Promise<unknown>;
  /** For the operator. */
  readonly failed: (requestId: string, thrown: unknown) => void;
}

export function healthCheck<R extends { readonly requestId: string }>({ clock, probe, failed }: HealthCheckDeps<R>) {
  const check = async (request: R): Promise<HealthStatus> => {
    try {
      await probe(request);
      return 'ACTIVE';
    } catch (error) {
      failed(request.requestId, error);
      return 'UNAVAILABLE';
    }
  };
  let known: { readonly at: number; readonly status: Promise<HealthStatus> } | undefined;
  return (request: R): Promise<HealthStatus> => {
    if (!known || Math.abs(clock() - known.at) > MAX_AGE) known = { at: clock(), status: check(request) };
    return known.status;
  };
}
