/** Calls of tokens in this process: it waits for each. A library is loaded by the first call that needs it, and stays. */
import { isDeepStrictEqual } from 'node:util';
import { EnvironmentError } from '../../../model/error.ts';
import { checkModuleFile, type ClusterEntry } from '../cluster-entry.ts';
import { HsmError } from '../hsm.ts';
import { loadKoffi } from './koffi.ts';
import { Pkcs11Library } from './library.ts';
import { Pkcs11Error } from './return-value.ts';
import { Pkcs11Token } from './token.ts';
import { answerOf, type Tokens } from './token-call.ts';

export function tokensHere(): Tokens {
  const libraries = new Map<string, Pkcs11Library>();
  const tokens = new Map<string, { readonly entry: ClusterEntry; readonly token: Pkcs11Token }>();
  const tokenOf = async (entry: ClusterEntry): Promise<Pkcs11Token> => {
    const known = tokens.get(entry.clusterId);
    if (known && isDeepStrictEqual(known.entry, entry)) return known.token;
    known?.token.disconnect();
    const key = JSON.stringify([entry.module, entry.moduleArguments]);
    const library = libraries.get(key) ?? (await loadLibrary(entry));
    libraries.set(key, library);
    const token = new Pkcs11Token(entry, library);
    tokens.set(entry.clusterId, { entry, token });
    return token;
  };
  return {
    call: async (entry, name, input) => answerOf(await tokenOf(entry), name, input),
    async close() {
      for (const { token } of tokens.values()) token.disconnect();
      tokens.clear();
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
