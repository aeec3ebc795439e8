/** Remedies as values: the changes that allow the call, and the command for each. */
import type { PolicySource } from '../../policy/decision.ts';
import type { AccessRequest } from '../../policy/request.ts';

export type ChangeKind = 'request' | 'grant' | 'deny' | PolicySource;

export interface Change {
  readonly kind: ChangeKind;
  /** What to do, in words. */
  readonly text: string;
  /** Of a request: the condition key, and what it would be. */
  readonly key?: string;
  readonly state?: string;
  /** A line for a shell that makes the change, after those of the changes before it. */
  readonly command?: string;
  /** Options to append to those of the call. */
  readonly callOptions?: string;
}

/** The command that makes a change, if there is one. */
export type Means = Pick<Change, 'command' | 'callOptions'>;

/** A change that was not made yet. */
export interface CandidateChange extends Omit<Change, keyof Means> {
  /** Of several with one group one is taken. */
  readonly group?: string;
  readonly apply: (request: AccessRequest) => AccessRequest;
  /** @param before what apply() was given, and `after` what it made of it */
  readonly means: (before: AccessRequest, after: AccessRequest) => Means;
}

export interface Remedy {
  readonly changes: readonly Change[];
  /** With the changes made; the engine allows it. */
  readonly request: AccessRequest;
}
