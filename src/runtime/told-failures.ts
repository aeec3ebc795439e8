/** Tells why a call of a key manager has failed: the answer to the caller says less, and of a connection there is none. */
import { HsmError, type Hsm } from '../key-managers/hsm/hsm.ts';
import { XksError, type Xks } from '../key-managers/xks/xks.ts';
import { withoutValues } from '../model/error.ts';
import type { KeyManagers } from '../operations/row/operation.ts';
import type { Trace } from '../pipeline/trace.ts';

export const tellingFailures = ({ hsm, xks }: KeyManagers, tell: Trace): KeyManagers => ({
  hsm: tellingHsm(hsm, tell),
  xks: tellingXks(xks, tell),
});

function tellingHsm(hsm: Hsm, tell: Trace): Hsm {
  const told = <A extends readonly unknown[], R>(name: string, call: (...asked: A) => Promise<R>) =>
    telling(call, (error) => tell('hsm', `${name}: ${reasonOf(error)}`));
  return {
    checkCluster: told('look for the cluster', (...asked) => hsm.checkCluster(...asked)),
    connect: told('connect', (...asked) => hsm.connect(...asked)),
    disconnect: told('disconnect', (...asked) => hsm.disconnect(...asked)),
    createKey: told('create a key', (...asked) => hsm.createKey(...asked)),
    encrypt: told('encrypt', (...asked) => hsm.encrypt(...asked)),
    decrypt: told('decrypt', (...asked) => hsm.decrypt(...asked)),
    random: told('random bytes', (...asked) => hsm.random(...asked)),
    findKeys: told('find keys', (...asked) => hsm.findKeys(...asked)),
    destroyKeys: told('destroy keys', (...asked) => hsm.destroyKeys(...asked)),
    close: () => hsm.close(),
  };
}

function tellingXks(xks: Xks, tell: Trace): Xks {
  const told = <A extends readonly [{ readonly uriEndpoint: string }, ...unknown[]], R>(
    name: string,
    call: (...asked: A) => Promise<R>,
  ) => telling(call, (error, [{ uriEndpoint }]) => tell('xks', `${name} at ${uriEndpoint}: ${reasonOf(error)}`));
  return {
    findEntry: (uriEndpoint) => xks.findEntry(uriEndpoint),
    privateDnsNameOf: (service) => xks.privateDnsNameOf(service),
    getHealthStatus: told('GetHealthStatus', (...asked) => xks.getHealthStatus(...asked)),
    getKeyMetadata: told('GetKeyMetadata', (...asked) => xks.getKeyMetadata(...asked)),
    encrypt: told('Encrypt', (...asked) => xks.encrypt(...asked)),
    decrypt: told('Decrypt', (...asked) => xks.decrypt(...asked)),
    close: () => xks.close(),
  };
}

const telling =
  <A extends readonly unknown[], R>(call: (...asked: A) => Promise<R>, tell: (error: unknown, asked: A) => void) =>
  async (...asked: A): Promise<R> => {
    try {
      return await call(...asked);
    } catch (error) {
      tell(error, asked);
      throw error;
    }
  };

/** Messages of these two are for the operator and have no secrets. */
function reasonOf(error: unknown): string {
  if (error instanceof HsmError) return `${error.code}: ${error.message}`;
  if (error instanceof XksError) return `${error.errorName}: ${error.message}`;
  return error instanceof Error ? withoutValues(error) : 'a value that is not an Error was thrown';
}
