/** The operator's entry for a CloudHSM cluster: which PKCS#11 library and token stand for it. */
import { X509Certificate } from 'node:crypto';
import type { EntryFolder } from '../../files/entry-folder.ts';
import { checkFileAndFolders } from '../../files/private-file.ts';
import { EnvironmentError } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import { CLUSTER_ID } from '../../model/members.ts';
import { isAbsolute } from 'node:path';
import { isText, isTextOrAbsent, operatorEntries } from '../operator-entries.ts';
import { IV_SOURCES, PIN_FORMATS, type LibraryTraits } from './known-library.ts';

export interface ClusterEntry extends LibraryTraits {
  readonly clusterId: string;
  /** The path of the library, absolute. */
  readonly module: string;
  /** Its text for C_Initialize (`pReserved`), for libraries that want one. */
  readonly moduleArguments?: string | undefined;
  /** The label of the token. */
  readonly token: string;
  /** The certificate that key stores must name, as PEM; undefined: any. */
  readonly trustAnchor?: string | undefined;
}

/** @param configFolder of this user; absolute */
export const clusterEntries = (configFolder: string): EntryFolder<ClusterEntry> =>
  operatorEntries(configFolder, 'hsm', {
    what: 'the entry of the cluster',
    name: { pattern: new RegExp(`^${CLUSTER_ID}$`), explanation: 'a cluster ID has the form cluster-a2b3c4d5e6f' },
    nameOf: ({ clusterId }) => clusterId,
    encode: ({ clusterId, module, moduleArguments, token, trustAnchor, pinFormat, ivSource }) => ({
      ClusterId: clusterId,
      Module: module,
      ModuleArguments: moduleArguments,
      Token: token,
      TrustAnchor: trustAnchor,
      PinFormat: pinFormat,
      IvSource: ivSource,
    }),
    decode,
    removal: (clusterId) => `kms hsm remove ${clusterId}`,
  });

function decode(value: unknown): ClusterEntry | undefined {
  if (!isObject(value)) return undefined;
  const { ClusterId, Module, ModuleArguments, Token, TrustAnchor, PinFormat, IvSource } = value;
  const pinFormat = PIN_FORMATS.find((one) => one === PinFormat);
  const ivSource = IV_SOURCES.find((one) => one === IvSource);
  if (!isText(ClusterId) || !isText(Module) || !isText(Token) || !pinFormat || !ivSource) return undefined;
  if (!isTextOrAbsent(ModuleArguments) || !isTextOrAbsent(TrustAnchor) || !isAbsolute(Module)) return undefined;
  return {
    clusterId: ClusterId,
    module: Module,
    moduleArguments: ModuleArguments,
    token: Token,
    trustAnchor: TrustAnchor,
    pinFormat,
    ivSource,
  };
}

/**
 * A library is code that runs with the secrets of this process: nobody else may be able to put another in its place.
 * @throws EnvironmentError
 */
export function checkModuleFile(path: string): void {
  if (!isAbsolute(path)) throw new EnvironmentError(`the path of the PKCS#11 module must be absolute: ${path}`);
  checkFileAndFolders(path, 'the PKCS#11 module');
}

/** undefined: not a certificate */
export function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
