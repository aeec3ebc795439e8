/** A difference between a seed and the keyring, and what removes it. */
import type { Home } from '../../../model/arn.ts';
import type { OperationUnit } from '../../../runtime/capabilities.ts';
import type { EventDeps } from '../../command/local-command.ts';
import type { SeededStack } from '../template/template.ts';

export interface SeedChange {
  readonly Action: 'create' | 'update' | 'unchanged' | 'skipped';
  readonly Resource: string;
  /** What of it; the reason, if it is skipped. */
  readonly Detail: string;
}

export interface SeedStep extends SeedChange {
  readonly run: () => Promise<unknown>;
}

/** Where the steps of a seed are made: in one transaction. */
export interface StepDeps {
  readonly unit: OperationUnit;
  readonly events: EventDeps;
  /** The account and Region of what says no other. */
  readonly home: Home;
  /** Of a template. */
  readonly stack?: SeededStack | undefined;
}

const unchanging = async (): Promise<undefined> => undefined;

export const unchanged = (Resource: string): SeedStep => ({
  Action: 'unchanged',
  Resource,
  Detail: '',
  run: unchanging,
});
export const skipped = (Resource: string, Detail: string): SeedStep => ({
  Action: 'skipped',
  Resource,
  Detail,
  run: unchanging,
});

export const policyText = (policy: unknown): string => (typeof policy === 'string' ? policy : JSON.stringify(policy));

/** Whether two policies are equal, apart from their layout. */
export function isSamePolicy(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return one === other;
  }
}
