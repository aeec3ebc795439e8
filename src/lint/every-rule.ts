/** All rules of findings: those about documents, and those about the configuration. */
import { PAGES, type LintRule } from './core/rule.ts';
import { RULES } from './rules/index.ts';

/** Findings about the configuration itself; lint() never makes them. */
export const CONFIG_RULES: readonly LintRule[] = [
  {
    code: 'KP801',
    name: 'override-expired',
    severity: 'error',
    scopes: [],
    title: 'expired override',
    why: 'The override suppressed a finding until its expiry date. Fix the finding, or extend the override.',
    bad: '"expires": "2020-01-01"',
    good: 'a date in the future, or no override',
    see: PAGES.analyzer,
    fix: 'none',
  },
  {
    code: 'KP802',
    name: 'override-unused',
    severity: 'warning',
    scopes: [],
    title: 'override that matches no finding',
    why: 'The finding no longer exists, or its Sid or pointer has changed. The override can suppress a later finding by mistake.',
    bad: 'an override for a statement that was removed',
    good: 'no override',
    see: PAGES.analyzer,
    fix: 'none',
  },
  {
    code: 'KP803',
    name: 'rule-unknown',
    severity: 'error',
    scopes: [],
    title: 'unknown rule code',
    why: 'The configuration contains the code of a rule that does not exist, which has no effect.',
    bad: '"rules": { "KP999": "off" }',
    good: '"rules": { "KP603": "off" }',
    see: PAGES.analyzer,
    fix: 'none',
  },
];

/** All rules of findings. */
export const EVERY_RULE: readonly LintRule[] = [...RULES, ...CONFIG_RULES].toSorted((a, b) =>
  a.code < b.code ? -1 : 1,
);

export const ruleOf = (code: string): LintRule | undefined => EVERY_RULE.find((rule) => rule.code === code);
