/** The table of rules, in the order of their codes. */
import type { Rule } from '../rule.ts';
import { ACTION_RULES } from './actions.ts';
import { CONDITION_FORM_RULES } from './condition-form.ts';
import { CONDITION_MEANING_RULES } from './condition-meaning.ts';
import { DOCUMENT_RULES } from './document.ts';
import { GRANT_RULES } from './grants.ts';
import { PRINCIPAL_RULES } from './principals.ts';
import { RESOURCE_RULES } from './resources.ts';
import { SECURITY_RULES } from './security.ts';
import { STYLE_RULES } from './style.ts';
import { WHOLE_RULES } from './whole.ts';

export const RULES: readonly Rule[] = [
  ...DOCUMENT_RULES,
  ...PRINCIPAL_RULES,
  ...ACTION_RULES,
  ...RESOURCE_RULES,
  ...CONDITION_FORM_RULES,
  ...CONDITION_MEANING_RULES,
  ...SECURITY_RULES,
  ...WHOLE_RULES,
  ...GRANT_RULES,
  ...STYLE_RULES,
].toSorted((a, b) => (a.code < b.code ? -1 : 1));
