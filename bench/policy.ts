/**
 * The policy engine and the linter in one process, beside JSON.parse of the same text: reading a key policy as a call
 * does, one decision, and lint with its proofs; then lint of policies that are made to be hard, each in a process of its
 * own, with its memory. `npm run bench:policy [MILLISECONDS]`
 */
import { execFileSync } from 'node:child_process';
import { keyArn } from '../src/model/arn.ts';
import { contextOf } from '../src/policy/context.ts';
import { defaultKeyPolicy } from '../src/policy/default-policy.ts';
import { attachPolicy } from '../src/policy/document.ts';
import { evaluate } from '../src/policy/evaluate.ts';
import { lint } from '../src/lint/lint.ts';
import { callerOf } from '../src/policy/principal.ts';
import { prover } from '../test/support/prover.ts';
import type { AccessRequest } from '../src/policy/request.ts';
import { root } from '../scripts/root.ts';
import { hostilePolicies } from '../test/support/hostile-policies.ts';
import { cost } from './measure.ts';

const window = Number(process.argv[2] ?? 600);
/** Microseconds; MiB. */
const AIMS = { evaluate: 50, lint: 100_000, memory: 64 };

const account = '111122223333';
const region = 'us-east-1';
const home = { account, region };
const arn = keyArn(home, '1234abcd-12ab-34cd-56ef-1234567890ab');
const roleArn = (index: number): string => `arn:aws:iam::${account}:role/service-${index}`;

/** Statements as large organizations have them: a role each, with an encryption context and the service it comes by. */
const statement = (index: number): object => ({
  Sid: `AllowService${index}`,
  Effect: index % 10 === 9 ? 'Deny' : 'Allow',
  Principal: { AWS: [roleArn(index), roleArn(index + 1000)] },
  Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
  Resource: '*',
  Condition: {
    StringEquals: { 'kms:EncryptionContext:service': `service-${index}`, 'aws:PrincipalTag/stage': ['test', 'live'] },
    StringLike: { 'kms:ViaService': `s3.*.amazonaws.com` },
  },
});

const policyOf = (statements: number): string => {
  const { Statement, ...head } = JSON.parse(defaultKeyPolicy(home)) as { Statement: object[] };
  const more = Array.from({ length: statements }, (_, index) => statement(index));
  return JSON.stringify({ ...head, Statement: [...Statement, ...more] });
};

/** As many statements as fit. */
function policyUpTo(bytes: number): { readonly text: string; readonly last: number } {
  let count = 1;
  while (policyOf(count + 1).length <= bytes) count += 1;
  return { text: policyOf(count), last: count % 10 === 0 ? count - 2 : count - 1 };
}

interface Load {
  readonly name: string;
  readonly text: string;
  /** The role of the last statement that allows: every statement is looked at, and its conditions hold. */
  readonly role: number;
}

const loads: readonly Load[] = [
  { name: 'default', text: defaultKeyPolicy(home), role: 0 },
  ...[4, 32].map((kibibytes) => {
    const { text, last } = policyUpTo(kibibytes * 1024);
    return { name: `${kibibytes} KiB`, text, role: last };
  }),
];

function requestOf({ text, name, role }: Load): AccessRequest {
  const isRoot = name === 'default';
  const caller = isRoot
    ? callerOf(`arn:aws:iam::${account}:root`)
    : callerOf(`arn:aws:sts::${account}:assumed-role/service-${role}/session`, { tags: { stage: 'live' } });
  const encryptionContext = { service: `service-${role}` };
  const context = contextOf(caller, { time: new Date(), region, sourceIp: '192.0.2.1', resourceAccount: account })
    .set('kms:ViaService', `s3.${region}.amazonaws.com`)
    .setEncryptionContext(encryptionContext)
    .values();
  const resource = { kind: 'key', arn, account } as const;
  return {
    caller,
    action: 'kms:Decrypt',
    resource,
    context,
    encryptionContext,
    keyPolicy: attachPolicy('default', text),
  };
}

const print = (name: string, microseconds: number, { base, aim }: { base: number; aim?: number }): void => {
  const time = microseconds < 1000 ? `${microseconds.toFixed(1)} us` : `${(microseconds / 1000).toFixed(2)} ms`;
  const verdict = aim === undefined ? '' : `, aim ${aim < 1000 ? `${aim} us` : `${aim / 1000} ms`}`;
  const against = microseconds > aim! ? `${verdict}: MISSED` : verdict;
  process.stdout.write(`  ${(microseconds / base).toFixed(2).padStart(8)} x ${time.padStart(11)}  ${name}${against}\n`);
};

for (const load of loads) {
  const { name, text } = load;
  const request = requestOf(load);
  const { outcome } = evaluate(request);
  if (outcome !== 'allow') throw new Error(`${name}: ${outcome}`);
  const base = await cost(() => JSON.parse(text), window);
  process.stdout.write(`key policy, ${name} (${text.length} bytes)\n`);
  print('JSON.parse', base, { base });
  print('parse and attach', await cost(() => attachPolicy('default', text), window), { base });
  print('evaluate', await cost(() => evaluate(request), window), { base, aim: AIMS.evaluate });
  const settings = { account };
  print('lint', await cost(() => lint({ text, kind: 'key', settings }), window), { base });
  const proved = (): unknown => lint({ text, kind: 'key', settings: { ...settings, prover } });
  print('lint with proofs', await cost(proved, window), { base, aim: AIMS.lint });
}

interface Hostile {
  readonly bytes: number;
  /** Milliseconds. */
  readonly first: number;
  readonly warm: number;
  readonly memory: number;
}

process.stdout.write(`hard key policies of 32 KiB: warm, the first time, memory\n`);
for (const { name } of hostilePolicies(32_768)) {
  const output = execFileSync(process.execPath, [root('bench/hostile-policy.ts'), name], { encoding: 'utf8' });
  const { first, warm, memory } = JSON.parse(output) as Hostile;
  const missed = warm * 1000 > AIMS.lint || memory > AIMS.memory ? ': MISSED' : '';
  const numbers = [`${warm.toFixed(0)} ms`, `${first.toFixed(0)} ms`, `${memory.toFixed(0)} MiB`];
  process.stdout.write(`${numbers.map((text) => text.padStart(9)).join('')}  ${name}${missed}\n`);
}
process.stdout.write(`  aims: ${AIMS.lint / 1000} ms, ${AIMS.memory} MiB\n`);
