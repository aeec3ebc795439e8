/**
 * Runs the command lines of cases.ts in one process, each as src/main.ts would, save that calls go to the service of this
 * folder. A program of its own, since a thread of a test cannot change its working directory:
 * `node test/differential/replay.ts HOME` prints a JSON line a case.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KmsError } from '../../src/model/error.ts';
import { fromWire, toWire } from '../../src/model/json-wire.ts';
import type { Members, StructureShape, ValueOf } from '../../src/model/shape.ts';
import { run } from '../../src/frontends/cli/run.ts';
import type { AnyInput, Operation } from '../../src/operations/row/operation.ts';
import type { CallChain } from '../../src/pipeline/invoke.ts';
import type { Session } from '../../src/runtime/capabilities.ts';
import { openSession } from '../../src/runtime/session.ts';
import { argvOf, CASES, type Case } from './cases.ts';
import { layFiles } from './files.ts';
import type { Ran } from './normalize.ts';
import { reply } from './service.ts';
import { TRANSCRIPTS } from './transcripts.ts';

const none = (what: string) => (): never => {
  throw new Error(`no ${what} here`);
};

/** Calls are answered from the service's canned answers. */
const callsOf = ({ answer }: Case): Pick<Session, 'invoke' | 'invokeChain'> => ({
  async invoke<I extends Members, O extends Members>(row: Operation<I, O>, input: ValueOf<StructureShape<I>>) {
    const { status, body } = reply(answer, toWire(row.input, input) as AnyInput);
    const { __type: type = '', message, Message = message ?? '' } = body as { [member: string]: string | undefined };
    if (status !== 200) throw new KmsError(type.split('#').at(-1)!, Message);
    return fromWire(row.output, body) as ValueOf<StructureShape<O>>;
  },
  async *invokeChain<I extends Members, O extends Members, S>(
    row: Operation<I, O>,
    { first, inputAt, next }: CallChain<S, ValueOf<StructureShape<O>>>,
  ) {
    for (let at: S | undefined = first; at !== undefined;) {
      const output = await this.invoke(row, inputAt(at) as ValueOf<StructureShape<I>>);
      yield { at, output };
      at = next(at, output);
    }
  },
});

async function replay(example: Case, home: string): Promise<Ran> {
  const folder = join(home, '.aws');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config'), example.config);
  const written: { [fd: number]: string } = { 1: '', 2: '' };
  const env = { HOME: home, PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TZ: 'UTC', ...example.env };
  process.env['TZ'] = env.TZ;
  const exit = await run({
    argv: argvOf(example),
    env,
    cwd: process.cwd(),
    home: () => home,
    version: 'pocket-kms/test',
    terminal: {
      isTerminal: () => false,
      columns: () => undefined,
      color: () => false,
      has: () => false,
      prompts: { passphrase: none('terminal'), newPassphrase: none('terminal'), secret: none('terminal') },
    },
    clock: none('clock'),
    write(fd, text) {
      written[fd] += text;
      return true;
    },
    openSession: async (options) => ({
      ...openSession({ ...options, random: none('random bytes') }),
      ...callsOf(example),
    }),
    serve: none('server'),
    serveXksProxy: none('proxy'),
    agent: undefined,
  });
  return { exit, stdout: written[1]!, stderr: written[2]! };
}

const home = process.argv[2]!;
layFiles(join(home, 'work'));
process.chdir(join(home, 'work'));
const results: Ran[] = [];
for (const example of [...CASES, ...TRANSCRIPTS]) results.push(await replay(example, home));
process.stdout.write(JSON.stringify(results));
