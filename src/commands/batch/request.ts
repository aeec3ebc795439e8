/** A line of `kms batch`, and the call that it asks for. */
import { KmsError } from '../../model/error.ts';
import { fromWire, unknownMember } from '../../model/json-wire.ts';
import type { StructureShape } from '../../model/shape.ts';
import { operationName } from '../../model/spelling.ts';
import { findOperation } from '../../operations/index.ts';
import type { AnyInput } from '../../operations/row/operation.ts';
import type { SeriesCall } from '../../pipeline/invoke.ts';

/** Bytes of a request, as over HTTP. */
export const MAX_LINE = 1 << 20;

interface BatchRequest {
  /** `Encrypt`, or `encrypt` as on the command line. */
  readonly Operation: string;
  readonly Input?: { readonly [member: string]: unknown };
  /** Comes back in the answer. */
  readonly Id?: unknown;
}

const MEMBERS: ReadonlySet<string> = new Set(['Operation', 'Input', 'Id'] satisfies (keyof BatchRequest)[]);

/** `id` is the member of the answer. */
interface RefusedRequest {
  readonly id: { readonly Id?: unknown };
  readonly error: KmsError;
}

/** What a line is: a call, or an error. */
export type PreparedRequest = (Pick<RefusedRequest, 'id'> & { readonly call: SeriesCall }) | RefusedRequest;

/** Blank characters of ASCII alone. */
export const isBlank = (line: Uint8Array): boolean =>
  line.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));

/** A request, or what is wrong with its line. */
export type ReadLine = BatchRequest | RefusedRequest;

export function readLine(line: Uint8Array): ReadLine {
  const refused = (why: string, id: RefusedRequest['id'] = {}): RefusedRequest => {
    const message = `${why}: expected {"Operation": "...", "Input": {...}}`;
    return { id, error: new KmsError('SerializationException', message) };
  };
  if (line.length > MAX_LINE) return refused(`the line has more than ${MAX_LINE} bytes`);
  let request: unknown;
  try {
    request = JSON.parse(STRICT_UTF8.decode(line));
  } catch {
    return refused('the line is not JSON');
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return refused('the line is not an object');
  const { Id, Operation } = request as { readonly [name: string]: unknown };
  if (isDeeperThan(MAX_ID_DEPTH, Id)) return refused('Id is nested too deeply');
  if (hasInexactNumber(Id)) return refused('Id has a number that is not exact: write it as a string');
  const id = 'Id' in request ? { Id } : {};
  const unknown = Object.keys(request).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refused(`the line has an unknown member ${unknown}`, id);
  if (typeof Operation !== 'string') return refused('the line has no Operation', id);
  return request as BatchRequest;
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Far less than what JSON.stringify has stack for. */
const MAX_ID_DEPTH = 100;

const isDeeperThan = (depth: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === 0 || Object.values(value).some((inner) => isDeeperThan(depth - 1, inner)));

/** The answer would have another number: JSON.parse rounds integers of more than 53 bits, and knows no larger ones than 1e308. */
const hasInexactNumber = (value: unknown): boolean =>
  typeof value === 'number'
    ? !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))
    : typeof value === 'object' && value !== null && Object.values(value).some(hasInexactNumber);

export async function prepared(request: ReadLine): Promise<PreparedRequest> {
  if ('error' in request) return request;
  const id = 'Id' in request ? { Id: request.Id } : {};
  try {
    return { id, call: await callOf(request) };
  } catch (error) {
    if (error instanceof KmsError) return { id, error };
    throw error;
  }
}

async function callOf({ Operation, Input = {} }: BatchRequest): Promise<SeriesCall> {
  const operation = await findOperation(/^[A-Z]/.test(Operation) ? Operation : operationName(Operation));
  if (!operation) throw new KmsError('UnknownOperationException', `${Operation} is not an operation`);
  checkMembers(operation.input, Input);
  return { operation, input: fromWire(operation.input, Input) as AnyInput }; // the pipeline checks it
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
