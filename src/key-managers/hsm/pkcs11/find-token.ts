/** Initializes the library of a cluster, and finds its token among the slots. */
import type { ClusterEntry } from '../cluster-entry.ts';
import { HsmError } from '../hsm.ts';
import type { Handle, Pkcs11Library } from './library.ts';
import { Pkcs11Error } from './return-value.ts';

export async function findToken(library: Pkcs11Library, { clusterId, module, token }: ClusterEntry): Promise<Handle> {
  const slots = await library.slots(true);
  const labels: string[] = [];
  for (const slot of slots) labels.push((await library.tokenInfo(slot)).label);
  const [slot, another] = slots.filter((_, at) => labels[at] === token);
  if (another !== undefined) {
    throw new HsmError('INTERNAL_ERROR', `${clusterId}: several tokens of ${module} have the label ${token}`);
  }
  if (slot !== undefined) return slot;
  if (slots.length === 0 && (await library.slots(false)).length > 0) {
    throw new HsmError('INSUFFICIENT_CLOUDHSM_HSMS', `${clusterId}: no slot of ${module} has a token`);
  }
  const others = labels.filter((label) => label !== '').map((label) => JSON.stringify(label));
  const found = others.length > 0 ? `; there are ${others.join(', ')}` : '';
  throw new HsmError('CLUSTER_NOT_FOUND', `${clusterId}: no token of ${module} has the label ${token}${found}`);
}

/** Without its files SoftHSM does not even begin. */
export async function initialize(library: Pkcs11Library, { clusterId, module }: ClusterEntry): Promise<void> {
  try {
    await library.initialize();
  } catch (error) {
    if (!(error instanceof Pkcs11Error)) throw error;
    const text = `${clusterId}: the library ${module} cannot be initialized: ${error.message}`;
    throw new HsmError('CLUSTER_NOT_FOUND', text, { cause: error });
  }
}
