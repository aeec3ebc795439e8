/** A dimension: an unknown part of a request, and its possible values. */
import type { AccessRequest } from '../../policy/request.ts';

/** The unknown parts of a request. */
export interface Unknown {
  /** Condition keys that were specified, lower-cased. */
  readonly specifiedKeys: ReadonlySet<string>;
  /** Whether the call is the process's own: then its time, transport and network are known. */
  readonly isOwnCall: boolean;
  /** Whether nothing is known of the policies that the caller's own account has for it. */
  readonly isForeign: boolean;
}

/** An unknown part, and its possible values. */
export interface Dimension {
  /** Requests of one call that have a dimension of one name have it in common. */
  readonly name: string;
  /** What specifies it on the command line. */
  readonly option: string;
  /** Lower-cased. */
  readonly keys: readonly string[];
  /** Those of them that do not specify it. */
  readonly affectedKeys?: readonly string[];
  readonly options: readonly ((request: AccessRequest) => AccessRequest)[];
  /** Words where no condition key differs. */
  readonly words?: string;
  /** Every call has one of the options: without it there is no request. */
  readonly isRequired?: boolean;
}
