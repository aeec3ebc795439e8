/** What a call and the agent say to each other. A connection begins with a hello, and may then ask several things. */
import { EnvironmentError, KmsError, withoutValues } from '../../model/error.ts';
import { isObject } from '../../model/json-object.ts';
import type { OriginOptions } from '../../runtime/call-origin.ts';

/** The caller proves that it can read the agent's file, then the agent does: it answers with the other proof. */
export interface Hello {
  readonly hello: 'pocket-kms agent 1';
  /** Of the program: calls of another version are not made. */
  readonly version: string;
  readonly proof: string;
}

export interface Welcome {
  readonly proof: string;
}

export type AgentQuestion =
  | { readonly ask: 'call'; readonly operation: string; readonly input: unknown; readonly origin: OriginOptions }
  | { readonly ask: 'alias'; readonly name: string; readonly region: string | undefined }
  | { readonly ask: 'status' }
  | { readonly ask: 'lock' };

/** `refused`: this was not done, and nothing that comes later on this connection will be. */
export type AgentAnswer =
  | { readonly answer: 'output'; readonly output: unknown; readonly requestId: string }
  | { readonly answer: 'error'; readonly error: SentError }
  | { readonly answer: 'value'; readonly value: unknown }
  | { readonly answer: 'refused' };

type SentError =
  | { readonly kind: 'service'; readonly code: string; readonly message: string }
  | { readonly kind: 'environment'; readonly message: string; readonly hints: readonly string[] }
  | { readonly kind: 'other'; readonly message: string };

export const HELLO: Hello['hello'] = 'pocket-kms agent 1';

export function readHello(value: unknown): Hello | undefined {
  if (!isObject(value)) return undefined;
  const { hello, version, proof } = value;
  return hello === HELLO && isText(version) && isText(proof) ? { hello, version, proof } : undefined;
}

export const readWelcome = (value: unknown): Welcome | undefined =>
  isObject(value) && isText(value['proof']) ? { proof: value['proof'] } : undefined;

export function readQuestion(value: unknown): AgentQuestion | undefined {
  if (!isObject(value)) return undefined;
  const { ask, operation, input, origin, name, region } = value;
  switch (ask) {
    case 'call':
      return isText(operation) && isOrigin(origin) ? { ask, operation, input, origin } : undefined;
    case 'alias':
      return isText(name) && isTextIfAny(region) ? { ask, name, region } : undefined;
    case 'status':
    case 'lock':
      return { ask };
    default:
      return undefined;
  }
}

export function readAnswer(value: unknown): AgentAnswer | undefined {
  if (!isObject(value)) return undefined;
  const { answer, output, requestId, error } = value;
  switch (answer) {
    case 'output':
      return isText(requestId) ? { answer, output, requestId } : undefined;
    case 'error': {
      const sent = readError(error);
      return sent && { answer, error: sent };
    }
    case 'value':
      return { answer, value: value['value'] };
    case 'refused':
      return { answer };
    default:
      return undefined;
  }
}

function readError(value: unknown): SentError | undefined {
  if (!isObject(value)) return undefined;
  const { kind, code, message, hints } = value;
  if (!isText(message)) return undefined;
  if (kind === 'service') return isText(code) ? { kind, code, message } : undefined;
  if (kind === 'environment') return isTexts(hints) ? { kind, message, hints } : undefined;
  return kind === 'other' ? { kind, message } : undefined;
}

export function sentError(error: unknown): SentError {
  if (error instanceof KmsError) return { kind: 'service', code: error.code, message: error.message };
  if (error instanceof EnvironmentError) return { kind: 'environment', message: error.message, hints: error.hints };
  return { kind: 'other', message: error instanceof Error ? withoutValues(error) : 'unknown error' };
}

export function thrownError(error: SentError): Error {
  switch (error.kind) {
    case 'service':
      return new KmsError(error.code, error.message);
    case 'environment':
      return new EnvironmentError(error.message, error.hints);
    case 'other':
      return new Error(error.message);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isTextIfAny = (value: unknown): value is string | undefined => value === undefined || isText(value);
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);
const hasTexts = (value: unknown): value is { readonly [name: string]: string } =>
  isObject(value) && Object.values(value).every(isText);

type FormTest = (value: unknown) => boolean;

/** The members of an origin, each with its form: another one is refused, as it would be left out. */
const ORIGIN: { readonly [member in keyof Required<OriginOptions>]: FormTest } = {
  principal: isTextIfAny,
  sessionTags: (value) => value === undefined || hasTexts(value),
  sessionPolicy: isTextIfAny,
  region: isTextIfAny,
  userAgent: isText,
  sourceIp: isTextIfAny,
  service: (value) => value === undefined || hasForms(value, SERVICE),
  network: (value) => value === undefined || hasForms(value, NETWORK),
};
const SERVICE: { readonly [member in keyof Required<NonNullable<OriginOptions['service']>>]: FormTest } = {
  viaService: isTextIfAny,
  sourceArn: isTextIfAny,
  sourceAccount: isTextIfAny,
};
const NETWORK: { readonly [member in keyof Required<NonNullable<OriginOptions['network']>>]: FormTest } = {
  vpcEndpointId: isTextIfAny,
  vpcId: isTextIfAny,
  mfa: (value) => value === undefined || (isObject(value) && hasForms(value, { ageInSeconds: Number.isFinite })),
};

const hasForms = (value: unknown, forms: { readonly [member: string]: FormTest }): boolean =>
  isObject(value) &&
  Object.keys(value).every((name) => Object.hasOwn(forms, name)) &&
  Object.entries(forms).every(([name, fits]) => fits(value[name]));

const isOrigin = (value: unknown): value is OriginOptions => hasForms(value, ORIGIN);

/** Exactly these members, of options that have more. */
export function originOf(options: OriginOptions): OriginOptions {
  const { principal, sessionTags, sessionPolicy, region, userAgent, sourceIp, service, network } = options;
  return { principal, sessionTags, sessionPolicy, region, userAgent, sourceIp, service, network };
}
