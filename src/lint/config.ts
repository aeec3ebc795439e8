/** The configuration of the linter: parsing, validation, and conversion to settings. */
import { isPrincipal, readPrincipalArn } from '../model/principal-arn.ts';
import type { JsonMember, JsonNode } from '../policy/json-tree.ts';
import type { Range } from '../policy/text-place.ts';
import { CONFIG_SCHEMA, type Schema } from './config-schema.ts';
import { spanIn } from './core/finding.ts';
import type { Expectation, LintSettings, Severity } from './core/settings.ts';
import { readTolerantly } from './core/tolerant.ts';
import { knownBy } from './known-identities.ts';

export interface Override {
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
  /** The place of each override. */
  readonly places: readonly Range[];
}

/** @returns errors, one a line, if it cannot be used */
export function readConfig(name: string, read: string): ReadConfig | { readonly problems: readonly string[] } {
  const text = read.replace(/^\ufeff/, ' '); // a byte order mark, which some editors write
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
  if (schema.type && node.kind !== schema.type) return [{ at: node, message: `must be of type ${schema.type}` }];
  if (schema.enum && !schema.enum.includes(String(node.value)))
    return [{ at: node, message: `must be one of ${schema.enum.join(', ')}` }];
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(node.value))) {
    return [{ at: node, message: `must be ${schema.description ?? 'a string'} that matches ${schema.pattern}` }];
  }
  if (schema.format && !FORMATS[schema.format](String(node.value)))
    return [{ at: node, message: `must be ${schema.description}` }];
  const found = (node.items ?? []).flatMap((item) => (schema.items ? mismatches(item, schema.items) : []));
  const members = node.members ?? [];
  const names = new Set(members.map(({ name }) => name));
  const again = members.filter(({ name }, at) => members.findIndex((other) => other.name === name) < at);
  const lacks = node.kind === 'object' ? (schema.required ?? []).filter((name) => !names.has(name)) : [];
  return [
    ...found,
    ...lacks.map((name) => ({ at: { start: node.start, end: node.start + 1 }, message: `${name} is missing` })),
    ...again.map((member) => ({ at: member, message: `${member.name} is specified more than once` })),
    ...members.flatMap((member) => memberMismatches(member, schema)),
  ];
}

function memberMismatches(member: JsonMember, schema: Schema): readonly Mismatch[] {
  const { propertyNames, properties, additionalProperties } = schema;
  if (propertyNames && !new RegExp(propertyNames.pattern).test(member.name))
    return [{ at: member, message: `${member.name} is not a rule code or code prefix, such as KP504` }];
  const known = properties && Object.hasOwn(properties, member.name) ? properties[member.name] : undefined;
  if (known) return mismatches(member.value, known);
  if (additionalProperties === false) return [{ at: member, message: `unknown setting ${member.name}` }];
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
