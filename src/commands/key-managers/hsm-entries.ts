/** `kms hsm`: the operator's entries for CloudHSM clusters. They are this user's configuration: no keyring is opened. */
import { readLimited, utf8 } from '../../files/limited-read.ts';
import type { EntryFolder } from '../../files/entry-folder.ts';
import {
  certificateOf,
  checkModuleFile,
  clusterEntries,
  type ClusterEntry,
} from '../../key-managers/hsm/cluster-entry.ts';
import { IV_SOURCES, libraryTraits, PIN_FORMATS } from '../../key-managers/hsm/known-library.ts';
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { list, oneOf, required, string, structure } from '../../model/shape.ts';
import { clusterId, knownCluster } from '../../operations/key-stores/members.ts';
import { configFolder } from '../../runtime/user-folders.ts';
import { localCommand } from '../command/local-command.ts';
import type { ProfileAccess } from '../configure/profiles.ts';

/** Of an entry. */
const clusterMembers = {
  ClusterId: string(),
  Module: string(),
  ModuleArguments: string(),
  Token: string(),
  /** SHA-256 of the certificate. */
  TrustAnchorFingerprint: string(),
  PinFormat: string(),
  IvSource: string(),
};

const entriesOf = ({ profiles }: ProfileAccess): EntryFolder<ClusterEntry> =>
  clusterEntries(configFolder(profiles.folders));

const describe = ({ trustAnchor, ...entry }: ClusterEntry) => ({
  ClusterId: entry.clusterId,
  Module: entry.module,
  ModuleArguments: entry.moduleArguments,
  Token: entry.token,
  TrustAnchorFingerprint: trustAnchor === undefined ? undefined : certificateOf(trustAnchor)?.fingerprint256,
  PinFormat: entry.pinFormat,
  IvSource: entry.ivSource,
});

export const hsmAdd = localCommand({
  name: 'HsmAdd',
  command: 'hsm add',
  anyProfile: true,
  input: structure({
    ClusterId: required(clusterId),
    Module: required(fileName),
    // CK_TOKEN_INFO: 32 bytes
    Token: required(string({ min: 1, max: 32 })),
    TrustAnchor: fileName,
    ModuleArguments: string({ min: 1, max: 4096, pattern: '[^\\u0000]*' }),
    PinFormat: oneOf(PIN_FORMATS),
    IvSource: oneOf(IV_SOURCES),
  }),
  output: structure(clusterMembers),
  positionals: ['ClusterId'],
  async run(input, deps: ProfileAccess) {
    const { ClusterId, Module, Token, TrustAnchor, ModuleArguments } = input;
    checkModuleFile(Module);
    const entries = entriesOf(deps);
    if (entries.find(ClusterId)) {
      throw new EnvironmentError(`the cluster ${ClusterId} has an entry already`, [
        `kms hsm remove ${ClusterId} removes it`,
      ]);
    }
    const { pinFormat, ivSource } = libraryTraits(Module);
    const entry: ClusterEntry = {
      clusterId: ClusterId,
      module: Module,
      moduleArguments: ModuleArguments,
      token: Token,
      trustAnchor: TrustAnchor === undefined ? undefined : readCertificate(TrustAnchor),
      pinFormat: input.PinFormat ?? pinFormat,
      ivSource: input.IvSource ?? ivSource,
    };
    entries.write(entry);
    return describe(entry);
  },
});

/** AWS KMS API Reference, CreateCustomKeyStore: at most 5,000 characters. */
const MAX_CERTIFICATE = 5000;

function readCertificate(path: string): string {
  const subject = `the trust anchor ${path}`;
  const pem = utf8(readLimited(path, { subject, limit: MAX_CERTIFICATE }), subject);
  if (!certificateOf(pem)) throw new EnvironmentError(`${subject} is not a certificate in PEM`);
  return pem;
}

export const hsmList = localCommand({
  name: 'HsmList',
  command: 'hsm list',
  anyProfile: true,
  input: structure({}),
  output: structure({ Clusters: list(structure(clusterMembers)) }),
  async run(_, deps: ProfileAccess) {
    return { Clusters: entriesOf(deps).all().map(describe) };
  },
});

export const hsmRemove = localCommand({
  name: 'HsmRemove',
  command: 'hsm remove',
  anyProfile: true,
  input: structure({ ClusterId: required(knownCluster) }),
  output: structure({}),
  positionals: ['ClusterId'],
  async run({ ClusterId }, deps: ProfileAccess) {
    if (!entriesOf(deps).remove(ClusterId)) throw noEntry(ClusterId);
    return {};
  },
});

export const hsmStatus = localCommand({
  name: 'HsmStatus',
  command: 'hsm status',
  anyProfile: true,
  input: structure({ ClusterId: knownCluster }),
  output: structure({
    Clusters: list(
      structure({
        ClusterId: string(),
        Status: string(),
        Problem: string(),
        Manufacturer: string(),
        Model: string(),
        SerialNumber: string(),
        Flags: list(string()),
      }),
    ),
  }),
  positionals: ['ClusterId'],
  async run({ ClusterId }, deps: ProfileAccess) {
    const { tokenStatus } = await import('../../key-managers/hsm/pkcs11/token-status.ts');
    const Clusters = [];
    for (const entry of chosen(entriesOf(deps), ClusterId)) {
      const { status, problem, manufacturer, model, serialNumber, flags } = await tokenStatus(entry);
      Clusters.push({
        ClusterId: entry.clusterId,
        Status: status,
        Problem: problem,
        Manufacturer: manufacturer,
        Model: model,
        SerialNumber: serialNumber,
        Flags: flags,
      });
    }
    return { Clusters };
  },
  exit: ({ Clusters }) => (Clusters.every(({ Status }) => Status === 'READY') ? 0 : 1),
});

function chosen(entries: EntryFolder<ClusterEntry>, id: string | undefined): readonly ClusterEntry[] {
  if (id === undefined) return entries.all();
  const entry = entries.find(id);
  if (entry) return [entry];
  throw noEntry(id);
}

const noEntry = (id: string): EnvironmentError =>
  new EnvironmentError(`the cluster ${id} has no entry`, ['kms hsm list lists the entries']);
