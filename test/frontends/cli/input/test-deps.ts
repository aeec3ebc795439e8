/** What reading a command line needs: the model's commands, two groups of our own, and files in a table. */
import {
  boolean,
  document,
  integer,
  list,
  map,
  oneOf,
  required,
  string,
  structure,
} from '../../../../src/model/shape.ts';
import { timestamp, type StructureShape } from '../../../../src/model/shape.ts';
import type { Command } from '../../../../src/frontends/cli/input/find-command.ts';
import {
  readInvocation,
  type CommandCall,
  type ReadingDeps,
  type ReadSettings,
} from '../../../../src/frontends/cli/input/read-invocation.ts';
import { UsageError } from '../../../../src/frontends/cli/input/usage-error.ts';
import { errorLayout } from '../../../../src/frontends/cli/output/errors.ts';
import { failureOf } from '../../../../src/frontends/cli/output/failure.ts';
import { vectors } from './vectors.ts';

const model = vectors<Command>('commands');
const own: Command[] = [
  { name: 'keyring status', operation: 'KeyringStatus', input: structure({}) },
  { name: 'keyring verify', operation: 'KeyringVerify', input: structure({ Deep: boolean }) },
  {
    name: 'audit verify',
    operation: 'AuditVerify',
    input: structure({
      Since: timestamp,
      Count: required(integer(1)),
      Weights: list(integer()),
      Rule: structure({ Level: integer(), Strict: boolean, Names: list(string()), Mode: oneOf(['FAST', 'FULL']) }),
      Labels: map(),
      Event: document,
    }),
    output: structure({ Valid: boolean, Lines: integer(1), Path: string(), At: timestamp }),
  },
];
const commands = new Map([...model, ...own].map((command) => [command.name, command]));

export const inputOf = (name: string): StructureShape => commands.get(name)!.input;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface TestFiles {
  /** By path; standard input is `stdin`. */
  readonly files?: { readonly [path: string]: string | Uint8Array };
  readonly env?: { readonly [name: string]: string };
  /** That are suggested for a wrong one. */
  readonly names?: readonly string[];
}

export function testDeps({ files = {}, env = {}, names = [...commands.keys()] }: TestFiles = {}): ReadingDeps {
  return {
    commands: () => ({
      find: async (path) => commands.get(path.join(' ')),
      list: async () => names.map((name) => ({ name, operation: '' })),
    }),
    readFile(path) {
      const content = files[path === 0 ? 'stdin' : path];
      if (content === undefined) throw Object.assign(new Error('missing'), { code: 'ENOENT' });
      return typeof content === 'string' ? bytes(content) : content;
    },
    isFile: (path) => files[path] !== undefined,
    env,
    home: () => '/home/alice',
    checkQuery: (expression) =>
      expression.includes('[') ? 'Invalid jmespath expression: Incomplete expression' : undefined,
  };
}

export async function readCall(argv: readonly string[], deps?: TestFiles): Promise<CommandCall> {
  const invocation = await readInvocation(argv, testDeps(deps));
  if (invocation.kind !== 'call') throw new Error(`not a call but ${invocation.kind}`);
  return invocation;
}

export const readInput = async (argv: readonly string[], deps: TestFiles & ReadSettings = {}): Promise<object> =>
  (await readCall(argv, deps)).finish(deps);

/** What is wrong: `[exit code, message]`, or undefined. */
export async function wrongWith(argv: readonly string[], deps: TestFiles & ReadSettings = {}): Promise<unknown> {
  try {
    const invocation = await readInvocation(argv, testDeps(deps));
    if (invocation.kind === 'call') invocation.finish(deps);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return [error.exitCode, error.message];
    throw error;
  }
}

/** Everything that goes to stderr. */
export async function stderrOf(argv: readonly string[]): Promise<string> {
  try {
    await readInput(argv);
    return '';
  } catch (error) {
    return errorLayout(failureOf(error), 'enhanced');
  }
}
