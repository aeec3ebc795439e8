/**
 * Remedies, executed as they are printed: a shell reads the commands and the call's further options, the command line runs
 * them, and then the answer is YES and the call is not denied. `REMEDY_CASES=5000 npx vitest run FILE` tries more.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/analysis/remedies/policy-edit.ts';
import { putIdentity, type Identity } from '../../src/keyring/identity.ts';
import { putOrganization } from '../../src/keyring/organization.ts';
import { putVpcEndpoint } from '../../src/keyring/vpc-endpoint.ts';
import { iamIdentifier } from '../../src/policy/identity.ts';
import { ACCOUNT, fixture, newKey, ROOT, type Fixture } from '../support/fixture.ts';
import { memoryCommand, shellCommands } from '../support/memory-command-line.ts';

const DEFAULT_CASES = 850;
const CASES = Number(process.env['REMEDY_CASES'] ?? DEFAULT_CASES);
/** Of the default number of cases. */
const LEAST_EXECUTED = 1000;

const OTHER = '444455556666';
const ALICE = `arn:aws:iam::${ACCOUNT}:user/team/Alice`;
const APP = `arn:aws:iam::${ACCOUNT}:role/App`;
const EVE = `arn:aws:iam::${OTHER}:user/Eve`;
const LINKED = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/s3.amazonaws.com/AWSServiceRoleForExample`;
const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/Fred`;
const SERVICE = 's3.amazonaws.com';
const CALLERS = [ALICE, ALICE, APP, APP, EVE, LINKED, FEDERATED, SERVICE];
const ENDPOINT = 'vpce-1a2b3c4d';

interface Call {
  readonly action: string;
  readonly words: (key: string, blob: string) => readonly string[];
  readonly contextOption?: string;
}

const onKey = (action: string, command: string, ...more: readonly string[]): Call => ({
  action,
  words: (key) => [command, '--key-id', key, ...more],
});
const CALLS: readonly Call[] = [
  {
    ...onKey('Encrypt', 'encrypt', '--plaintext', 'aGk=', '--dry-run'),
    contextOption: '--encryption-context',
  },
  {
    action: 'Decrypt',
    words: (key, blob) => ['decrypt', '--key-id', key, '--ciphertext-blob', blob, '--dry-run'],
    contextOption: '--encryption-context',
  },
  {
    ...onKey('GenerateDataKey', 'generate-data-key', '--key-spec', 'AES_256', '--dry-run'),
    contextOption: '--encryption-context',
  },
  onKey('DescribeKey', 'describe-key'),
  onKey('ListGrants', 'list-grants'),
  onKey('EnableKeyRotation', 'enable-key-rotation'),
  { action: 'ListKeys', words: () => ['list-keys'] },
  // about the alias and the key
  {
    action: 'CreateAlias',
    words: (key) => ['create-alias', '--alias-name', 'alias/new', '--target-key-id', key],
  },
];

interface Statement {
  readonly [element: string]: unknown;
}

/** What an identity and an organization have. */
interface Setting {
  readonly key: readonly Statement[];
  readonly identity: readonly Statement[];
  readonly group: readonly Statement[];
  readonly boundary: readonly Statement[] | undefined;
  readonly session: readonly Statement[] | undefined;
  readonly sessionOption: readonly Statement[] | undefined;
  readonly levels: readonly (readonly Statement[])[];
  readonly resourceLevels: readonly (readonly Statement[])[];
  readonly endpoint: readonly Statement[] | undefined;
  readonly delegates: boolean;
  readonly grant: object | undefined;
}

const document = (statements: readonly Statement[]): string =>
  jsonText({ Version: '2012-10-17', Statement: statements });

/** Commands are made as the root user, who must be left alone. */
const ADMINISTRATION = ['kms:PutKeyPolicy', 'kms:CreateGrant'];

const actionText = (name: string): string => `kms:${name}`;
const actions = fc
  .constantFrom(...CALLS.map(({ action }) => action), 'Encrypt', 'Decrypt', 'GenerateDataKey*', 'D*')
  .map(actionText);
const condition = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  { StringEquals: { 'kms:EncryptionContext:tenant': 'acme' } },
  { StringEquals: { 'kms:EncryptionContext:it\'s "odd"': 'x=y, "z" $HOME `ü\u202e`' } },
  { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
  { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': 'tenant' } },
  { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  { StringNotEquals: { 'aws:SourceVpce': ENDPOINT } },
  { ArnNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/Other` } },
  { StringEquals: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' } },
  { StringNotEquals: { 'aws:SourceAccount': ACCOUNT } },
  { StringEquals: { 'aws:SourceArn': 'arn:aws:s3:::bucket' } },
  { StringEquals: { 'aws:UserAgent': 'curl' } },
);
const effect = fc.constantFrom('Allow', 'Deny');
const principal = fc.constantFrom<unknown>(
  '*',
  { AWS: '*' },
  { AWS: ALICE },
  { AWS: APP },
  { AWS: EVE },
  { AWS: [ALICE, APP] },
  { AWS: LINKED },
  { AWS: ACCOUNT },
  { Service: SERVICE },
);

const statements = (hasPrincipal: boolean, maxLength: number): fc.Arbitrary<readonly Statement[]> =>
  fc
    .array(
      fc.record({
        Effect: effect,
        ...(hasPrincipal ? { Principal: principal } : {}),
        Action: actions,
        Resource: fc.constant('*'),
        Condition: condition,
      }),
      { minLength: 1, maxLength },
    )
    .map((all) => all as readonly Statement[]);

const everything = (hasPrincipal: boolean): Statement => ({
  Effect: 'Allow',
  ...(hasPrincipal ? { Principal: '*' } : {}),
  Action: '*',
  Resource: '*',
});
const little = (hasPrincipal: boolean): Statement => ({ ...everything(hasPrincipal), Action: ADMINISTRATION });
const levelsOf = (hasPrincipal: boolean) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc
          .tuple(fc.constantFrom(everything(hasPrincipal), little(hasPrincipal)), statements(hasPrincipal, 1))
          .map(([first, more]) => more.concat(first)),
        { minLength: 1, maxLength: 2 },
      ),
    },
  );
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const sometimes = <T>(arbitrary: fc.Arbitrary<readonly T[]>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant<readonly T[]>([]) }, { weight: 1, arbitrary });

const settings: fc.Arbitrary<Setting> = fc.record({
  key: sometimes(statements(true, 3)),
  identity: sometimes(statements(false, 2)),
  group: sometimes(statements(false, 1)),
  boundary: rarely(statements(false, 2)).map((all) => (all?.length === 2 ? all : undefined)),
  session: rarely(statements(false, 2)).map((all) => (all?.length === 2 ? all : undefined)),
  sessionOption: rarely(statements(false, 2)).map((all) => (all?.length === 2 ? all : undefined)),
  levels: levelsOf(false),
  resourceLevels: levelsOf(true),
  endpoint: rarely(statements(true, 2)),
  delegates: fc.boolean(),
  grant: fc.constantFrom(undefined, undefined, {
    GranteePrincipal: ALICE,
    Operations: ['Decrypt'],
    Constraints: { EncryptionContextEquals: { tenant: 'acme' } },
  }),
});

const scenarios = fc.record({
  setting: settings,
  caller: fc.constantFrom(...CALLERS),
  call: fc.constantFrom(...CALLS, ...CALLS.slice(0, 3)),
  context: fc.constantFrom(undefined, '{"tenant":"other"}', '{"it\'s":"a \\"b\\" c","tenant":"x=y,z"}'),
  isThroughEndpoint: fc.constantFrom(false, false, true),
  hasSource: fc.boolean(),
});
type Scenario = typeof scenarios extends fc.Arbitrary<infer T> ? T : never;

const identityOf = (arn: string, more: Partial<Identity> = {}): Identity => {
  const { kind, account } = iamIdentifier(arn)!;
  return { kind, arn, account, created: 0, tags: {}, policies: [], ...more };
};

interface Home extends Fixture {
  readonly key: string;
  readonly blob: string;
}

const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/App/session`;

async function homeOf({ setting, caller }: Scenario): Promise<Home> {
  const home = await fixture('remedies');
  const { identity, group, boundary, session, levels, resourceLevels, endpoint, grant } = setting;
  const put = (...all: readonly Identity[]): Promise<void> =>
    home.keyring.transact(async (tx) => {
      for (const one of all) putIdentity(tx, iamIdentifier(one.arn)!, one);
    });
  const named = (statementsOf: readonly Statement[], name: string) =>
    statementsOf.length > 0 ? [{ name, text: document(statementsOf) }] : [];
  const groupArn = `arn:aws:iam::${ACCOUNT}:group/path/Team`;
  await put(
    identityOf(ALICE, { uniqueId: 'AIDAAAAAAAAAAAAAAAAAA' }),
    identityOf(APP, { uniqueId: 'AROAAAAAAAAAAAAAAAAAA' }),
    identityOf(groupArn, { policies: named(group, 'AllowDecrypt') }),
  );
  const root = { Effect: 'Allow', Principal: { AWS: ROOT.arn }, Action: 'kms:*', Resource: '*' };
  const administration = setting.delegates
    ? root
    : { ...root, Condition: { ArnEquals: { 'aws:PrincipalArn': ROOT.arn } } };
  const key = await newKey(home);
  const { CiphertextBlob: blob } = (await home.call('Encrypt', {
    KeyId: key.id,
    Plaintext: new Uint8Array([1]),
  })) as { CiphertextBlob: Uint8Array };
  await home.call('PutKeyPolicy', {
    KeyId: key.id,
    Policy: document([...setting.key, administration]),
    BypassPolicyLockoutSafetyCheck: true,
  });
  if (grant) await home.call('CreateGrant', { KeyId: key.id, ...grant });
  if (caller === ALICE || caller === APP) {
    const own = identityOf(caller, {
      uniqueId: caller === ALICE ? 'AIDAAAAAAAAAAAAAAAAAA' : 'AROAAAAAAAAAAAAAAAAAA',
      policies: named(identity, 'AllowEncrypt'),
      ...(caller === ALICE ? { groups: ['Team'] } : {}),
      ...(boundary ? { boundary: { name: 'boundary', text: document(boundary) } } : {}),
    });
    await put(own);
  }
  if (caller === APP && session) await put(identityOf(SESSION, { policies: named(session, 'narrow') }));
  await home.keyring.transact(async (tx) => {
    if (endpoint) putVpcEndpoint(tx, { id: ENDPOINT, policy: document(endpoint) });
    const count = Math.max(levels.length, resourceLevels.length);
    if (count === 0) return;
    await putOrganization(tx, {
      id: 'o-a1b2c3d4e5',
      accounts: [ACCOUNT],
      levels: Array.from({ length: count }, (_, at) => ({
        serviceControlPolicies: [{ name: 'AllowEncrypt', text: document(levels[at] ?? [everything(false)]) }],
        resourceControlPolicies: [{ name: 'policy', text: document(resourceLevels[at] ?? [everything(true)]) }],
      })),
    });
  });
  return Object.assign(home, { key: key.arn, blob: Buffer.from(blob).toString('base64') });
}

/** Options that the call has from the beginning, and that the question about it takes as well. */
function optionsOf({ context, call, isThroughEndpoint, hasSource, caller, setting }: Scenario): readonly string[] {
  const canBeBound = caller !== SERVICE && setting.sessionOption !== undefined;
  return [
    ...(context !== undefined && call.contextOption ? [call.contextOption, context] : []),
    ...(isThroughEndpoint ? ['--source-vpce', ENDPOINT] : []),
    ...(hasSource && caller === SERVICE ? ['--source-arn', 'arn:aws:s3:::mine', '--source-account', ACCOUNT] : []),
    ...(canBeBound ? ['--session-policy', document(setting.sessionOption)] : []),
  ];
}

interface Change {
  readonly Kind: string;
  readonly Text: string;
  readonly Command?: string;
  readonly CallOptions?: string;
}

interface Answer {
  readonly Answer: string;
  readonly Resource: string;
  readonly Remedies: readonly { readonly Changes: readonly Change[] }[];
}

async function ask(home: Home, { call, caller }: Scenario, options: readonly string[]): Promise<Answer> {
  const key = call.action === 'ListKeys' ? [] : ['--key-id', home.key];
  const words = ['explain-access', '--principal', caller, '--action', call.action, ...key, '--exact', ...options];
  const { exit, stdout, stderr } = await memoryCommand(home, words);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  return JSON.parse(stdout) as Answer;
}

/** Why a change has words alone: the reasons that docs/authorization.md gives. */
const WORDS_ONLY: { readonly [kind: string]: RegExp } = {
  request: /call without |aws:UserAgent|aws:MultiFactorAuthAge/,
  deny: /so that it does not apply$/,
  identityPolicy: /^identity policy of \S*:federated-user\//,
};

/** Options of a call that the question about it has not: it takes condition keys by --context. */
const ONLY_OF_CALLS = new Set(['--encryption-algorithm']);

const isExecutable = ({ Command, CallOptions }: Change): boolean => Command !== undefined || CallOptions !== undefined;

/** The options behind a `kms` of their own, and then the commands. */
const scriptOf = (changes: readonly Change[]): string =>
  [
    `kms call ${changes.flatMap(({ CallOptions }) => CallOptions ?? []).join(' ')}`,
    ...changes.flatMap(({ Command }) => Command ?? []),
  ].join('\n');

test('every remedy that has commands and options leads to YES, and to a call that is not denied', async () => {
  const executed = new Set<string>();
  let remedies = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const options = optionsOf(scenario);
      const first = await homeOf(scenario);
      const answer = await ask(first, scenario, options);
      const ways = answer.Answer === 'NO' ? answer.Remedies.map(({ Changes }) => Changes) : [];
      for (const change of ways.flat().filter((one) => !isExecutable(one))) {
        expect(change.Text).toMatch(WORDS_ONLY[change.Kind] ?? /^$/);
      }
      const executable = ways.filter((changes) => changes.every(isExecutable));
      const scripts = shellCommands(executable.map(scriptOf));
      for (const [index, changes] of executable.entries()) {
        const { call, caller } = scenario;
        if (caller === LINKED) expect(changes.map(({ Kind }) => Kind)).not.toContain('identityPolicy');
        const home = await homeOf(scenario);
        expect(home.key).toBe(first.key);
        const [callOptions, ...commands] = scripts[index]!;
        for (const command of commands) {
          expect({ command, ...(await memoryCommand(home, command)) }).toMatchObject({ exit: 0 });
        }
        const after = [...options, ...callOptions!.slice(1)];
        if (!after.some((word) => ONLY_OF_CALLS.has(word))) {
          expect((await ask(home, scenario, after)).Answer).toBe('YES');
        }
        const words = [...call.words(home.key, home.blob), '--as', caller, ...after];
        const { exit, stderr } = await memoryCommand(home, words);
        // which algorithms a key has is no question of access
        if (exit !== 0) expect(stderr).toMatch(/\((DryRunOperation|InvalidKeyUsage)Exception\)/);
        remedies += 1;
        for (const { Kind } of changes) executed.add(Kind);
      }
    }),
    { numRuns: CASES },
  );
  if (CASES < DEFAULT_CASES) return;
  expect(remedies).toBeGreaterThanOrEqual(LEAST_EXECUTED);
  expect([...executed].toSorted()).toEqual([
    'deny',
    'endpointPolicy',
    'grant',
    'identityPolicy',
    'keyPolicy',
    'permissionsBoundary',
    'request',
    'resourceControlPolicy',
    'serviceControlPolicy',
    'sessionPolicy',
  ]);
}, 180_000);
