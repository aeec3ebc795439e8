/**
 * Records what a real AWS CLI does with the command lines of test/differential/cases.ts, against a service of our own on
 * this machine: `node scripts/record-differential.ts AWS` with the path of its program. PYTHONPATH and AWS_DATA_PATH
 * (folders with service models) are handed on. Writes test/differential/recorded.jsonl (described in its README).
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argvOf, CASES, type Case } from '../test/differential/cases.ts';
import { layFiles } from '../test/differential/files.ts';
import { reply } from '../test/differential/service.ts';
import { root } from './root.ts';

const [aws] = process.argv.slice(2);
if (aws === undefined) throw new Error('usage: node scripts/record-differential.ts AWS');
const AT_ONCE = 3;

/** Two words of the address say what to answer: `/echo/`. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const sent = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { [member: string]: unknown };
  const { status, body } = reply(request.url!.split('/')[1]!, sent);
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

const server = createServer((request, response) => void answer(request, response));
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

const home = mkdtempSync(join(tmpdir(), 'pocket-kms-record-'));
const ENV = {
  PATH: process.env['PATH'],
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_MAX_ATTEMPTS: '1',
  AWS_EC2_METADATA_DISABLED: 'true',
  ...Object.fromEntries(
    ['PYTHONPATH', 'AWS_DATA_PATH'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  ),
};

interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function record(example: Case, number: number): Promise<Ran> {
  const folder = join(home, String(number));
  const config = join(folder, '.aws/config');
  mkdirSync(join(folder, '.aws'), { recursive: true });
  mkdirSync(join(folder, 'work'));
  writeFileSync(config, example.config);
  layFiles(join(folder, 'work'));
  const given = argvOf(example);
  // one that the case gives itself must come first: the last one wins
  const words = ['--endpoint-url', `http://127.0.0.1:${port}/${example.answer}/`, 'kms', ...given];
  return new Promise((resolve) => {
    const options = {
      cwd: join(folder, 'work'),
      env: { ...ENV, HOME: folder, ...example.env },
      encoding: 'utf8',
    } as const;
    const child = execFile(aws!, words, options, (error, stdout, stderr) => {
      const exit = error === null ? 0 : Number(error.code);
      resolve({ exit, stdout: stdout.replaceAll(folder, '~'), stderr: stderr.replaceAll(folder, '~') });
    });
    child.stdin!.end();
  });
}

const results: Ran[] = [];
let next = 0;
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (let at = next++; at < CASES.length; at = next++) results[at] = await record(CASES[at]!, at);
  }),
);
server.close();
rmSync(home, { recursive: true });
const rows = CASES.map(({ line, answer: canned, env, config }, at) =>
  JSON.stringify({ line, answer: canned, env, config, ...results[at] }),
);
writeFileSync(root('test/differential/recorded.jsonl'), `${rows.join('\n')}\n`);
process.stdout.write(`${rows.length} command lines\n`);
