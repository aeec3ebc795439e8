/**
 * Terraform with the AWS provider against `kms serve`: create, an empty second plan, update, import, destroy, for the
 * resources in test/terraform/, and keys in custom key stores over a token of SoftHSM and a proxy. Words are for `terraform init`: `npm run try:terraform -- -plugin-dir=FOLDER` names a
 * mirror of providers, for a machine without network. Exits with 2 where Terraform or the provider is missing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeKeyCommand, KMSClient, paginateListAliases, paginateListKeys } from '@aws-sdk/client-kms';
import { root } from './root.ts';
import { connectAll, countKeyStores, keyManagers } from './terraform-key-stores.ts';

/** Imported ones that Terraform reads whole, so that a plan is empty afterwards. */
const READ_WHOLE = [
  'aws_kms_key.mac',
  'aws_kms_key.signing',
  'aws_kms_alias.app',
  'aws_kms_alias.prefixed',
  'aws_kms_key_policy.plain',
  'aws_kms_grant.equals',
  'aws_kms_grant.service',
];
/** They have arguments that no answer has: key material, waiting periods. */
const READ_IN_PART = [
  'aws_kms_key.app',
  'aws_kms_replica_key.west',
  'aws_kms_external_key.imported',
  'aws_kms_replica_external_key.multi',
];
const DAY = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-terraform-'));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** The folders in test/terraform/. */
type Project = 'resources' | 'key-stores';

const terraformIn =
  (project: Project) =>
  (words: readonly string[], variables: { readonly [name: string]: string } = {}): Run =>
    run(join(folder, project), words, variables);

function run(cwd: string, words: readonly string[], variables: { readonly [name: string]: string }): Run {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'unused',
  };
  for (const [name, value] of Object.entries(variables)) env[`TF_VAR_${name}`] = value;
  const { status, stdout, stderr, error } = spawnSync('terraform', [...words], { cwd, env, encoding: 'utf8' });
  return { status: error ? null : status, output: error ? error.message : `${stdout}${stderr}` };
}

function step(what: string, run: Run): string {
  if (run.status !== 0) throw new Error(`${what}: terraform exits with ${run.status}\n${run.output}`);
  say(`ok: ${what}`);
  return run.output;
}

/** @returns why it cannot be tried here */
function missing(project: Project): string | undefined {
  const terraform = terraformIn(project);
  const version = terraform(['version']);
  if (version.status !== 0) return `no terraform on PATH (${version.output.trim()})`;
  const init = terraform(['init', '-no-color', ...process.argv.slice(2)]);
  return init.status === 0 ? undefined : `terraform init has failed:\n${init.output}`;
}

const APPLY = ['apply', '-no-color', '-auto-approve'];
const PLAN = ['plan', '-no-color', '-detailed-exitcode'];
const DESTROY = ['destroy', '-no-color', '-auto-approve'];

function tryResources(endpoint: string): void {
  const terraform = terraformIn('resources');
  const inDays = (days: number): string => `${new Date(Date.now() + days * DAY).toISOString().slice(0, 10)}T00:00:00Z`;
  const first = { endpoint, changed: 'false', valid_to: inDays(100) };
  const second = { endpoint, changed: 'true', valid_to: inDays(200) };
  step('create', terraform(APPLY, first));
  step('the second plan is empty', terraform(PLAN, first));
  step('update', terraform(APPLY, second));
  step('the plan after it is empty', terraform(PLAN, second));
  const again = (resource: string): void => {
    const shown = step(`show ${resource}`, terraform(['state', 'show', '-no-color', resource]));
    const id = /^ *id *= "(.*)"$/m.exec(shown)![1]!;
    step(`forget ${resource}`, terraform(['state', 'rm', resource]));
    step(`import ${resource}`, terraform(['import', '-no-color', resource, id], second));
  };
  READ_WHOLE.forEach(again);
  step('the plan after the imports is empty', terraform(PLAN, second));
  READ_IN_PART.forEach(again);
  step('destroy', terraform(DESTROY, second));
}

/**
 * Not changed after an import, and not destroyed while it has keys: the provider (5.100.0) panics at the one, and takes the
 * refusal of the other for success.
 */
async function tryKeyStores(endpoint: string, certificate: string): Promise<void> {
  const terraform = terraformIn('key-stores');
  const client = clientFor(endpoint, 'us-east-1');
  const first = { endpoint, certificate, name: 'one' };
  const second = { ...first, name: 'two' };
  const withKeys = { ...second, with_keys: 'true' };
  step('create key stores', terraform(APPLY, first));
  step('the second plan is empty', terraform(PLAN, first));
  step('rename them', terraform(APPLY, second));
  step('the plan after it is empty', terraform(PLAN, second));
  step('destroy them', terraform(DESTROY, second));
  if ((await countKeyStores(client)) > 0) throw new Error('a key store is left');
  step('create them again', terraform(APPLY, second));
  await connectAll(client);
  step('create keys in them', terraform(APPLY, withKeys));
  step('the plan after it is empty', terraform(PLAN, withKeys));
  step('destroy the keys', terraform(APPLY, second));
  step('the plan after it is empty', terraform(PLAN, second));
}

const clientFor = (endpoint: string, region: string): KMSClient =>
  new KMSClient({ endpoint, region, credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'unused' } });

/** Every key waits for its deletion, and no alias is left. */
async function checkDestroyed(endpoint: string): Promise<void> {
  for (const region of ['us-east-1', 'us-west-2']) {
    const client = clientFor(endpoint, region);
    for await (const { Keys = [] } of paginateListKeys({ client }, {})) {
      for (const { KeyId } of Keys) {
        const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
        if (!KeyMetadata?.KeyState?.startsWith('Pending')) throw new Error(`${KeyId} is ${KeyMetadata?.KeyState}`);
      }
    }
    for await (const { Aliases = [] } of paginateListAliases({ client }, {})) {
      const left = Aliases.filter(({ AliasName }) => !AliasName?.startsWith('alias/aws/'));
      if (left.length > 0) throw new Error(`${left[0]!.AliasName} is left`);
    }
  }
  say('ok: all keys are pending deletion, and no alias is left');
}

interface Serving {
  readonly env?: NodeJS.ProcessEnv;
  readonly work: (endpoint: string) => Promise<void>;
}

async function served({ env = process.env, work }: Serving): Promise<void> {
  const server = spawn(process.execPath, [root('bin/kms.js'), 'serve', '--ephemeral', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  try {
    const [endpoint] = (await once(createInterface(server.stdout), 'line')) as [string];
    await work(endpoint);
    await checkDestroyed(endpoint);
  } finally {
    server.kill();
  }
}

async function tryAll(): Promise<void> {
  await served({ work: async (endpoint) => tryResources(endpoint) });
  if (spawnSync('softhsm2-util', ['--version']).status !== 0) {
    say('NOT RUN: key stores, which need SoftHSM');
    return;
  }
  const at = join(folder, 'key-managers');
  mkdirSync(at, { mode: 0o700 });
  const { env, certificate, stop } = await keyManagers(at);
  try {
    await served({ env, work: (endpoint) => tryKeyStores(endpoint, certificate) });
  } finally {
    await stop();
  }
}

try {
  cpSync(root('test/terraform'), folder, { recursive: true });
  const reason = missing('resources') ?? missing('key-stores');
  if (reason === undefined) await tryAll();
  else {
    process.stderr.write(`NOT RUN: ${reason}\n`);
    process.exitCode = 2;
  }
} finally {
  rmSync(folder, { recursive: true });
}
