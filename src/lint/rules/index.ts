/** The table of rules, in the order of their codes. */
import type { LintRule } from '../core/rule.ts';
import { ACTION_EFFECT_RULES } from './action-effects.ts';
import { ACTION_LIST_RULES } from './action-lists.ts';
import { ACTION_NAME_RULES } from './action-names.ts';
import { ATTESTATION_RULES } from './attestation.ts';
import { CONDITION_KEY_RULES } from './condition-keys.ts';
import { OPERATOR_RULES } from './condition-operators.ts';
import { SET_RULES } from './condition-sets.ts';
import { SOURCE_RULES } from './condition-source.ts';
import { TRUTH_RULES } from './condition-truth.ts';
import { VALUE_RULES } from './condition-values.ts';
import { DOCUMENT_RULES } from './document.ts';
import { ELEMENT_RULES } from './elements.ts';
import { GRANT_RULES } from './grants.ts';
import { PRINCIPAL_RULES } from './principals.ts';
import { PROVED_RULES } from './proved.ts';
import { RESOURCE_RULES } from './resources.ts';
import { SECURITY_RULES } from './security.ts';
import { STYLE_RULES } from './style.ts';
import { TEXT_RULES } from './text.ts';
import { TRUST_RULES } from './trust.ts';
import { VARIABLE_RULES } from './variables.ts';
import { WHOLE_RULES } from './whole.ts';

export const RULES: readonly LintRule[] = [
  ...TEXT_RULES,
  ...ELEMENT_RULES,
  ...DOCUMENT_RULES,
  ...PRINCIPAL_RULES,
  ...ACTION_NAME_RULES,
  ...ACTION_EFFECT_RULES,
  ...ACTION_LIST_RULES,
  ...RESOURCE_RULES,
  ...OPERATOR_RULES,
  ...CONDITION_KEY_RULES,
  ...SET_RULES,
  ...VALUE_RULES,
  ...ATTESTATION_RULES,
  ...TRUTH_RULES,
  ...SOURCE_RULES,
  ...VARIABLE_RULES,
  ...SECURITY_RULES,
  ...PROVED_RULES,
  ...WHOLE_RULES,
  ...TRUST_RULES,
  ...GRANT_RULES,
  ...STYLE_RULES,
].toSorted((a, b) => (a.code < b.code ? -1 : 1));
