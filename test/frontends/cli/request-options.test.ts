/** What the options that say who calls, and from where, make of their values. */
import { expect, test } from 'vitest';
import { readInvocation } from '../../../src/frontends/cli/input/read-invocation.ts';
import { UsageError } from '../../../src/frontends/cli/input/usage-error.ts';
import { requestOptionsOf } from '../../../src/frontends/cli/request-options.ts';
import { testDeps } from './input/test-deps.ts';

const ROLE = 'arn:aws:iam::111122223333:role/app';
const POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}';

async function made(line: readonly string[]): Promise<object> {
  const deps = testDeps({ files: { policy: POLICY } });
  const invocation = await readInvocation(['list-keys', ...line], deps);
  if (invocation.kind !== 'call') throw new Error(`not a call but ${invocation.kind}`);
  return requestOptionsOf(invocation.globals, deps);
}

test.each<[readonly string[], object]>([
  [[], {}],
  [['--as', ROLE], { principal: ROLE }],
  [['--session-policy', POLICY], { sessionPolicy: POLICY }],
  [['--session-policy', 'file://policy'], { sessionPolicy: POLICY }],
  [['--session-tags', 'A=b,C=d=e'], { sessionTags: { A: 'b', C: 'd=e' } }],
  [['--mfa'], { network: { mfa: { ageInSeconds: 0 } } }],
  [['--via-service', 's'], { service: { viaService: 's' } }],
  [['--source-arn', 'a', '--source-account', '1'], { service: { sourceArn: 'a', sourceAccount: '1' } }],
  [['--source-ip', '192.0.2.1'], { sourceIp: '192.0.2.1' }],
  [['--source-vpc', 'v', '--source-vpce', 'e'], { network: { vpcId: 'v', vpcEndpointId: 'e' } }],
  [
    ['--mfa', '--source-vpc', 'v', '--via-service', 's'],
    { network: { mfa: { ageInSeconds: 0 }, vpcId: 'v' }, service: { viaService: 's' } },
  ],
])('%j', async (line, expected) => {
  expect(await made(line)).toEqual(expected);
});

test.each([
  ['--as', '', '--as must be '],
  ['--as', 'x', '--as must be '],
  ['--session-tags', 'x', '--session-tags must be pairs'],
  ['--session-policy', '{', "Error parsing parameter '--session-policy': "],
  ['--session-policy', 'file://nope', "Error parsing parameter '--session-policy': "],
])('%s %j is refused', async (option, value, message) => {
  await expect(made([option, value])).rejects.toThrow(message);
  await expect(made([option, value])).rejects.toThrow(UsageError);
});
