/** The configuration of the linter: read and checked, turned into settings, and applied to findings. */
import { isAccountId } from '../model/account.ts';
import { isPrincipal, readPrincipalArn } from '../model/principal-arn.ts';
import { matchesPattern } from '../policy/glob.ts';
import type { JsonMember, JsonNode } from '../policy/json-tree.ts';
import type { JsonPath, Range } from '../policy/text-place.ts';
import type { NamedPrincipal } from '../policy/document.ts';
import { CONFIG_SCHEMA, type Schema } from './config-schema.ts';
import { spanIn, type FileReport, type Finding, type Suppressed } from './core/finding.ts';
import { PAGES, type Rule } from './core/rule.ts';
import { RULES } from './rules/index.ts';
import type { Expectation, LintSettings, Severity } from './core/settings.ts';
import { readTolerantly } from './core/tolerant.ts';

interface Override {
  readonly file?: string;
  readonly sid?: string;
  readonly pointer?: string;
  readonly rules: readonly string[];
  readonly reason: string;
  readonly expires?: string;
}

interface Config {
  readonly account?: string;
  readonly trustedAccounts?: readonly string[];
  readonly identities?: readonly { readonly arn: string; readonly id?: string }[];
  readonly rules?: Readonly<Record<string, Severity | 'off'>>;
  readonly failOn?: Severity;
  readonly overrides?: readonly Override[];
  readonly expect?: readonly Expectation[];
}

export interface ReadConfig {
  readonly name: string;
  readonly text: string;
  readonly value: Config;
  /** Where each override stands. */
  readonly places: readonly Range[];
}

/** Findings about the configuration itself; lint() never makes them. */
const CONFIG_RULES: readonly Rule[] = [
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
export const EVERY_RULE: readonly Rule[] = [...RULES, ...CONFIG_RULES].toSorted((a, b) => (a.code < b.code ? -1 : 1));

export const ruleOf = (code: string): Rule | undefined => EVERY_RULE.find((rule) => rule.code === code);

/** @returns what is wrong with it, a line each, if it cannot be used */
export function readConfig(name: string, text: string): ReadConfig | { readonly problems: readonly string[] } {
  const { root, faults } = readTolerantly(text, { comments: true });
  const spanOf = spanIn(text);
  const tell = ({ start, end }: Range, message: string): string => {
    const { line, column } = spanOf({ start, end });
    return `${name}:${line}:${column}: ${message}`;
  };
  if (faults.length > 0 || !root) return { problems: faults.map((fault) => tell(fault.at, fault.message)) };
  const problems = mismatches(root, CONFIG_SCHEMA).map(({ at, message }) => tell(at, message));
  if (problems.length > 0) return { problems };
  const overrides = root.members?.find((member) => member.name === 'overrides')?.value;
  return { name, text, value: valueOf(root) as Config, places: overrides?.items ?? [] };
}

function valueOf(node: JsonNode): unknown {
  if (node.kind === 'array') return (node.items ?? []).map(valueOf);
  if (node.kind !== 'object') return node.value;
  return Object.fromEntries((node.members ?? []).map(({ name, value }) => [name, valueOf(value)]));
}

interface Mismatch {
  readonly at: Range;
  readonly message: string;
}

const FORMATS: { readonly [format in NonNullable<Schema['format']>]: (text: string) => boolean } = {
  principal: isPrincipal,
  'principal-arn': (text) => readPrincipalArn(text) !== undefined,
};

function mismatches(node: JsonNode, schema: Schema): readonly Mismatch[] {
  if (schema.type && node.kind !== schema.type)
    return [{ at: node, message: `this must be of the type ${schema.type}` }];
  if (schema.enum && !schema.enum.includes(String(node.value)))
    return [{ at: node, message: `this must be one of ${schema.enum.join(', ')}` }];
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(node.value))) {
    return [{ at: node, message: `this must be ${schema.description ?? 'text'}, like ${schema.pattern}` }];
  }
  if (schema.format && !FORMATS[schema.format](String(node.value)))
    return [{ at: node, message: `this must be ${schema.description}` }];
  const found = (node.items ?? []).flatMap((item) => (schema.items ? mismatches(item, schema.items) : []));
  const names = new Set((node.members ?? []).map(({ name }) => name));
  const lacks = node.kind === 'object' ? (schema.required ?? []).filter((name) => !names.has(name)) : [];
  return [
    ...found,
    ...lacks.map((name) => ({ at: { start: node.start, end: node.start + 1 }, message: `${name} is missing` })),
    ...(node.members ?? []).flatMap((member) => memberMismatches(member, schema)),
  ];
}

function memberMismatches(member: JsonMember, schema: Schema): readonly Mismatch[] {
  const { propertyNames, properties, additionalProperties } = schema;
  if (propertyNames && !new RegExp(propertyNames.pattern).test(member.name))
    return [{ at: member, message: `${member.name} is no code like KP504` }];
  const known = properties && Object.hasOwn(properties, member.name) ? properties[member.name] : undefined;
  if (known) return mismatches(member.value, known);
  if (additionalProperties === false) return [{ at: member, message: `there is no ${member.name} here` }];
  return additionalProperties ? mismatches(member.value, additionalProperties) : [];
}

export function settingsOf({ value }: Pick<ReadConfig, 'value'>): LintSettings & { readonly failOn?: Severity } {
  const { account, trustedAccounts, identities, rules, failOn, expect } = value;
  return {
    ...(account === undefined ? {} : { account }),
    ...(trustedAccounts ? { trustedAccounts } : {}),
    ...(rules ? { rules } : {}),
    ...(failOn ? { failOn } : {}),
    ...(expect ? { expectations: expect } : {}),
    ...(identities ? knownBy(identities) : {}),
  };
}

/** What lint() asks of known identities. An account counts as known if one of it is. */
export function knownBy(identities: readonly { readonly arn: string; readonly id?: string | undefined }[]) {
  const arns = new Set(identities.map(({ arn }) => arn));
  const known = identities.flatMap(({ arn }) => readPrincipalArn(arn) ?? []);
  const accounts = new Set(known.map(({ account }) => account));
  const byId = new Map(identities.flatMap(({ arn, id }) => (id === undefined ? [] : [[id, arn] as const])));
  const principalExists = ({ text }: NamedPrincipal): boolean => {
    if (arns.has(text)) return true;
    if (isAccountId(text)) return accounts.has(text);
    const named = readPrincipalArn(text);
    if (named?.form === 'root') return accounts.has(named.account);
    if (!named || !accounts.has(named.account) || named.form === 'federated-user') return true;
    // a session is of a role whose path it does not tell
    return (
      named.form === 'assumed-role' &&
      known.some(({ form, account, name }) => form === 'role' && account === named.account && name === named.name)
    );
  };
  return { principalExists, arnOf: (id: string) => byId.get(id) };
}

export interface Applied {
  readonly files: readonly FileReport[];
  /** About the configuration itself. */
  readonly config: readonly Finding[];
}

/** @param today as `2026-01-31` */
export function applyOverrides(files: readonly FileReport[], config: ReadConfig, today: string): Applied {
  const overrides = config.value.overrides ?? [];
  const used = new Set<Override>();
  const covering = (file: FileReport, finding: Finding): Override | undefined => {
    const fitting = overrides.filter((override) => fits(override, file, finding));
    for (const override of fitting) used.add(override);
    return fitting.find((override) => !isExpired(override, today));
  };
  const kept = files.map((file): FileReport => {
    const suppressed: Suppressed[] = [...file.suppressed];
    const findings = file.findings.filter((finding) => {
      const override = covering(file, finding);
      if (override) suppressed.push({ finding, reason: override.reason });
      return !override;
    });
    return { ...file, findings, suppressed };
  });
  return { files: kept, config: [...aboutOverrides(config, { used, today }), ...unknownCodes(config)] };
}

const isExpired = ({ expires }: Override, today: string): boolean => expires !== undefined && expires < today;

function fits({ file, sid, pointer, rules }: Override, { name }: FileReport, finding: Finding): boolean {
  const place = pointerOf(finding.steps);
  return (
    rules.some((beginning) => finding.code.startsWith(beginning)) &&
    (file === undefined || matchesPattern(file, name) || name.endsWith(`/${file}`)) &&
    (sid === undefined || finding.sid === sid) &&
    (pointer === undefined || place === pointer || place.startsWith(`${pointer.replace(/\/$/, '')}/`))
  );
}

/** RFC 6901. */
const pointerOf = (steps: JsonPath): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function aboutOverrides(
  config: ReadConfig,
  { used, today }: { used: ReadonlySet<Override>; today: string },
): readonly Finding[] {
  return (config.value.overrides ?? []).flatMap((override, index): readonly Finding[] => {
    const at = config.places[index]!;
    const steps = ['overrides', index];
    if (isExpired(override, today))
      return [
        configFinding('KP801', {
          config,
          at,
          steps,
          message: `the override for ${override.rules.join(', ')} expired on ${override.expires}`,
        }),
      ];
    if (used.has(override)) return [];
    return [
      configFinding('KP802', {
        config,
        at,
        steps,
        message: `the override for ${override.rules.join(', ')} fits no finding`,
      }),
    ];
  });
}

function unknownCodes(config: ReadConfig): readonly Finding[] {
  const root = readTolerantly(config.text, { comments: true }).root;
  const places: { readonly code: string; readonly at: Range; readonly steps: JsonPath }[] = [];
  for (const { name, value } of root?.members ?? []) {
    if (name === 'rules')
      for (const member of value.members ?? [])
        places.push({ code: member.name, at: member, steps: [name, member.name] });
    if (name !== 'overrides') continue;
    for (const [index, item] of (value.items ?? []).entries()) {
      const rules = item.members?.find((member) => member.name === 'rules')?.value.items ?? [];
      for (const code of rules) places.push({ code: String(code.value), at: code, steps: [name, index, 'rules'] });
    }
  }
  return places
    .filter(({ code }) => !EVERY_RULE.some((rule) => rule.code.startsWith(code)))
    .map(({ code, at, steps }) =>
      configFinding('KP803', { config, at, steps, message: `no rule has the code ${code}` }),
    );
}

interface Told {
  readonly config: ReadConfig;
  readonly at: Range;
  readonly steps: JsonPath;
  readonly message: string;
}

function configFinding(code: string, { config, at, steps, message }: Told): Finding {
  const { name, severity } = CONFIG_RULES.find((rule) => rule.code === code)!;
  const span = spanIn(config.text)({
    start: at.start,
    end: Math.min(at.end, at.start + (code === 'KP803' ? at.end - at.start : 1)),
  });
  const path = steps.join('.');
  return { code, name, severity, message, path, steps, span, secondary: [], notes: [], fingerprint: `${code}-${path}` };
}
