/**
 * The client of the AWS SDK for a keyring of this process. It serializes requests and parses responses as usual, so
 * middleware, paginators, subclasses of commands and exceptions are those of the SDK; a request handler without a network
 * makes the calls.
 */
import { createRequire } from 'node:module';
import { EnvironmentError, KmsError } from '../../model/error.ts';
import { utf8 } from '../../crypto/bytes.ts';
import type { HttpAnswer } from '../http/answer.ts';
import { answerWith, operationOf, readInput, refuseWith } from '../http/aws-json.ts';
import { faultOf } from '../http/fault.ts';
import { KmsException } from './kms-exception.ts';
import type { CallOptions, PocketKms } from './api.ts';
import type { AnyCall } from './pocket-kms.ts';

/** What a request handler of the SDK is given, as far as it matters here. */
export interface SdkRequest {
  readonly headers: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
}

/** What the SDK passes with a request, and its users with a command, as far as it matters here. */
export interface SendOptions {
  readonly abortSignal?: AbortSignalLike | undefined;
}

/** An `AbortSignal`; those of others that are no event targets are read before a call only. */
interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener?(type: 'abort', listener: () => void): void;
  removeEventListener?(type: 'abort', listener: () => void): void;
}

export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: { [name: string]: string };
  readonly body: Uint8Array;
}

export interface SdkConfiguration {
  readonly region: string;
  /** Signatures are not verified here; the options set the caller. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: 1;
  readonly requestHandler: {
    handle(request: SdkRequest, options?: SendOptions): Promise<{ response: SdkResponse }>;
    updateHttpClientConfig(): void;
    httpHandlerConfigs(): {};
  };
}

/** For `new KMSClient(clientConfiguration(kms))`: the calls of that client are made in this keyring. */
export function clientConfiguration(kms: PocketKms, options: CallOptions = {}): SdkConfiguration {
  return {
    region: options.region ?? kms.region,
    credentials: { accessKeyId: 'pocket-kms', secretAccessKey: 'pocket-kms' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request, { abortSignal } = {}) => ({
        response: await untilAborted(abortSignal, () => respond(kms, options, request)),
      }),
      updateHttpClientConfig: () => undefined,
      httpHandlerConfigs: () => ({}),
    },
  };
}

/** As over a network: an aborted call is not made or, if it was under way, may have been made. */
async function untilAborted<T>(signal: AbortSignalLike | undefined, call: () => Promise<T>): Promise<T> {
  if (!signal) return call();
  if (signal.aborted) throw aborted(signal);
  let abort!: () => void;
  const abortion = new Promise<never>((_, reject) => {
    abort = () => reject(aborted(signal));
  });
  signal.addEventListener?.('abort', abort);
  try {
    return await Promise.race([call(), abortion]);
  } finally {
    signal.removeEventListener?.('abort', abort);
  }
}

/** As the request handlers of the SDK make it (`buildAbortError` of @smithy/node-http-handler). */
const aborted = ({ reason }: AbortSignalLike): Error =>
  Object.assign(new Error('Request aborted', { cause: reason }), { name: 'AbortError' });

/** A request names its operation: that operation's shape has read the input. */
const erased = ({ call }: PocketKms): AnyCall => call as unknown as AnyCall;

async function respond(kms: PocketKms, options: CallOptions, request: SdkRequest): Promise<SdkResponse> {
  const { status, headers, body } = await answer(kms, options, request);
  return { statusCode: status, headers: { ...headers }, body: utf8(body) };
}

async function answer(kms: PocketKms, options: CallOptions, { headers, body = '' }: SdkRequest): Promise<HttpAnswer> {
  try {
    const row = await operationOf(headers['x-amz-target']);
    const input = readInput(row, typeof body === 'string' ? utf8(body) : body);
    return answerWith(row, await erased(kms)(row.name, input, options));
  } catch (error) {
    if (error instanceof KmsError) return refuseWith(faultOf(error));
    if (!(error instanceof KmsException)) throw error; // an error of the keyring or an internal error, not one of the service
    return refuseWith({ status: error.$metadata.httpStatusCode, code: error.name, message: error.message });
  }
}

/** A command of the AWS SDK, as far as it matters here. */
export interface SdkCommand<Input extends object, Output extends object> {
  readonly input: Input;
  resolveMiddleware(stack: never, configuration: never, options: never): (args: never) => Promise<{ output: Output }>;
}

export interface SdkClient {
  send<Input extends object, Output extends object>(command: SdkCommand<Input, Output>): Promise<Output>;
  send<Input extends object, Output extends object>(
    command: SdkCommand<Input, Output>,
    options: SendOptions | undefined,
  ): Promise<Output>;
  destroy(): void;
}

/**
 * A client for the commands of `@aws-sdk/client-kms`: the SDK's own where it is installed beside this package, and one
 * with `send()` alone where it is not, as in a program that was bundled into one file.
 */
export function kmsClient(kms: PocketKms, options: CallOptions = {}): SdkClient {
  const Client = installedClient();
  return Client ? new Client(clientConfiguration(kms, options)) : sendingClient(kms, options);
}

type ClientClass = new (configuration: SdkConfiguration) => SdkClient;

/** The class that the program's own import of the SDK gives too: Node.js loads it once. */
function installedClient(): ClientClass | undefined {
  try {
    return (createRequire(import.meta.url)('@aws-sdk/client-kms') as { readonly KMSClient: ClientClass }).KMSClient;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function sendingClient(kms: PocketKms, options: CallOptions): SdkClient {
  return {
    async send<Input extends object, Output extends object>(
      command: SdkCommand<Input, Output>,
      { abortSignal }: SendOptions = {},
    ): Promise<Output> {
      const name = operationNameOf(command);
      const output = await untilAborted(abortSignal, () => erased(kms)(name, command.input, options));
      return { ...output, $metadata: { httpStatusCode: 200, attempts: 1 } } as unknown as Output; // as the row has it
    },
    destroy: () => undefined,
  };
}

/** What a command tells the middleware of the SDK: bundlers rename classes, and a subclass has a name of its own. */
interface HandlerContext {
  readonly __smithy_context?: { readonly operation?: string };
}

function operationNameOf(command: SdkCommand<object, object>): string {
  let operation: string | undefined;
  const stack = {
    concat: () => ({
      resolve(_: unknown, { __smithy_context: told }: HandlerContext) {
        operation = told?.operation;
        return () => Promise.reject(new Error('the request is not sent'));
      },
    }),
  };
  command.resolveMiddleware(stack as never, {} as never, {} as never);
  if (operation === undefined) throw new EnvironmentError('the argument is not a command of @aws-sdk/client-kms');
  return operation;
}
