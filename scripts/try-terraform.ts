/**
 * Terraform with the AWS provider against `kms serve`: create, an empty second plan, update, import, destroy, for the
 * resources in test/terraform/main.tf. Words are for `terraform init`: `npm run try:terraform -- -plugin-dir=FOLDER` names a
 * mirror of providers, for a machine without network. Exits with 2 where Terraform or the provider is missing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DescribeKeyCommand, KMSClient, paginateListAliases, paginateListKeys } from '@aws-sdk/client-kms';
import { root } from './root.ts';

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

function terraform(words: readonly string[], variables: { readonly [name: string]: string } = {}): Run {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'unused',
  };
  for (const [name, value] of Object.entries(variables)) env[`TF_VAR_${name}`] = value;
  const { status, stdout, stderr, error } = spawnSync('terraform', [...words], { cwd: folder, env, encoding: 'utf8' });
  return { status: error ? null : status, output: error ? error.message : `${stdout}${stderr}` };
}

function step(what: string, run: Run): string {
  if (run.status !== 0) throw new Error(`${what}: terraform exits with ${run.status}\n${run.output}`);
  say(`ok: ${what}`);
  return run.output;
}

/** @returns why it cannot be tried here */
function missing(): string | undefined {
  const version = terraform(['version']);
  if (version.status !== 0) return `no terraform on PATH (${version.output.trim()})`;
  const init = terraform(['init', '-no-color', ...process.argv.slice(2)]);
  return init.status === 0 ? undefined : `terraform init has failed:\n${init.output}`;
}

function tryAll(endpoint: string): void {
  const inDays = (days: number): string => `${new Date(Date.now() + days * DAY).toISOString().slice(0, 10)}T00:00:00Z`;
  const first = { endpoint, changed: 'false', valid_to: inDays(100) };
  const second = { endpoint, changed: 'true', valid_to: inDays(200) };
  const apply = ['apply', '-no-color', '-auto-approve'];
  const plan = ['plan', '-no-color', '-detailed-exitcode'];
  step('create', terraform(apply, first));
  step('the second plan is empty', terraform(plan, first));
  step('update', terraform(apply, second));
  step('the plan after it is empty', terraform(plan, second));
  const again = (resource: string): void => {
    const shown = step(`show ${resource}`, terraform(['state', 'show', '-no-color', resource]));
    const id = /^ *id *= "(.*)"$/m.exec(shown)![1]!;
    step(`forget ${resource}`, terraform(['state', 'rm', resource]));
    step(`import ${resource}`, terraform(['import', '-no-color', resource, id], second));
  };
  READ_WHOLE.forEach(again);
  step('the plan after the imports is empty', terraform(plan, second));
  READ_IN_PART.forEach(again);
  step('destroy', terraform(['destroy', '-no-color', '-auto-approve'], second));
}

/** Every key waits for its deletion, and no alias is left. */
async function checkDestroyed(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'unused' };
  for (const region of ['us-east-1', 'us-west-2']) {
    const client = new KMSClient({ endpoint, region, credentials });
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

try {
  copyFileSync(root('test/terraform/main.tf'), join(folder, 'main.tf'));
  const reason = missing();
  if (reason !== undefined) {
    process.stderr.write(`NOT RUN: ${reason}\n`);
    process.exitCode = 2;
  } else {
    const served = spawn(process.execPath, [root('bin/kms.js'), 'serve', '--ephemeral', '--listen', '127.0.0.1:0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [endpoint] = (await once(createInterface(served.stdout), 'line')) as [string];
      tryAll(endpoint);
      await checkDestroyed(endpoint);
    } finally {
      served.kill();
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
