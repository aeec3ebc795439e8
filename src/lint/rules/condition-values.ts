/** Rules on the values of conditions: syntax, and whether they can occur. */
import { parseArnPattern } from '../../model/arn.ts';
import { ACCOUNT_ID } from '../../model/account.ts';
import { inRange, readDate, readNumber, readRange, sameBytes } from '../../policy/operands.ts';
import type { OperatorFamily } from '../../policy/operators.ts';
import { type Fix, quote, replace } from '../core/edit.ts';
import { VIA_SERVICES, isViaService } from '../facts/services.ts';
import { valuesOf } from '../facts/values.ts';
import { type FindingDraft, OWN, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { didYouMean, nearest } from '../core/similar.ts';
import { type Subject, type TestView, placeOfItem } from '../core/subject.ts';

const READERS: Readonly<Partial<Record<OperatorFamily, readonly [string, Reader]>>> = {
  Bool: ['true or false', (text) => /^(?:true|false)$/i.test(text)],
  Numeric: ['a number', (text) => readNumber(text) !== undefined],
  Date: ['an ISO 8601 date or seconds since 1970', (text) => readDate(text) !== undefined],
  IpAddress: ['an IP address or CIDR range', (text) => readRange(text) !== undefined],
  Binary: ['base64', (text) => sameBytes(text, text) !== undefined],
  Arn: ['an ARN', (text) => parseArnPattern(text) !== undefined],
};

/** What a value must look like, by key. */
const FORMS: readonly (readonly [RegExp, RegExp, string])[] = [
  [
    /^kms:(?:requestalias|resourcealiases)$/,
    /^(?:alias\/|[^:]*[*?])/,
    'the value must be an alias name (alias/...), not an alias ARN',
  ],
  [
    /^kms:calleraccount$|^aws:(?:source|principal|resource)account$/,
    new RegExp(`^(?:${ACCOUNT_ID}|.*[*?].*)$`),
    'an account ID has 12 digits',
  ],
  [/^aws:sourcevpce$/, /^(?:vpce-|[^-]*[*?])/, 'a VPC endpoint ID begins with vpce-'],
  [/^aws:sourcevpc$/, /^(?:vpc-|[^-]*[*?])/, 'a VPC ID begins with vpc-'],
];

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
].map((range) => readRange(range)!);

export const VALUE_RULES: readonly LintRule[] = [
  {
    code: 'KP405',
    name: 'value-type',
    severity: 'warning',
    scopes: POLICY,
    title: 'condition value that the operator cannot parse',
    why: 'Boolean values are true or false, numbers are decimal, dates are in ISO 8601 format or seconds since 1970, IP addresses are CIDR ranges, binary values are in base64. Other values never match.',
    bad: '"Bool": { "kms:GrantIsForAWSResource": "yes" }',
    good: '"Bool": { "kms:GrantIsForAWSResource": "true" }',
    see: PAGES.operators,
    fix: 'none',
    issue: 'TYPE_MISMATCH',
    test: valueType,
  },
  {
    code: 'KP414',
    name: 'impossible-value',
    severity: 'error',
    scopes: POLICY,
    title: 'value that the condition key never has',
    why: 'Key specs, key usages, origins, algorithms and grant operations are fixed lists of values; aliases are compared by alias name, not by ARN; account IDs have 12 digits. Other values never match.',
    bad: '"StringEquals": { "kms:KeySpec": "RSA-2048" }',
    good: '"StringEquals": { "kms:KeySpec": "RSA_2048" }',
    see: PAGES.conditions,
    fix: 'safe',
    test: impossibleValues,
  },
  {
    code: 'KP415',
    name: 'via-service',
    severity: 'warning',
    scopes: OWN,
    title: 'invalid value of kms:ViaService',
    why: 'The format is SERVICE.REGION.amazonaws.com, in every partition. Services use a key only in the Region of the key.',
    bad: '"kms:ViaService": "s3.amazonaws.com"',
    good: '"kms:ViaService": "s3.us-east-1.amazonaws.com"',
    see: PAGES.conditions,
    fix: 'none',
    test: viaService,
  },
  {
    code: 'KP418',
    name: 'cidr',
    severity: 'warning',
    scopes: POLICY,
    title: 'misleading IP address range',
    why: 'Bits after the CIDR prefix are ignored. aws:SourceIp is always a public IP address, so private ranges never match; use aws:VpcSourceIp or aws:SourceVpce inside a VPC.',
    bad: '"aws:SourceIp": "203.0.113.7/24"',
    good: '"aws:SourceIp": "203.0.113.0/24"',
    see: PAGES.awsConditions,
    fix: 'safe',
    issue: 'IMPROVE_IP_RANGE',
    test: cidr,
  },
];

type Reader = (text: string) => boolean;

function valueType({ use, values, block }: TestView): readonly FindingDraft[] {
  const reader = use && READERS[use.operator.family];
  if (!reader) return [];
  const [wanted, reads] = reader;
  return values
    .filter(({ text }) => !reads(text) && !text.includes('${'))
    .map((value) => ({
      at: value.at,
      path: value.path,
      message: `${block.name} requires ${wanted}, not ${quote(value.text)}`,
    }));
}

export const isVariable = (text: string): boolean => text.includes('${');

function impossibleValues({ name, use, values }: TestView): readonly FindingDraft[] {
  if (!use || use.operator.family !== 'String') return [];
  const enumeration = valuesOf(name);
  const form = FORMS.find(([keys]) => keys.test(name));
  const likes = use.operator.name.endsWith('Like');
  const ignoresCase = use.operator.name.endsWith('IgnoreCase');
  return values.flatMap((value): readonly FindingDraft[] => {
    const { text } = value;
    if (isVariable(text)) return [];
    if (form)
      return form[1].test(text) ? [] : [{ ...placeOfItem(value), message: `${quote(text)} never matches: ${form[2]}` }];
    if (!enumeration) return [];
    const fits = enumeration.some((known) =>
      likes && /[*?]/.test(text)
        ? like(text, known)
        : ignoresCase
          ? known.toLowerCase() === text.toLowerCase()
          : known === text,
    );
    if (fits || (!likes && /[*?]/.test(text))) return []; // KP406 has it
    const near = nearest(text, enumeration);
    const fix: Fix | undefined =
      near && near.distance <= 1 && near.unique && !likes
        ? { safe: true, title: `write ${quote(near.name)}`, edits: [replace(value.at, quote(near.name))] }
        : undefined;
    return [
      {
        ...placeOfItem(value),
        message: `the condition key never has the value ${quote(text)}${didYouMean(near)}`,
        fix,
      },
    ];
  });
}

function viaService({ name, values }: TestView, { settings }: Subject): readonly FindingDraft[] {
  if (name !== 'kms:viaservice') return [];
  return values.flatMap((value): readonly FindingDraft[] => {
    const { text } = value;
    if (isVariable(text) || /[*?]/.test(text)) return [];
    const [, service, region] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.amazonaws\.com$/.exec(text) ?? [];
    if (!service || !region)
      return [
        { ...placeOfItem(value), message: `${quote(text)} does not have the format SERVICE.REGION.amazonaws.com` },
      ];
    if (!isViaService(service))
      return [
        {
          ...placeOfItem(value),
          message: `${quote(service)} is not a service name for kms:ViaService${didYouMean(nearest(service, VIA_SERVICES))}`,
        },
      ];
    const home = settings.key?.region;
    if (!home || home === region) return [];
    return [{ ...placeOfItem(value), message: `the key is in Region ${home}, so ${quote(text)} never matches` }];
  });
}

function cidr({ use, values, name }: TestView): readonly FindingDraft[] {
  if (use?.operator.family !== 'IpAddress') return [];
  return values.flatMap((value): readonly FindingDraft[] => {
    const range = readRange(value.text);
    if (!range) return []; // KP405 has it
    const drafts: FindingDraft[] = [];
    const masked = maskOf(value.text, range);
    if (masked !== undefined) {
      const fix: Fix = { safe: true, title: `write ${quote(masked)}`, edits: [replace(value.at, quote(masked))] };
      drafts.push({ ...placeOfItem(value), message: `${quote(value.text)} is equivalent to ${masked}`, fix });
    }
    if (name === 'aws:sourceip' && PRIVATE.some((known) => inRange(range, known))) {
      drafts.push({
        ...placeOfItem(value),
        message: `${quote(value.text)} is private; aws:SourceIp is always a public address`,
      });
    }
    return drafts;
  });
}

/** The range with the bits behind its prefix cleared, if any of them is set (IPv4). */
function maskOf(
  text: string,
  { bytes, bits }: { readonly bytes: readonly number[]; readonly bits: number },
): string | undefined {
  if (bytes.length !== 4 || !text.includes('/')) return undefined;
  const masked = bytes.map((byte, index) => byte & ((0xff00 >> Math.min(Math.max(bits - index * 8, 0), 8)) & 0xff));
  const result = `${masked.join('.')}/${bits}`;
  return masked.some((byte, index) => byte !== bytes[index]) ? result : undefined;
}

/** A pattern of a closed list's names; these have no characters that mean something in a regular expression. */
function like(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (pattern.includes('?')) return true; // no claim
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const [index, part] of rest.entries()) {
    const found = index === rest.length - 1 ? name.length - part.length : name.indexOf(part, from);
    if (found < from || !name.startsWith(part, found)) return false;
    from = found + part.length;
  }
  return true;
}
