/** KP414 to KP426: conditions that are well-formed and do not mean what they seem to. */
import { readNumber, readRange, inRange } from '../../operands.ts';
import { accountOf } from '../../principal.ts';
import { addTest, quote, removeAmong, replace, wholeMember, type Fix } from '../edit.ts';
import { isSymmetric } from '../facts/key-actions.ts';
import { isViaService, OWN_ARNS, VIA_SERVICES } from '../facts/services.ts';
import { rangeOf, valuesOf } from '../facts/values.ts';
import { KEY, OWN, PAGES, POLICY, type Draft, type Rule } from '../rule.ts';
import { didYouMean, nearest } from '../similar.ts';
import type { Item, StatementView, Subject, TestView } from '../subject.ts';

const at = ({ member, path }: TestView) => ({ at: member, path });
const here = ({ at, path }: Item) => ({ at, path });
const isVariable = (text: string): boolean => text.includes('${');

export const CONDITION_MEANING_RULES: readonly Rule[] = [
  {
    code: 'KP414',
    name: 'impossible-value',
    severity: 'error',
    scopes: POLICY,
    title: 'a value that the key never has',
    why: 'Key specs, usages, origins, algorithms and operations of grants are closed lists; aliases are compared by name, not by ARN; accounts have 12 digits. A value outside never matches.',
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
    title: 'a value that kms:ViaService does not have',
    why: 'The form is service.region.amazonaws.com, in every partition. A key is only called in its own Region.',
    bad: '"kms:ViaService": "s3.amazonaws.com"',
    good: '"kms:ViaService": "s3.us-east-1.amazonaws.com"',
    see: PAGES.conditions,
    fix: 'none',
    test: viaService,
  },
  {
    code: 'KP416',
    name: 'never-true',
    severity: 'warning',
    scopes: POLICY,
    title: 'a condition that nothing can satisfy',
    why: 'Tests of one statement must all hold. If two of them exclude each other, or a number is outside of what the API takes, the statement never applies.',
    bad: '"StringEquals": { "kms:KeySpec": "RSA_2048" }, "StringNotEquals": { "kms:KeySpec": "RSA_2048" }',
    good: 'one of the two',
    see: PAGES.conditions,
    fix: 'none',
    statement: neverTrue,
  },
  {
    code: 'KP417',
    name: 'always-true',
    severity: 'warning',
    scopes: POLICY,
    title: 'a condition that asks for nothing',
    why: 'StringLike "*" only asks that the key is there, which Null says in so many words; 0.0.0.0/0 is every address; a number that the API never undercuts is no limit.',
    bad: '"StringLike": { "kms:EncryptionContext:app": "*" }',
    good: '"Null": { "kms:EncryptionContext:app": "false" }',
    see: PAGES.conditions,
    fix: 'safe',
    issue: 'EQUIVALENT_TO_NULL_FALSE',
    test: alwaysTrue,
  },
  {
    code: 'KP418',
    name: 'cidr',
    severity: 'warning',
    scopes: POLICY,
    title: 'an address range that is not what it looks like',
    why: 'Bits behind the prefix do not count. aws:SourceIp is a public address: private ranges never match; inside a VPC there are aws:VpcSourceIp and aws:SourceVpce.',
    bad: '"aws:SourceIp": "203.0.113.7/24"',
    good: '"aws:SourceIp": "203.0.113.0/24"',
    see: PAGES.awsConditions,
    fix: 'safe',
    issue: 'IMPROVE_IP_RANGE',
    test: cidr,
  },
  {
    code: 'KP419',
    name: 'network-condition',
    severity: 'warning',
    scopes: OWN,
    title: 'a condition on the network that AWS services do not meet',
    why: 'When S3, EBS and others use the key for a caller, the call comes from their own addresses and networks, and through a VPC endpoint there is no aws:SourceIp. Exempt them by aws:ViaAWSService, or use the key directly only.',
    bad: '"Effect": "Deny", "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }',
    good: '"Effect": "Deny", "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" }, "Bool": { "aws:ViaAWSService": "false" } }',
    see: PAGES.awsConditions,
    fix: 'none',
    test: networkCondition,
  },
  {
    code: 'KP420',
    name: 'deprecated-key',
    severity: 'hint',
    scopes: POLICY,
    title: 'a condition key of an old name',
    why: 'kms:CustomerMasterKeySpec and kms:CustomerMasterKeyUsage are called kms:KeySpec and kms:KeyUsage; aws:ARN is aws:PrincipalArn.',
    bad: '"kms:CustomerMasterKeySpec": "RSA_2048"',
    good: '"kms:KeySpec": "RSA_2048"',
    see: PAGES.conditions,
    fix: 'safe',
    issue: 'DEPRECATED_GLOBAL_CONDITION_KEY',
    test(test) {
      const now = RENAMED.get(test.name);
      if (now === undefined) return undefined;
      const free = test.block.value.members!.every(({ name }) => name.toLowerCase() !== now.toLowerCase());
      const fix: Fix = { safe: true, title: `write ${now}`, edits: [replace(test.member, quote(now))] };
      return { ...at(test), message: `${test.member.name} is now ${now}`, ...(free ? { fix } : {}) };
    },
  },
  {
    code: 'KP422',
    name: 'context-on-non-symmetric',
    severity: 'warning',
    scopes: KEY,
    title: 'an encryption context on a key that has none',
    why: 'Only symmetric encryption keys take an encryption context. On asymmetric and HMAC keys the condition key is always absent.',
    bad: '"kms:EncryptionContext:app": "orders" on a key of RSA_2048',
    good: 'no such condition',
    see: PAGES.conditions,
    fix: 'none',
    test(test, { settings }) {
      if (!settings.key || isSymmetric(settings.key) || !test.name.startsWith('kms:encryptioncontext')) return undefined;
      return { ...at(test), message: `a key of ${settings.key.spec} has no encryption context` };
    },
  },
  {
    code: 'KP425',
    name: 'source-arn',
    severity: 'security',
    scopes: KEY,
    title: 'an aws:SourceArn that is too wide or never fits',
    why: 'aws:SourceArn ties a service to one of your resources. With a wildcard for the account anybody can have the service use the key for theirs; with the ARN of another service it never matches.',
    bad: '"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:*:trail/*"',
    good: '"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"',
    see: PAGES.confusedDeputy,
    fix: 'none',
    test: sourceArn,
  },
  {
    code: 'KP426',
    name: 'paired-keys',
    severity: 'security',
    scopes: POLICY,
    title: 'a condition key without the one it needs',
    why: 'Private addresses are the same in every VPC: aws:VpcSourceIp means something only together with aws:SourceVpc or aws:SourceVpce, aws:Ec2InstanceSourcePrivateIPv4 only with aws:Ec2InstanceSourceVpc.',
    bad: '"IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" }',
    good: '"IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" }, "StringEquals": { "aws:SourceVpc": "vpc-0123456789abcdef0" }',
    see: PAGES.globalKeys,
    fix: 'none',
    issue: 'MISSING_PAIRED_CONDITION_KEYS',
    test(test) {
      const partners = PAIRS.get(test.name);
      if (!partners || test.statement.tests.some(({ name }) => partners.includes(name))) return undefined;
      return { ...at(test), message: `${test.member.name} needs ${partners.join(' or ')} beside it` };
    },
  },
];

// maps, not objects: people can write "constructor"
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['kms:customermasterkeyspec', 'kms:KeySpec'],
  ['kms:customermasterkeyusage', 'kms:KeyUsage'],
  ['aws:arn', 'aws:PrincipalArn'],
]);

const PAIRS: ReadonlyMap<string, readonly string[]> = new Map([
  ['aws:vpcsourceip', ['aws:sourcevpc', 'aws:sourcevpce']],
  ['aws:ec2instancesourceprivateipv4', ['aws:ec2instancesourcevpc']],
]);

/** What a value must look like, by key. */
const FORMS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/^kms:(?:requestalias|resourcealiases)$/, /^(?:alias\/|[^:]*[*?])/, 'an alias is named as alias/name, not by its ARN'],
  [/^kms:calleraccount$|^aws:(?:source|principal|resource)account$/, /^(?:\d{12}|.*[*?].*)$/, 'an account has 12 digits'],
  [/^aws:sourcevpce$/, /^(?:vpce-|[^-]*[*?])/, 'a VPC endpoint is called vpce-…'],
  [/^aws:sourcevpc$/, /^(?:vpc-|[^-]*[*?])/, 'a VPC is called vpc-…'],
  [/^kms:recipientattestation:(?:pcr|nitrotpmpcr)/, /^[0-9a-fA-F*?]{1,192}$/, 'a PCR is hexadecimal, at most 96 bytes'],
];

function impossibleValues({ name, use, values }: TestView): readonly Draft[] {
  if (!use || use.operator.family !== 'String') return [];
  const enumeration = valuesOf(name);
  const form = FORMS.find(([keys]) => keys.test(name));
  const likes = use.operator.name.endsWith('Like');
  const ignoresCase = use.operator.name.endsWith('IgnoreCase');
  return values.flatMap((value): readonly Draft[] => {
    const { text } = value;
    if (isVariable(text)) return [];
    if (form) return form[1].test(text) ? [] : [{ ...here(value), message: `${quote(text)} never matches: ${form[2]}` }];
    if (!enumeration) return [];
    const fits = enumeration.some((known) => (likes && /[*?]/.test(text) ? like(text, known) : ignoresCase ? known.toLowerCase() === text.toLowerCase() : known === text));
    if (fits || (!likes && /[*?]/.test(text))) return []; // KP406 has it
    const near = nearest(text, enumeration);
    const fix: Fix | undefined =
      near && near.distance <= 1 && near.unique && !likes ? { safe: true, title: `write ${quote(near.name)}`, edits: [replace(value.at, quote(near.name))] } : undefined;
    return [{ ...here(value), message: `the key never has the value ${quote(text)}${didYouMean(near)}`, fix }];
  });
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

function viaService({ name, values }: TestView, { settings }: Subject): readonly Draft[] {
  if (name !== 'kms:viaservice') return [];
  return values.flatMap((value): readonly Draft[] => {
    const { text } = value;
    if (isVariable(text) || /[*?]/.test(text)) return [];
    const [, service, region] = /^([a-z0-9-]+)\.([a-z0-9-]+)\.amazonaws\.com$/.exec(text) ?? [];
    if (!service || !region) return [{ ...here(value), message: `${quote(text)} is not of the form service.region.amazonaws.com` }];
    if (!isViaService(service)) return [{ ...here(value), message: `${quote(service)} is no service that kms:ViaService knows${didYouMean(nearest(service, VIA_SERVICES))}` }];
    const home = settings.key?.region;
    if (!home || home === region) return [];
    return [{ ...here(value), message: `the key is in ${home}, where ${quote(text)} never calls it` }];
  });
}

/** What a test says about a number: the interval in which it holds, ends included. */
function interval({ use, values }: TestView): readonly [number, number] | undefined {
  if (!use || use.operator.family !== 'Numeric' || use.set) return undefined;
  const numbers = values.map(({ text }) => readNumber(text));
  if (numbers.length === 0 || numbers.some((number) => number === undefined)) return undefined;
  const known = numbers as number[];
  switch (use.operator.name) {
    case 'NumericEquals':
      return [Math.min(...known), Math.max(...known)];
    case 'NumericLessThan':
      return [-Infinity, Math.max(...known) - 1]; // days are whole numbers
    case 'NumericLessThanEquals':
      return [-Infinity, Math.max(...known)];
    case 'NumericGreaterThan':
      return [Math.min(...known) + 1, Infinity];
    case 'NumericGreaterThanEquals':
      return [Math.min(...known), Infinity];
    default:
      return undefined;
  }
}

function neverTrue(statement: StatementView): readonly Draft[] {
  const drafts: Draft[] = [];
  const { tests } = statement;
  for (const [index, test] of tests.entries()) {
    const range = rangeOf(test.name);
    const wanted = interval(test);
    if (range && wanted && (wanted[0] > range[1] || wanted[1] < range[0])) {
      drafts.push({ ...at(test), message: `the API takes ${range[0]} to ${range[1]}, so ${test.block.name} never holds` });
      continue;
    }
    const other = tests.slice(0, index).find((before) => before.name === test.name && exclude(before, test));
    if (other) {
      drafts.push({ ...at(test), message: `no value of ${test.member.name} can satisfy both tests`, secondary: [{ at: other.member, message: 'the other one' }] });
    }
  }
  return drafts;
}

const isEquality = ({ use, values }: TestView): boolean =>
  use?.operator.name === 'StringEquals' && !use.set && !use.ifExists && values.length > 0 && !values.some(({ text }) => isVariable(text));
const isInequality = ({ use, values }: TestView): boolean =>
  use?.operator.name === 'StringNotEquals' && !use.set && !values.some(({ text }) => isVariable(text));
const asksAbsence = ({ use, values }: TestView): boolean =>
  use?.operator.family === 'Null' && values.length > 0 && values.every(({ text }) => text.toLowerCase() === 'true');
const needsPresence = ({ use, values }: TestView): boolean => {
  if (!use) return false;
  if (use.operator.family === 'Null') return values.length > 0 && values.every(({ text }) => text.toLowerCase() === 'false');
  return use.set === 'ForAnyValue' || (!use.set && !use.ifExists && !use.operator.negated);
};

function exclude(one: TestView, other: TestView): boolean {
  const texts = ({ values }: TestView): readonly string[] => values.map(({ text }) => text);
  if (isEquality(one) && isEquality(other)) return texts(one).every((text) => !texts(other).includes(text));
  if (isEquality(one) && isInequality(other)) return texts(one).every((text) => texts(other).includes(text));
  if (isInequality(one) && isEquality(other)) return exclude(other, one);
  const [left, right] = [interval(one), interval(other)];
  if (left && right && !one.use!.ifExists && !other.use!.ifExists) return left[0] > right[1] || right[0] > left[1];
  return (asksAbsence(one) && needsPresence(other)) || (asksAbsence(other) && needsPresence(one));
}

function alwaysTrue(test: TestView, { text }: Subject): Draft | undefined {
  const { use, values, name, block, member, statement } = test;
  if (!use || use.set) return undefined;
  const range = rangeOf(name);
  const wanted = interval(test);
  if (range && wanted && wanted[0] <= range[0] && wanted[1] >= range[1] && use.operator.name !== 'NumericEquals') {
    return { ...at(test), message: `the API takes ${range[0]} to ${range[1]}, so ${block.name} always holds` };
  }
  const every = values.find((value) => value.text === '0.0.0.0/0' || value.text === '::/0');
  if (every && use.operator.name === 'IpAddress') return { ...here(every), message: `${quote(every.text)} is every address` };
  const star = values.find((value) => value.text === '*');
  if (!star || use.operator.name !== 'StringLike') return undefined;
  if (use.ifExists) return { ...here(star), message: 'with IfExists and "*" the condition always holds' };
  const condition = statement.members.get('Condition')!.value;
  const present = condition.members!.some((other) => other.name === 'Null');
  const single = block.value.members!.length === 1;
  const json = `"Null": { ${quote(member.name)}: "false" }`;
  const edits = present
    ? [single ? removeAmong(condition.members!.map(wholeMember), condition.members!.indexOf(block)) : removeAmong(block.value.members!.map(wholeMember), block.value.members!.indexOf(member)), addTest(text, statement.node, { operator: 'Null', key: member.name, value: 'false' })]
    : single
      ? [replace(wholeMember(block), json)]
      : [removeAmong(block.value.members!.map(wholeMember), block.value.members!.indexOf(member)), addTest(text, statement.node, { operator: 'Null', key: member.name, value: 'false' })];
  return { ...here(star), message: `"*" only asks that ${member.name} is there`, fix: { safe: true, title: `write ${json}`, edits } };
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'].map((range) => readRange(range)!);

function cidr({ use, values, name }: TestView): readonly Draft[] {
  if (use?.operator.family !== 'IpAddress') return [];
  return values.flatMap((value): readonly Draft[] => {
    const range = readRange(value.text);
    if (!range) return []; // KP405 has it
    const drafts: Draft[] = [];
    const masked = maskOf(value.text, range);
    if (masked !== undefined) {
      const fix: Fix = { safe: true, title: `write ${quote(masked)}`, edits: [replace(value.at, quote(masked))] };
      drafts.push({ ...here(value), message: `${quote(value.text)} is the range ${masked}`, fix });
    }
    if (name === 'aws:sourceip' && PRIVATE.some((known) => inRange(range, known))) {
      drafts.push({ ...here(value), message: `${quote(value.text)} is private; aws:SourceIp is always a public address` });
    }
    return drafts;
  });
}

/** The range with the bits behind its prefix cleared, if any of them is set (IPv4). */
function maskOf(text: string, { bytes, bits }: { readonly bytes: readonly number[]; readonly bits: number }): string | undefined {
  if (bytes.length !== 4 || !text.includes('/')) return undefined;
  const masked = bytes.map((byte, index) => byte & ((0xff00 >> Math.min(Math.max(bits - index * 8, 0), 8)) & 0xff));
  const result = `${masked.join('.')}/${bits}`;
  return masked.some((byte, index) => byte !== bytes[index]) ? result : undefined;
}

function networkCondition(test: TestView): Draft | undefined {
  const { statement, name, use, member } = test;
  if (!['aws:sourceip', 'aws:sourcevpc', 'aws:sourcevpce'].includes(name) || !use || use.operator.family === 'Null') return undefined;
  const exempt = statement.tests.some((other) => /^(?:aws:(?:viaawsservice|principalisawsservice|calledvia.*)|kms:viaservice)$/.test(other.name));
  if (exempt) return undefined;
  const { effect } = statement;
  // a Deny of what is listed, or an Allow of everything else, does not keep services out
  const restricts = effect === 'Deny' ? use.operator.negated : effect === 'Allow' && !use.operator.negated;
  if (!restricts) return undefined;
  const endpoint = name === 'aws:sourceip' ? ', nor do calls through a VPC endpoint' : '';
  return { ...at(test), message: `calls of AWS services for the caller do not meet ${member.name}${endpoint}` };
}

function sourceArn(test: TestView, { account }: Subject): readonly Draft[] {
  const { name, use, values, statement } = test;
  if (name !== 'aws:sourcearn' || !use || use.operator.negated || statement.effect !== 'Allow') return [];
  const services = statement.principals.flatMap(({ type, text }) => (type === 'Service' ? [text.split('.')[0]!] : []));
  return values.flatMap((value): readonly Draft[] => {
    const { text } = value;
    const parts = text.split(':');
    if (isVariable(text)) return [];
    if (parts.length < 6) return []; // KP405 has it
    const [, , service = '', , owner = ''] = parts;
    const guarded = statement.tests.some((other) => other.name === 'aws:sourceaccount' || other.name === 'aws:sourceorgid');
    if (/[*?]/.test(owner) && !guarded) return [{ ...here(value), message: `${quote(text)} fits resources of every account` }];
    if (/^\d{12}$/.test(owner) && account !== undefined && accountOf(text) !== account && !guarded) {
      return [{ ...here(value), severity: 'warning', message: `${quote(text)} is of account ${owner}, the key of ${account}` }];
    }
    const known = services.filter((own) => OWN_ARNS.includes(own));
    if (known.length === 0 || known.length < services.length || known.includes(service) || /[*?]/.test(service)) return [];
    return [{ ...here(value), severity: 'warning', message: `${quote(text)} is no ARN of ${known.join(' or ')}, so it never matches` }];
  });
}
