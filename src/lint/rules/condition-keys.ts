/** Rules on condition keys: which there are, by what name, and which actions have them. */
import { CONDITION_KEYS } from '../../policy/condition-keys.ts';
import { type Fix, quote, replace } from '../core/edit.ts';
import { supplies } from '../facts/condition-actions.ts';
import { isSymmetric } from '../facts/key-actions.ts';
import { type FindingDraft, KEY, OWN, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { didYouMean, nearest } from '../core/similar.ts';
import { type Subject, type TestView, placeOfTest } from '../core/subject.ts';

const NAMES = CONDITION_KEYS.filter(({ open }) => !open).map(({ name }) => name);

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
    scopes: POLICY,
    title: 'a condition key that does not exist',
    why: 'A key that no request has makes an Allow never allow and a Deny with a positive operator never deny.',
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
    scopes: OWN,
    title: 'a condition key that an action of the statement never has',
    why: 'DescribeKey takes no encryption context, so a condition on one makes an Allow of it never apply; with a negated operator the condition always holds. Such actions belong into a statement of their own.',
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
    title: 'the same condition key twice, in different case',
    why: 'Names of condition keys are not case-sensitive, also behind kms:EncryptionContext:. Both tests are about the same value and must both hold.',
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
      return { ...placeOfTest(test), message: `${test.member.name} is now ${now}`, ...(free ? { fix } : {}) };
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
      if (!settings.key || isSymmetric(settings.key) || !test.name.startsWith('kms:encryptioncontext'))
        return undefined;
      return { ...placeOfTest(test), message: `a key of ${settings.key.spec} has no encryption context` };
    },
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
      return { ...placeOfTest(test), message: `${test.member.name} needs ${partners.join(' or ')} beside it` };
    },
  },
];

function unknownKey(test: TestView): FindingDraft | undefined {
  const { member, key, name } = test;
  if (key) {
    if (key.open && name === key.name.toLowerCase() && /[:/]$/.test(name)) {
      return { ...placeOfTest(test), message: `${quote(member.name)} lacks the name behind it` };
    }
    return undefined;
  }
  if (!/^[^:]+:./.test(member.name))
    return { ...placeOfTest(test), message: `${quote(member.name)} is not a condition key like kms:ViaService` };
  const [service] = name.split(':');
  if (service !== 'kms' && service !== 'aws') return undefined; // another service's own keys
  if (name === 'aws:arn') return undefined; // KP420 has it
  const near = nearest(member.name, NAMES);
  const fix: Fix | undefined =
    near?.distance === 1 && near.unique
      ? { safe: true, title: `write ${near.name}`, edits: [replace(member, quote(near.name))] }
      : undefined;
  const message = `there is no condition key ${quote(member.name)}${didYouMean(near)}`;
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
      message: `${member.name} works in identity policies only; in a key policy it is always absent`,
    };
  }
  const able = covers.filter((row) => supplies(row, name));
  if (able.length === covers.length) return undefined;
  const always = use.set === 'ForAllValues' || (!use.set && (use.ifExists || use.operator.negated));
  const isAbsence = use.operator.family === 'Null';
  const effect = isAbsence
    ? 'it is always absent'
    : always
      ? 'the condition always holds'
      : 'the condition never holds';
  if (able.length === 0) {
    return {
      ...placeOfTest(test),
      severity: 'error',
      message: `no action of the statement has ${member.name}: ${effect}`,
      secondary: [{ at: action.member.value, message: 'none of them has it' }],
    };
  }
  // a pattern covers whatever it covers; only actions that are named one by one were meant one by one
  const named = action.items.filter(({ text }) =>
    covers.some((row) => `kms:${row.name}`.toLowerCase() === text.toLowerCase() && !supplies(row, name)),
  );
  if (named.length === 0) return undefined;
  const names = named.map(({ text }) => text).join(', ');
  const secondary = named.map((item) => ({ at: item.at, message: 'never has it' }));
  return {
    ...placeOfTest(test),
    message: `${names} never ${named.length > 1 ? 'have' : 'has'} ${member.name}: ${effect}`,
    secondary,
  };
}
