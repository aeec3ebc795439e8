/** What is known of the calls of every action. */
import type { InputRules } from './request-facts.ts';

export interface ActionRules {
  /** @param action `kms:Decrypt` */
  readonly of: (action: string) => InputRules;
  /** Whether calls of some action have a member that the condition key is about. @param key lower-cased */
  readonly isGivenByMember: (key: string) => boolean;
}
