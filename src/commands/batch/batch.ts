/** `kms batch`: many calls in one process, one JSON request a line in, one JSON answer a line out, in order. */
import { fstatSync } from 'node:fs';
import { KmsError } from '../../model/error.ts';
import { unwatched } from '../../model/progress.ts';
import { linesIn } from '../../model/lines.ts';
import { boolean, integer, structure, type StructureShape } from '../../model/shape.ts';
import { fromWire, unknownMember } from '../../model/json-wire.ts';
import { readSome } from '../../files/limited-read.ts';
import { findOperation } from '../../operations/index.ts';
import type { AnyInput } from '../../operations/row/operation.ts';
import type { OperationCalls } from '../../runtime/capabilities.ts';
import type { Output, Progress } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { operationName } from '../../model/spelling.ts';
import { printable } from '../../model/printable.ts';

/** Bytes of a request, as over HTTP. */
const MAX_LINE = 1 << 20;

interface BatchRequest {
  /** `Encrypt`, or `encrypt` as on the command line. */
  readonly Operation: string;
  readonly Input?: { readonly [member: string]: unknown };
  /** Comes back in the answer. */
  readonly Id?: unknown;
}

const MEMBERS: ReadonlySet<string> = new Set(['Operation', 'Input', 'Id'] satisfies (keyof BatchRequest)[]);

interface BatchDeps extends OperationCalls, Pick<Output, 'printData'>, Progress {}

export const batch = localCommand({
  name: 'Batch',
  command: 'batch',
  input: structure({ StopOnError: boolean }),
  output: structure({ Failed: integer() }),
  silent: true,
  async run({ StopOnError = false }, session: BatchDeps) {
    // elsewhere the answers may be shown on the same terminal, by a program that reads them
    const watched = fstatSync(1).isFile() ? session.progress : unwatched;
    const input = fstatSync(0);
    const total = input.isFile() ? input.size : undefined;
    return watched(total === undefined ? 'requests' : 'bytes', async (meter) => {
      if (total !== undefined) meter.expect(total);
      const onLine = ({ length }: Uint8Array): void => meter.advance(total === undefined ? 1 : length + 1);
      return { Failed: await answerAll(session, { stopOnError: StopOnError, onLine }) };
    });
  },
  exit: ({ Failed }) => (Failed > 0 ? 254 : 0),
});

/** @returns how many calls failed */
async function answerAll(
  session: BatchDeps,
  { stopOnError, onLine }: { readonly stopOnError: boolean; readonly onLine: (line: Uint8Array) => void },
): Promise<number> {
  let failed = 0;
  for (const line of linesIn(piecesOfInput(), MAX_LINE)) {
    onLine(line);
    if (isBlank(line)) continue;
    const answer = await answerTo(line, session);
    session.printData(JSON.stringify(answer));
    if (!('Error' in answer)) continue;
    failed += 1;
    if (stopOnError) break;
  }
  return failed;
}

/** Blank characters of ASCII alone. */
const isBlank = (line: Uint8Array): boolean => line.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));

async function answerTo(line: Uint8Array, { invoke }: OperationCalls): Promise<object> {
  let id: object = {};
  try {
    const request = readRequest(line);
    id = 'Id' in request ? { Id: request.Id } : {};
    const name = /^[A-Z]/.test(request.Operation) ? request.Operation : operationName(request.Operation);
    const row = await findOperation(name);
    if (!row) throw new KmsError('UnknownOperationException', `${request.Operation} is not an operation`);
    checkMembers(row.input, request.Input);
    const input = fromWire(row.input, request.Input ?? {}) as AnyInput; // the pipeline checks it
    const output = await invoke(row, input);
    return { ...id, Output: printable(row.output, output, { timestampFormat: 'iso8601' }) };
  } catch (error) {
    if (!(error instanceof KmsError)) throw error; // the keyring cannot be used, so further calls would fail too
    return { ...id, Error: { Code: error.code, Message: error.message } };
  }
}

/** A misspelled member would change what is done: in the words of the AWS CLI. */
function checkMembers(shape: StructureShape, input: unknown): void {
  const unknown = unknownMember(shape, input);
  if (!unknown) return;
  const { place, name, known } = unknown;
  throw new KmsError(
    'ParamValidation',
    `Unknown parameter in ${place}: "${name}", must be one of: ${known.join(', ')}`,
  );
}

function readRequest(line: Uint8Array): BatchRequest {
  const refuse = (why: string): never => {
    throw new KmsError('SerializationException', `${why}: expected {"Operation": "...", "Input": {...}}`);
  };
  if (line.length > MAX_LINE) return refuse(`the line has more than ${MAX_LINE} bytes`);
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    return refuse('the line is not JSON');
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return refuse('the line is not an object');
  const unknown = Object.keys(request).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`the line has an unknown member ${unknown}`);
  if (typeof (request as BatchRequest).Operation !== 'string') return refuse('the line has no Operation');
  if (isDeeperThan(MAX_ID_DEPTH, (request as BatchRequest).Id)) return refuse('Id is nested too deeply');
  return request as BatchRequest;
}

/** Far less than what JSON.stringify has stack for. */
const MAX_ID_DEPTH = 100;

const isDeeperThan = (depth: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner)));

/** Pieces as they come, so that a program can ask, read the answer, and ask again. */
function* piecesOfInput(): Generator<Uint8Array> {
  const piece = Buffer.alloc(1 << 16);
  for (let length = readSome(0, piece); length > 0; length = readSome(0, piece)) yield piece.subarray(0, length);
}
