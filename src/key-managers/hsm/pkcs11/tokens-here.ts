/** Calls of tokens in this process. A library is loaded by the first call that needs it, and stays. */
import { isDeepStrictEqual } from 'node:util';
import { EnvironmentError } from '../../../model/error.ts';
import { checkModuleFile, type ClusterEntry } from '../cluster-entry.ts';
import { HsmError } from '../hsm.ts';
import { loadKoffi } from './koffi.ts';
import { Pkcs11Library } from './library.ts';
import { Pkcs11Error } from './return-value.ts';
import { Pkcs11Token } from './token.ts';
import { answerOf, type Tokens } from './token-call.ts';

interface KnownToken {
  readonly entry: ClusterEntry;
  readonly token: Promise<Pkcs11Token>;
}

export function tokensHere(): Tokens {
  const libraries = new Map<string, Promise<Pkcs11Library>>();
  const tokens = new Map<string, KnownToken>();
  const libraryOf = (entry: ClusterEntry): Promise<Pkcs11Library> => {
    const key = JSON.stringify([entry.module, entry.moduleArguments]);
    const library = libraries.get(key) ?? loadLibrary(entry);
    libraries.set(key, library);
    library.catch(() => libraries.delete(key)); // the next call tries again
    return library;
  };
  const make = async (entry: ClusterEntry, before: KnownToken | undefined): Promise<Pkcs11Token> => {
    await (await before?.token.catch(() => undefined))?.disconnect();
    return new Pkcs11Token(entry, await libraryOf(entry));
  };
  const tokenOf = (entry: ClusterEntry): Promise<Pkcs11Token> => {
    const known = tokens.get(entry.clusterId);
    if (known && isDeepStrictEqual(known.entry, entry)) return known.token;
    const made = { entry, token: make(entry, known) };
    tokens.set(entry.clusterId, made);
    made.token.catch(() => tokens.get(entry.clusterId) === made && tokens.delete(entry.clusterId));
    return made.token;
  };
  return {
    call: async (entry, name, input) => answerOf(await tokenOf(entry), name, input),
    async close() {
      const made = Array.from(tokens.values(), async ({ token }) => (await token).disconnect());
      tokens.clear();
      await Promise.allSettled(made);
    },
  };
}

/** @throws HsmError */
export async function loadLibrary({ clusterId, module, moduleArguments }: ClusterEntry): Promise<Pkcs11Library> {
  try {
    checkModuleFile(module);
    return new Pkcs11Library(await loadKoffi(), module, moduleArguments);
  } catch (error) {
    if (error instanceof EnvironmentError) {
      throw new HsmError('CLUSTER_NOT_FOUND', `${clusterId}: ${error.message}`, { cause: error });
    }
    if (error instanceof Pkcs11Error) {
      throw new HsmError(
        'CLUSTER_NOT_FOUND',
        `${clusterId}: the library ${module} cannot be loaded: ${error.message}`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}
