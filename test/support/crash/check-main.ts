/**
 * What a keyring is after a crash: whether the next command works by itself, whether both verifications find nothing,
 * and what is in it. A program of its own, started once for every state; it prints what it found as JSON.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { run } from '../../../src/frontends/cli/run.ts';
import { terminal } from '../../../src/frontends/cli/terminal.ts';
import { isMetaPath } from '../../../src/keyring/root.ts';
import { isTreePath } from '../../../src/keyring/version-tree.ts';
import type { Session } from '../../../src/runtime/capabilities.ts';
import { openSession } from '../../../src/runtime/session.ts';

export interface CheckRequest {
  /** Everything that a crash may have touched. */
  readonly folder: string;
  readonly cwd: string;
  readonly env: { readonly [name: string]: string };
  /** The keyring's file. */
  readonly keyring: string;
  /** Ways to unlock it: at least one works. */
  readonly unlocking: readonly (readonly string[])[];
  /** What must work if there is a keyring, and if there is none yet. */
  readonly next: readonly string[];
  readonly first: readonly string[];
  /** Texts that stand in no file. */
  readonly secrets: readonly string[];
  /** Files in which they stood before. */
  readonly secretFiles: readonly string[];
  readonly time: number;
}

export interface CheckResult {
  /** Empty: everything is as it should be. */
  readonly problems: readonly string[];
  /** undefined: there is no keyring. */
  readonly contents?: Contents;
}

export interface Contents {
  /** Of everything in it, the log included: equal only for the same state. */
  readonly digest: string;
  /** What two runs of the same command have in common. */
  readonly shape: {
    readonly events: readonly string[];
    readonly records: { readonly [kind: string]: number };
    readonly slots: readonly string[];
  };
  readonly keyIds: readonly string[];
  /** Of the events of its log. */
  readonly requestIds: readonly string[];
}

const USER_AGENT = 'crash-check';

const request = JSON.parse(process.argv[2]!) as CheckRequest;
const problems: string[] = [];
let session: Session | undefined;

async function kms(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = ['', '', ''];
  const code = await run({
    argv,
    env: request.env,
    cwd: request.cwd,
    home: () => request.env['HOME']!,
    version: USER_AGENT,
    terminal,
    clock: () => request.time,
    write(fd, text) {
      written[fd] += text;
      return true;
    },
    openSession: async (options) =>
      (session = openSession({ ...options, random: (length) => new Uint8Array(randomBytes(length)) })),
    serve: () => Promise.reject(new Error('not served here')),
    serveXksProxy: () => Promise.reject(new Error('not served here')),
    agent: undefined,
  });
  return { code, stdout: written[1]!, stderr: written[2]! };
}

async function expectSuccess(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await kms(...argv);
  if (code !== 0) problems.push(`kms ${argv.join(' ')} exited ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** The options that unlock the keyring now. */
async function unlocking(): Promise<readonly string[]> {
  const said: string[] = [];
  for (const way of request.unlocking) {
    const { code, stderr } = await kms(...request.next, ...way);
    if (code === 0) return way;
    said.push(stderr.trim());
  }
  problems.push(`the next command does not work: ${said.join('; ')}`);
  return [];
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

async function contents(way: readonly string[]): Promise<Contents> {
  await expectSuccess('keyring', 'status', ...way);
  const keyring = await session!.open();
  const found = await keyring.inspect(async ({ tx, tree, barrier, root }) => {
    const records: string[] = [];
    const kinds: { [kind: string]: number } = {};
    const keyIds: string[] = [];
    for await (const { path, value } of tx.rows('')) {
      if (isMetaPath(path) || isTreePath(path)) continue;
      const plaintext = barrier.open(path, await tree.versionOf(path), value);
      records.push(`${path} ${sha256(plaintext)}`);
      const kind = path.split('/')[0]!;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (kind === 'key') keyIds.push(path.split('/').at(-1)!);
    }
    return { records, kinds, keyIds, slots: Object.keys(root.slots), settings: root.settings, term: barrier.term };
  });
  keyring.close();
  const lines = [...everyLine(join(request.keyring, '..'))];
  while (isOfCheck(lines.at(-1) ?? '')) lines.pop();
  const { records, kinds, keyIds, slots, ...more } = found;
  return {
    digest: sha256(JSON.stringify([records, slots, more, lines])),
    shape: {
      events: lines.map((line) => (JSON.parse(line) as { eventName: string }).eventName),
      records: kinds,
      slots,
    },
    keyIds,
    requestIds: lines.map((line) => (JSON.parse(line) as { requestID?: string }).requestID ?? ''),
  };
}

/** Also what a call of this program does to the log before its own event: it puts a torn line aside, or rotates the log. */
const isOfCheck = (line: string): boolean =>
  line.includes(`"${USER_AGENT}`) ||
  (/"(?:RotateAuditLog|RecoverAuditLog)"/.test(line) && line.includes('"invokedBy":"pocket-kms"'));

/** Of the log and its old files, in the order of their names, which is that of the events. */
function everyLine(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => /^audit(-[0-9-]+)?\.jsonl(\.gz)?$/.test(name));
  const plain = names.filter((name) => !(name.endsWith('.gz') && names.includes(name.slice(0, -3))));
  return plain.toSorted().flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    return text.split('\n').filter((line) => line !== '');
  });
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

function findSecrets(): void {
  for (const path of filesBelow(request.folder)) {
    if (request.secretFiles.includes(path)) continue;
    const bytes = readFileSync(path);
    for (const secret of request.secrets) if (bytes.includes(secret)) problems.push(`${path} holds a secret in clear`);
  }
}

async function check(): Promise<CheckResult> {
  findSecrets();
  if (!existsSync(request.keyring)) {
    await expectSuccess(...request.first);
    return { problems };
  }
  const way = await unlocking();
  if (problems.length > 0) return { problems };
  for (const command of ['keyring verify', 'audit verify --all']) {
    const { code, stdout, stderr } = await kms(...command.split(' '), ...way);
    if (code !== 0) problems.push(`${command}: ${(stdout || stderr).replaceAll(/\s+/g, ' ').trim()}`);
  }
  return { problems, contents: await contents(way) };
}

void check()
  .catch((error: unknown): CheckResult => ({ problems: [...problems, String(error)] }))
  .then((result) => process.stdout.write(JSON.stringify(result)));
