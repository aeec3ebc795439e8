/**
 * The key state table: the kinds of operations that each state allows, and the errors of others (AWS KMS Developer Guide,
 * Key states of AWS KMS keys).
 */
import { KmsError } from '../model/error.ts';
import type { KeyState } from '../model/enumeration.ts';
import type { StateRule } from '../operations/row/operation.ts';

interface Refusal {
  readonly code: 'DisabledException' | 'KMSInvalidStateException';
  /** Follows the key's ARN in the message. */
  readonly text: string;
}

const invalidState = (text: string): Refusal => ({ code: 'KMSInvalidStateException', text });

/** The numbers are those of the footnotes in the table of the page. */
const DISABLED: Refusal = { code: 'DisabledException', text: 'is disabled.' }; // 1
const PENDING_DELETION = invalidState('is pending deletion.'); // 3
const PENDING_REPLICA_DELETION = invalidState('is pending replica deletion.'); // 3
const NOT_PENDING = invalidState('is not pending deletion (or pending replica deletion).'); // 4
const PENDING_IMPORT = invalidState('is pending import.'); // 5
const UNAVAILABLE = invalidState('is unavailable.'); // 11
const CREATING = invalidState('is creating.'); // 14
const UPDATING = invalidState('is updating.'); // 15

type StateRow = { readonly [S in KeyState]?: Refusal };

const PENDING: StateRow = { PendingDeletion: PENDING_DELETION, PendingReplicaDeletion: PENDING_REPLICA_DELETION };

/** Kinds that are not in a row are allowed. */
const TABLE: { readonly [R in StateRule]: StateRow } = {
  any: {},
  'not-pending': PENDING,
  use: {
    ...PENDING,
    Disabled: DISABLED,
    PendingImport: PENDING_IMPORT,
    Unavailable: UNAVAILABLE,
    Creating: CREATING,
  },
  // usable while its key store is not connected
  'create-grant': { ...PENDING, Disabled: DISABLED, PendingImport: PENDING_IMPORT, Creating: CREATING },
  // GetPublicKey works on a disabled key
  'public-key': {
    ...PENDING,
    PendingImport: PENDING_IMPORT,
    Unavailable: UNAVAILABLE,
    Creating: CREATING,
  },
  'cancel-deletion': {
    Enabled: NOT_PENDING,
    Disabled: NOT_PENDING,
    PendingImport: NOT_PENDING,
    Unavailable: NOT_PENDING,
    Creating: NOT_PENDING,
    Updating: NOT_PENDING,
  },
  switch: { ...PENDING, PendingImport: PENDING_IMPORT, Creating: CREATING, Updating: UPDATING },
  'schedule-deletion': { ...PENDING, Updating: UPDATING },
  // by then the key is known to have imported material: footnote 9 of the page is about what kind of key it is
  'import-parameters': { ...PENDING, Creating: CREATING, Updating: UPDATING },
  import: { ...PENDING, Creating: CREATING },
  'delete-material': { Creating: CREATING, Updating: UPDATING },
  replicate: {
    ...PENDING,
    Disabled: DISABLED,
    PendingImport: PENDING_IMPORT,
    Creating: CREATING,
    Updating: UPDATING,
  },
};

export function requireState(
  rule: StateRule,
  { state, arn }: { readonly state: KeyState; readonly arn: string },
): void {
  const refusal = TABLE[rule][state];
  if (refusal) throw new KmsError(refusal.code, `${arn} ${refusal.text}`);
}
