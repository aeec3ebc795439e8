/** Traces why calls of key managers fail: the answer to the caller says less, and of a connection there is none. */
import { HsmError, type Hsm } from '../key-managers/hsm/hsm.ts';
import { XksError, type Xks } from '../key-managers/xks/xks.ts';
import { withoutValues } from '../model/error.ts';
import type { KeyManagers } from '../operations/row/operation.ts';
import type { Trace } from '../pipeline/trace.ts';

export const tracingFailures = ({ hsm, xks }: KeyManagers, trace: Trace): KeyManagers => ({
  hsm: tracingHsm(hsm, trace),
  xks: tracingXks(xks, trace),
});

function tracingHsm(hsm: Hsm, trace: Trace): Hsm {
  const traced = <A extends readonly unknown[], R>(name: string, call: (...asked: A) => Promise<R>) =>
    tracing(call, (error) => trace('hsm', `${name}: ${reasonOf(error)}`));
  return {
    checkCluster: traced('look for the cluster', (...asked) => hsm.checkCluster(...asked)),
    connect: traced('connect', (...asked) => hsm.connect(...asked)),
    disconnect: traced('disconnect', (...asked) => hsm.disconnect(...asked)),
    createKey: traced('create a key', (...asked) => hsm.createKey(...asked)),
    encrypt: traced('encrypt', (...asked) => hsm.encrypt(...asked)),
    decrypt: traced('decrypt', (...asked) => hsm.decrypt(...asked)),
    random: traced('random bytes', (...asked) => hsm.random(...asked)),
    findKeys: traced('find keys', (...asked) => hsm.findKeys(...asked)),
    destroyKeys: traced('destroy keys', (...asked) => hsm.destroyKeys(...asked)),
    close: () => hsm.close(),
  };
}

function tracingXks(xks: Xks, trace: Trace): Xks {
  const traced = <A extends readonly [{ readonly uriEndpoint: string }, ...unknown[]], R>(
    name: string,
    call: (...asked: A) => Promise<R>,
  ) => tracing(call, (error, [{ uriEndpoint }]) => trace('xks', `${name} at ${uriEndpoint}: ${reasonOf(error)}`));
  return {
    findEntry: (uriEndpoint) => xks.findEntry(uriEndpoint),
    privateDnsNameOf: (service) => xks.privateDnsNameOf(service),
    getHealthStatus: traced('GetHealthStatus', (...asked) => xks.getHealthStatus(...asked)),
    getKeyMetadata: traced('GetKeyMetadata', (...asked) => xks.getKeyMetadata(...asked)),
    encrypt: traced('Encrypt', (...asked) => xks.encrypt(...asked)),
    decrypt: traced('Decrypt', (...asked) => xks.decrypt(...asked)),
    close: () => xks.close(),
  };
}

const tracing =
  <A extends readonly unknown[], R>(call: (...asked: A) => Promise<R>, failed: (error: unknown, asked: A) => void) =>
  async (...asked: A): Promise<R> => {
    try {
      return await call(...asked);
    } catch (error) {
      failed(error, asked);
      throw error;
    }
  };

/** Messages of these two are for the operator and have no secrets. */
function reasonOf(error: unknown): string {
  if (error instanceof HsmError) return `${error.code}: ${error.message}`;
  if (error instanceof XksError) return `${error.errorName}: ${error.message}`;
  return error instanceof Error ? withoutValues(error) : 'a value that is not an Error was thrown';
}
