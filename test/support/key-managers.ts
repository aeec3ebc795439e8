/**
 * Key managers for tests: CloudHSM clusters and an external key store proxy in memory, which encrypt as the real ones do, and
 * fail as they are told to.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { HsmError, type Hsm, type HsmErrorCode, type HsmKey, type HsmUser } from '../../src/key-managers/hsm/hsm.ts';
import type { KeyManagers } from '../../src/operations/row/operation.ts';
import {
  XksError,
  type Xks,
  type XksErrorName,
  type XksHealth,
  type XksKeyMetadata,
} from '../../src/key-managers/xks/xks.ts';
import type { Secret } from '../../src/crypto/secret.ts';

interface Cluster {
  readonly trustAnchor: string;
  password: string;
  readonly keys: Map<string, Uint8Array>;
}

export interface TestKeyManagers extends KeyManagers {
  readonly clusters: Map<string, Cluster>;
  /** Of the external keys: those that are not here are enabled and encrypt and decrypt. */
  readonly externalKeys: Map<string, Partial<XksKeyMetadata> | 'none'>;
  /** What was asked, in order. */
  readonly asked: { readonly what: string; readonly metadata?: object; readonly uriPath?: string }[];
  health: XksHealth['ekmFleetDetails'][number]['healthStatus'];
  /** Whether the operator has entries for the hosts of proxies. */
  isListed: boolean;
  /** Hosts by the VPC endpoint services that their entries name. */
  readonly services: Map<string, string>;
  /** What every call fails with. */
  hsmError: HsmErrorCode | undefined;
  xksError: XksErrorName | undefined;
  /** Before each call. */
  before: ((what: string) => Promise<unknown>) | undefined;
  /** What the proxy gives instead of what it has decrypted. */
  forged: Uint8Array | undefined;
}

export const KMSUSER = 'kmsPswd-of-kmsuser';
export const TRUST_ANCHOR = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
const CLUSTERS = ['cluster-2a23b4cdefg', 'cluster-2a23b4cdefh', 'cluster-3a23b4cdefg'];

/** A proxy has to notice that its metadata is altered. */
const VERSION = Buffer.from('version=1');

const textOf = (secret: Secret): string => Buffer.from(secret.expose()).toString();

function sealed(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array) {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(aad);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { iv, ciphertext, tag: cipher.getAuthTag() };
}

interface Sealed {
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
  readonly aad: Uint8Array;
}

function opened(key: Uint8Array, { iv, ciphertext, tag, aad }: Sealed): Uint8Array | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    return undefined;
  }
}

export function testKeyManagers(): TestKeyManagers {
  const clusters = new Map<string, Cluster>(
    CLUSTERS.map((id) => [id, { trustAnchor: TRUST_ANCHOR, password: KMSUSER, keys: new Map() }]),
  );
  const note = async (what: string, more: object = {}): Promise<void> => {
    self.asked.push({ what, ...more });
    await self.before?.(what);
  };
  const clusterOf = (id: string): Cluster => {
    if (self.hsmError) throw new HsmError(self.hsmError, `told to fail with ${self.hsmError}`);
    const cluster = clusters.get(id);
    if (!cluster) throw new HsmError('CLUSTER_NOT_FOUND', `there is no cluster ${id}`);
    return cluster;
  };
  const asUser = ({ clusterId, password }: HsmUser): Cluster => {
    const cluster = clusterOf(clusterId);
    if (textOf(password) !== cluster.password) throw new HsmError('INVALID_CREDENTIALS', 'the password is wrong');
    return cluster;
  };
  const keyOf = (key: HsmKey): Uint8Array => {
    const found = asUser(key).keys.get(key.label);
    if (!found) throw new HsmError('KEY_NOT_FOUND', `there is no key ${key.label}`);
    return found;
  };
  const hsm: Hsm = {
    async checkCluster(clusterId, trustAnchor) {
      await note('checkCluster');
      if (clusterOf(clusterId).trustAnchor !== trustAnchor) throw new HsmError('INCORRECT_TRUST_ANCHOR', 'another one');
    },
    async connect(clusterId, passwords, next) {
      await note('connect');
      const cluster = clusterOf(clusterId);
      if (!passwords.some((one) => textOf(one) === cluster.password)) {
        throw new HsmError('INVALID_CREDENTIALS', 'no password is right');
      }
      cluster.password = textOf(next);
      return next;
    },
    disconnect: () => note('disconnect'),
    async createKey(key) {
      await note('createKey');
      asUser(key).keys.set(key.label, randomBytes(32));
      return { keyHandle: '16', backingKeyId: '01' };
    },
    async encrypt(key, { plaintext, aad }) {
      await note('hsm encrypt');
      return sealed(keyOf(key), plaintext, aad);
    },
    async decrypt(key, side) {
      await note('hsm decrypt');
      return opened(keyOf(key), side);
    },
    async random(user, size) {
      await note('random');
      asUser(user);
      return randomBytes(size);
    },
    async findKeys(key) {
      await note('findKeys');
      return asUser(key).keys.has(key.label) ? [{ keyHandle: '16', backingKeyId: '01' }] : [];
    },
    async destroyKeys(key) {
      await note('destroyKeys');
      asUser(key).keys.delete(key.label);
    },
    close: async () => {},
  };
  const refuse = (): void => {
    if (self.xksError) throw new XksError(self.xksError, `told to fail with ${self.xksError}`);
  };
  const externalKey = (id: string): Uint8Array => {
    refuse();
    if (self.externalKeys.get(id) === 'none') throw new XksError('KeyNotFoundException', 'not found');
    return createHash('sha256').update(id).digest();
  };
  const xks: Xks = {
    findEntry(uriEndpoint) {
      if (!self.isListed) return undefined;
      const named = [...self.services].find(([, host]) => uriEndpoint.toLowerCase() === `https://${host}`);
      return { vpcEndpointServiceName: named?.[0] };
    },
    privateDnsNameOf: (service) => self.services.get(service),
    async getHealthStatus({ uriPath }, metadata) {
      await note('health', { metadata, uriPath });
      refuse();
      return {
        xksProxyFleetSize: 1,
        xksProxyVendor: 'test',
        xksProxyModel: 'test',
        ekmVendor: 'test',
        ekmFleetDetails: [{ id: '1', model: 'test', healthStatus: self.health }],
      };
    },
    async getKeyMetadata(_, id, metadata) {
      await note('metadata', { metadata });
      externalKey(id);
      const known = self.externalKeys.get(id);
      const usual = { keySpec: 'AES_256', keyStatus: 'ENABLED', keyUsage: ['ENCRYPT', 'DECRYPT'] } as const;
      return typeof known === 'object' ? { ...usual, ...known } : usual;
    },
    async encrypt(_, id, { plaintext, aad, metadata }) {
      await note('xks encrypt', { metadata });
      const bound = Buffer.concat([aad, VERSION]);
      return { ...sealed(externalKey(id), plaintext, bound), ciphertextMetadata: VERSION };
    },
    async decrypt(_, id, { metadata, ciphertextMetadata = Buffer.of(), ...side }) {
      await note('xks decrypt', { metadata });
      const bound = Buffer.concat([side.aad, ciphertextMetadata]);
      const plaintext = opened(externalKey(id), { ...side, aad: bound });
      if (!plaintext) throw new XksError('InvalidCiphertextException', 'invalid');
      return self.forged ?? plaintext;
    },
    close: async () => {},
  };
  const self: TestKeyManagers = {
    hsm,
    xks,
    clusters,
    externalKeys: new Map(),
    asked: [],
    health: 'ACTIVE',
    isListed: true,
    services: new Map(),
    hsmError: undefined,
    xksError: undefined,
    before: undefined,
    forged: undefined,
  };
  return self;
}
