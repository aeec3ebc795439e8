/** The page of a rule, for the terminal and for docs/lint-rules.md, and the list of all. */
import { EVERY_RULE } from '../every-rule.ts';
import type { LintRule } from '../core/rule.ts';

const FIXES = { safe: 'yes (--fix)', unsafe: 'unsafe (--unsafe-fixes), requires a review', none: 'no' } as const;
const SCOPES = {
  key: 'key policies',
  identity: 'identity policies',
  trust: 'role trust policies',
  endpoint: 'VPC endpoint policies',
  grant: 'grants',
} as const;

const severities = ({ severity, otherwise = {} }: LintRule): string => [severity, ...Object.keys(otherwise)].join(', ');

function facts({
  scopes,
  fix,
  prove,
  optional,
  severity,
  otherwise = {},
}: LintRule): readonly (readonly [string, string])[] {
  return [
    ['severity', [severity, ...Object.entries(otherwise).map(([other, when]) => `${other} ${when}`)].join('; ')],
    ['scope', scopes.length === 0 ? 'the configuration' : scopes.map((scope) => SCOPES[scope]).join(', ')],
    ['fix', FIXES[fix]],
    ...(prove ? [['findings', 'only proved ones; requires the account of the key'] as const] : []),
    ...(optional ? [['default', 'off; enable it with --select, or with rules in policylint.json'] as const] : []),
  ];
}

export function rulePage(rule: LintRule): string {
  const { code, name, title, why, bad, good, see } = rule;
  const list = facts(rule).map(([what, value]) => `  ${`${what}:`.padEnd(14)}${value}`);
  return [`${code} ${name}: ${title}`, '', ...list, '', why, '', `  bad:  ${bad}`, `  good: ${good}`, '', see, ''].join(
    '\n',
  );
}

export const ruleList = (): string =>
  EVERY_RULE.map((rule) => {
    const { code, name, title, fix } = rule;
    return `${code}  ${severities(rule).padEnd(17)}  ${fix === 'safe' ? '*' : fix === 'unsafe' ? '?' : ' '}  ${name.padEnd(28)}  ${title}\n`;
  }).join('');

/** docs/lint-rules.md. */
export function rulesDocument(): string {
  const rows = EVERY_RULE.map(
    (rule) =>
      `| [${rule.code}](#${rule.code.toLowerCase()}-${rule.name}) | ${rule.name} | ${severities(rule)} | ${rule.fix === 'none' ? '-' : rule.fix} | ${rule.title} |`,
  );
  const pages = EVERY_RULE.map((rule) => {
    const list = facts(rule).map(([what, value]) => `- ${what}: ${value}`);
    return `## ${rule.code} ${rule.name}\n\n${escaped(`${rule.title[0]!.toUpperCase()}${rule.title.slice(1)}`)}.\n\n${list.join('\n')}\n\n${escaped(rule.why)}\n\nBad:\n\n\`\`\`text\n${rule.bad}\n\`\`\`\n\nGood:\n\n\`\`\`text\n${rule.good}\n\`\`\`\n\n<${rule.see}>\n`;
  });
  return `<!-- Made by scripts/generate.ts: changes here are lost. -->

# Rules of kms lint

\`kms lint --explain CODE\` prints the documentation of one rule, \`kms lint --list-rules\` the table.

| code | name | severity | fix | finding |
|---|---|---|---|---|
${rows.join('\n').replaceAll('*', '\\*')}

${pages.join('\n')}`;
}

/** Prose with stars in it, which are no emphasis. */
const escaped = (text: string): string => text.replaceAll('*', '\\*').replaceAll('<', '&lt;');
