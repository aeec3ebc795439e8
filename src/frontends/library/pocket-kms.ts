/** The library object of a keyring: `call('Encrypt', { ... })`, and a method for every operation. */
import { camel } from '../../model/spelling.ts';
import { KmsError } from '../../model/error.ts';
import { linesIn } from '../../model/lines.ts';
import { checkPrincipal, rootArn } from '../../model/principal-arn.ts';
import type { Keyring } from '../../keyring/keyring.ts';
import { isOperationName, loadOperation, OPERATION_NAMES } from '../../operations/index.ts';
import type { AnyInput, AnyOperation } from '../../operations/row/operation.ts';
import { createKms, type KmsDeps } from '../../pipeline/invoke.ts';
import { callerOf } from '../../policy/principal.ts';
import { faultOf } from '../http/fault.ts';
import type { AuditEvent, CallOptions, Methods, PocketKms } from './api.ts';
import { KmsException } from './kms-exception.ts';

/** Calls whose operation is not known here: the pipeline checks their input. */
export type AnyCall = (operation: string, input?: unknown, options?: CallOptions) => Promise<AnyInput>;

interface LibrarySettings extends Omit<KmsDeps, 'trace'> {
  /** Of calls that name none; undefined: the keyring's. */
  readonly region: string | undefined;
  readonly userAgent: string;
  /** Closes the keyring, and what its calls have reached. */
  readonly close: () => void;
}

export async function pocketKms({ keyring, userAgent, close, ...settings }: LibrarySettings): Promise<PocketKms> {
  const { account, region: home } = await keyring.transact(async (tx) => tx.settings);
  const { region = home } = settings;
  const pipeline = createKms({ keyring, ...settings });

  const call: AnyCall = async (operation, input = {}, options = {}) => {
    const { principal, tags } = options;
    const arn = principal === undefined ? rootArn(account) : checkPrincipal(principal, 'principal');
    const caller = callerOf(arn, tags ? { tags } : {});
    const origin = { caller, region: options.region ?? region, sourceIp: '127.0.0.1', userAgent };
    try {
      return (await pipeline.invoke(await rowOf(operation), input, origin)).output;
    } catch (error) {
      throw error instanceof KmsError ? new KmsException(faultOf(error)) : error;
    }
  };
  const methods = OPERATION_NAMES.map((name): readonly [string, unknown] => [
    camel(name),
    (input?: unknown, options?: CallOptions) => call(name, input, options),
  ]);
  // what rows declare is what goes in and comes out of the calls by their names
  const calls = { ...Object.fromEntries(methods), call } as unknown as Methods & Pick<PocketKms, 'call'>;
  return { ...calls, account, region, events: () => eventsOf(keyring), close };
}

/** JavaScript programs may pass any name. */
async function rowOf(operation: string): Promise<AnyOperation> {
  if (isOperationName(operation)) return loadOperation(operation);
  throw new KmsError('UnsupportedOperationException', `The operation ${operation} is not supported.`);
}

const eventsOf = (keyring: Keyring): Promise<readonly AuditEvent[]> =>
  keyring.inspect(async ({ log }) =>
    Array.from(
      linesIn(log.read(), Number.POSITIVE_INFINITY),
      (line) => JSON.parse(Buffer.from(line).toString()) as AuditEvent,
    ),
  );
