/** Every rule that findings can have: those of documents, and those about the configuration itself. */
import { PAGES, type LintRule } from './core/rule.ts';
import { RULES } from './rules/index.ts';

/** Findings about the configuration itself; lint() never makes them. */
export const CONFIG_RULES: readonly LintRule[] = [
  {
    code: 'KP801',
    name: 'override-expired',
    severity: 'error',
    scopes: [],
    title: 'an override that has expired',
    why: 'Somebody answered for the finding until that day. It is shown again; fix it, or decide anew.',
    bad: '"expires": "2020-01-01"',
    good: 'a day to come, or no override',
    see: PAGES.analyzer,
    fix: 'none',
  },
  {
    code: 'KP802',
    name: 'override-unused',
    severity: 'warning',
    scopes: [],
    title: 'an override that fits no finding',
    why: 'What it was for is gone, or the Sid or pointer has changed. It could hide a later finding that nobody looked at.',
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
    title: 'a code that no rule has',
    why: 'The configuration names a rule that does not exist, so it changes nothing.',
    bad: '"rules": { "KP999": "off" }',
    good: '"rules": { "KP603": "off" }',
    see: PAGES.analyzer,
    fix: 'none',
  },
];

/** Every rule that findings can have. */
export const EVERY_RULE: readonly LintRule[] = [...RULES, ...CONFIG_RULES].toSorted((a, b) =>
  a.code < b.code ? -1 : 1,
);

export const ruleOf = (code: string): LintRule | undefined => EVERY_RULE.find((rule) => rule.code === code);
