/** Packs the package, installs it in a clean folder, and runs it there: what users get is what is checked. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { root } from './root.ts';

const folder = mkdtempSync(join(tmpdir(), 'pocket-kms-package-'));
const run = (program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string =>
  execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

function expect(holds: boolean, what: string): void {
  if (holds) return;
  process.stderr.write(`check-package: ${what}\n`);
  process.exit(1);
}

/** The node of the machine, where it is too old for the package. */
function otherNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(':').filter((entry) => !entry.includes('node_modules'));
  const found = folders.map((entry) => join(entry, 'node')).find((path) => existsSync(path));
  if (found === undefined) return undefined;
  const version = Number(/^v(\d+)/.exec(run(found, ['--version'], folder))?.[1]);
  return version < 24 ? found : undefined;
}

/**
 * What npm says when it installs a checkout with a node. npm compares it with `engines` of every package, and of the root
 * unless that has `devEngines` (npm documentation, package.json; checkEngineAndPlatform in @npmcli/arborist).
 */
function installWarnings(node: string): string {
  const checkout = join(folder, 'checkout');
  mkdirSync(checkout);
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(root(file), join(checkout, file));
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH']}` };
  const args = ['ci', '--dry-run', '--offline', '--ignore-scripts'];
  return spawnSync('npm', args, { cwd: checkout, env, encoding: 'utf8' }).stderr;
}

try {
  const manifest = JSON.parse(readFileSync(root('package.json'), 'utf8')) as { name: string; version: string };
  const { messages } = await publint({ pkgDir: root('.') });
  for (const message of messages)
    process.stderr.write(`publint: ${formatMessage(message, manifest) ?? message.code}\n`);
  expect(messages.length === 0, 'publint has something to say');

  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], root('.'));
  run('npm', ['init', '-y'], folder);
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', `./${manifest.name}-${manifest.version}.tgz`], folder);

  // the node that runs this script is new enough; a bare PATH may have an old one
  const env = {
    PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
    HOME: folder,
    TZ: 'UTC',
  };
  const kms = join(folder, 'node_modules/.bin/kms');
  expect(run(kms, ['--version'], folder, env).startsWith(`pocket-kms/${manifest.version} `), 'kms --version');
  const init = JSON.parse(run(kms, ['init', '--account-id', '111122223333'], folder, env)) as { AccountId: string };
  expect(init.AccountId === '111122223333', 'kms init');
  const id = run(kms, ['create-key', '--query', 'KeyMetadata.KeyId', '--output', 'text'], folder, env).trim();
  const blob = run(
    kms,
    ['encrypt', '--key-id', id, '--plaintext', 'aGVsbG8=', '--query', 'CiphertextBlob', '--output', 'text'],
    folder,
    env,
  );
  const plain = run(
    kms,
    ['decrypt', '--ciphertext-blob', blob.trim(), '--query', 'Plaintext', '--output', 'text'],
    folder,
    env,
  );
  expect(plain === 'aGVsbG8=\n', 'kms decrypt gives back what kms encrypt was given');
  const old = otherNode();
  if (old !== undefined) {
    const { status, stderr } = spawnSync(old, [kms, '--version'], { cwd: folder, env, encoding: 'utf8' });
    expect(status === 253 && stderr.includes('hint: https://nodejs.org/'), `${old} is told where to get another node`);
    expect(!installWarnings(old).includes('EBADENGINE'), `npm of ${old} has nothing to say of engines in a checkout`);
  }
  expect(run(kms, ['encrypt', 'help'], folder, env).includes('NAME'), 'kms encrypt help');
  const program = `
    import { createKms } from 'pocket-kms';
    const kms = await createKms();
    const { KeyMetadata } = await kms.call('CreateKey', {});
    const { CiphertextBlob } = await kms.call('Encrypt', { KeyId: KeyMetadata.KeyId, Plaintext: Buffer.from('hello') });
    const { Plaintext } = await kms.call('Decrypt', { CiphertextBlob });
    console.log(Buffer.from(Plaintext).toString());
    kms.close();`;
  const said = run(process.execPath, ['--input-type=module', '--eval', program], folder, env);
  expect(said === 'hello\n', 'a program that imports the library');

  run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--omit=optional'], folder);
  const envelope = spawnSync(kms, ['envelope', 'encrypt', '--key-ids', id], { cwd: folder, env, encoding: 'utf8' });
  expect(
    envelope.status === 253 && envelope.stderr.includes('hint: it is an optional dependency'),
    'kms envelope without its optional dependency',
  );
  expect(run(kms, ['describe-key', '--key-id', id], folder, env).includes(id), 'kms without optional dependencies');
  process.stdout.write('the packed package installs and runs, without optional dependencies too\n');
} finally {
  rmSync(folder, { recursive: true });
}
