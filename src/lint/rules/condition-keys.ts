/** Rules on condition keys: existence, names, and the actions that supply them. */
import { CONDITION_KEYS } from '../../policy/condition-keys.ts';
import { type Fix, quote, replace } from '../core/edit.ts';
import { supplies } from '../facts/condition-actions.ts';
import { isSymmetric } from '../facts/key-actions.ts';
import { type FindingDraft, KEY, OWN, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { didYouMean, nearest } from '../core/similar.ts';
import { type Subject, type TestView, placeOfTest } from '../core/subject.ts';

const NAMES = CONDITION_KEYS.filter(({ open }) => !open).map(({ name }) => name);
/** Of those with few endings. */
const BEGINNINGS = CONDITION_KEYS.filter(({ names }) => names).map(({ name }) => name.toLowerCase());

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

export const CONDITION_KEY_RULES: readonly LintRule[] = [
  {
    code: 'KP402',
    name: 'key-unknown',
    severity: 'error',
    otherwise: { warning: 'for a name that begins with aws: and resembles no known key' },
    scopes: POLICY,
    title: 'unknown condition key',
    why: 'No request has the key, so an Allow statement never applies, and neither does a Deny statement with a positive operator.',
    bad: '"kms:ViaServce": "s3.us-east-1.amazonaws.com"',
    good: '"kms:ViaService": "s3.us-east-1.amazonaws.com"',
    see: PAGES.conditions,
    fix: 'safe',
    issue: 'INVALID_SERVICE_CONDITION_KEY',
    test: unknownKey,
  },
  {
    code: 'KP403',
    name: 'key-not-for-action',
    severity: 'warning',
    otherwise: { error: 'if no action of the statement supports it' },
    scopes: OWN,
    title: 'condition key that an action does not support',
    why: 'For example, DescribeKey has no encryption context, so a condition on it makes an Allow statement ineffective for this action; with a negated operator the condition is always true. Use a separate statement for such actions.',
    bad: '"Action": ["kms:Decrypt", "kms:DescribeKey"], "Condition": { "StringEquals": { "kms:EncryptionContext:app": "orders" } }',
    good: 'kms:DescribeKey in a statement without the condition',
    see: PAGES.permissions,
    fix: 'none',
    issue: 'UNSUPPORTED_ACTION_FOR_CONDITION_KEY',
    test: keyNotForAction,
  },
  {
    code: 'KP413',
    name: 'key-case-duplicate',
    severity: 'error',
    scopes: POLICY,
    title: 'duplicate condition key in different case',
    why: 'Condition key names are not case-sensitive, including the part after kms:EncryptionContext:. Both conditions apply to the same value and must both be true.',
    bad: '"kms:ViaService": …, "kms:viaservice": …',
    good: 'one key with a list of values',
    see: PAGES.conditions,
    fix: 'none',
    issue: 'DUPLICATE_KEYS_WITH_DIFFERENT_CASE',
    test(test) {
      const { block, member } = test;
      const members = block.value.members ?? [];
      const before = members
        .slice(0, members.indexOf(member))
        .find(({ name }) => name !== member.name && name.toLowerCase() === test.name);
      if (!before) return undefined;
      return {
        ...placeOfTest(test),
        message: `${member.name} is the same key as ${before.name}`,
        secondary: [{ at: before, message: 'the same key' }],
      };
    },
  },
  {
    code: 'KP420',
    name: 'deprecated-key',
    severity: 'hint',
    scopes: POLICY,
    title: 'deprecated condition key name',
    why: 'kms:CustomerMasterKeySpec, kms:CustomerMasterKeyUsage and aws:ARN are deprecated. Use kms:KeySpec, kms:KeyUsage and aws:PrincipalArn.',
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
      return {
        ...placeOfTest(test),
        message: `${test.member.name} is deprecated; use ${now}`,
        ...(free ? { fix } : {}),
      };
    },
  },
  {
    code: 'KP422',
    name: 'context-on-non-symmetric',
    severity: 'warning',
    scopes: KEY,
    title: 'encryption context condition on a key without encryption context',
    why: 'Only symmetric encryption keys support an encryption context. For asymmetric and HMAC keys, the condition key is always absent.',
    bad: '"kms:EncryptionContext:app": "orders" on a key of RSA_2048',
    good: 'the statement without the condition',
    see: PAGES.conditions,
    fix: 'none',
    test(test, { settings }) {
      if (!settings.key || isSymmetric(settings.key) || !test.name.startsWith('kms:encryptioncontext'))
        return undefined;
      return { ...placeOfTest(test), message: `a ${settings.key.spec} key does not support an encryption context` };
    },
  },
  {
    code: 'KP426',
    name: 'paired-keys',
    severity: 'security',
    scopes: POLICY,
    title: 'condition key without its required companion',
    why: 'Private IP addresses are not unique across VPCs. Use aws:VpcSourceIp together with aws:SourceVpc or aws:SourceVpce, and aws:Ec2InstanceSourcePrivateIPv4 together with aws:Ec2InstanceSourceVpc.',
    bad: '"IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" }',
    good: '"IpAddress": { "aws:VpcSourceIp": "10.0.0.0/8" }, "StringEquals": { "aws:SourceVpc": "vpc-0123456789abcdef0" }',
    see: PAGES.globalKeys,
    fix: 'none',
    issue: 'MISSING_PAIRED_CONDITION_KEYS',
    test(test) {
      const partners = PAIRS.get(test.name);
      if (!partners || test.statement.tests.some(({ name }) => partners.includes(name))) return undefined;
      return { ...placeOfTest(test), message: `${test.member.name} must be combined with ${partners.join(' or ')}` };
    },
  },
];

function unknownKey(test: TestView): FindingDraft | undefined {
  const { member, key, name } = test;
  if (key) {
    if (key.open && name === key.name.toLowerCase() && /[:/]$/.test(name)) {
      return { ...placeOfTest(test), message: `${quote(member.name)} requires a name after the prefix` };
    }
    return undefined;
  }
  if (!/^[^:]+:./.test(member.name))
    return { ...placeOfTest(test), message: `${quote(member.name)} is not a condition key, such as kms:ViaService` };
  const [service] = name.split(':');
  if (service !== 'kms' && service !== 'aws') return undefined; // another service's own keys
  if (name === 'aws:arn') return undefined; // KP420 has it
  // a register that does not exist resembles no other key
  const near = BEGINNINGS.some((beginning) => name.startsWith(beginning)) ? undefined : nearest(member.name, NAMES);
  const fix: Fix | undefined =
    near?.distance === 1 && near.unique
      ? { safe: true, title: `write ${near.name}`, edits: [replace(member, quote(near.name))] }
      : undefined;
  const message = `unknown condition key ${quote(member.name)}${didYouMean(near)}`;
  // global keys come more often than this table
  return {
    ...placeOfTest(test),
    message,
    fix,
    ...(service === 'aws' && !near ? { severity: 'warning' as const } : {}),
  };
}

function keyNotForAction(test: TestView, { kind }: Subject): FindingDraft | undefined {
  const { statement, name, key, member, use } = test;
  const { action, covers } = statement;
  if (!key || !use || !action || action.negated || covers.length === 0) return undefined;
  if (kind === 'key' && key.identityOnly) {
    return {
      ...placeOfTest(test),
      severity: 'error',
      message: `${member.name} is supported only in identity policies; in a key policy it is always absent`,
    };
  }
  const able = covers.filter((row) => supplies(row, name));
  if (able.length === covers.length) return undefined;
  const always = use.set === 'ForAllValues' || (!use.set && (use.ifExists || use.operator.negated));
  const isAbsence = use.operator.family === 'Null';
  const effect = isAbsence
    ? 'it is always absent'
    : always
      ? 'the condition is always true'
      : 'the condition is never true';
  if (able.length === 0) {
    return {
      ...placeOfTest(test),
      severity: 'error',
      message: `no action of the statement supports ${member.name}: ${effect}`,
      secondary: [{ at: action.member.value, message: 'no action supports it' }],
    };
  }
  // a pattern covers whatever it covers; only actions that are named one by one were meant one by one
  const named = action.items.filter(({ text }) =>
    covers.some((row) => `kms:${row.name}`.toLowerCase() === text.toLowerCase() && !supplies(row, name)),
  );
  if (named.length === 0) return undefined;
  const names = named.map(({ text }) => text).join(', ');
  const secondary = named.map((item) => ({ at: item.at, message: 'does not support it' }));
  return {
    ...placeOfTest(test),
    message: `${names} never ${named.length > 1 ? 'have' : 'has'} ${member.name}: ${effect}`,
    secondary,
  };
}
