/**
 * One call and the events that it leaves, with names instead of what differs from run to run: the language of
 * test/vectors/cloudtrail.
 */
import { KmsError } from '../../src/model/error.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import { callerOf } from '../../src/policy/principal.ts';
import { fixture, newKey, type Fixture } from '../support/fixture.ts';

export interface Case {
  readonly name: string;
  /** Calls before it, which leave events of their own. */
  readonly before?: readonly Step[];
  readonly input: Json;
  /** The caller's ARN; the root user of the account otherwise. */
  readonly caller?: string;
  readonly region?: string;
  readonly event: Json;
}

export interface Step {
  readonly operation: string;
  readonly input: Json;
  /** Days that pass after it. */
  readonly days?: number;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

interface Stage {
  readonly home: Fixture;
  /** `<key>` and its like, and what they stand for. */
  readonly names: Map<string, string | Uint8Array>;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Two keys, an alias of the first, and a ciphertext of it. */
async function setStage(): Promise<Stage> {
  const home = await fixture('cloudtrail');
  const [key, other] = [await newKey(home), await newKey(home)];
  await home.call('CreateAlias', { AliasName: 'alias/example', TargetKeyId: key.id });
  const bound = { KeyId: key.id, Plaintext: utf8('the plaintext'), EncryptionContext: { Purpose: 'Test' } };
  const { CiphertextBlob } = await home.call('Encrypt', bound);
  return {
    home,
    names: new Map<string, string | Uint8Array>([
      ['<key>', key.id],
      ['<other>', other.id],
      ['<blob>', CiphertextBlob as Uint8Array],
      ['<bytes>', utf8('the plaintext')],
      ['<altered blob>', Uint8Array.from([...(CiphertextBlob as Uint8Array), 0])],
    ]),
  };
}

/** A request with the real keys and bytes. */
function filled(value: Json, names: Stage['names']): unknown {
  if (typeof value === 'string') {
    const bytes = names.get(value);
    if (bytes instanceof Uint8Array) return bytes;
    return value.replaceAll(/<[a-z ]+>/g, (name) => (names.get(name) as string | undefined) ?? name);
  }
  if (Array.isArray(value)) return value.map((item: Json) => filled(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, filled(item, names)]));
}

/** An event with names instead of IDs. */
function named(event: unknown, names: Stage['names']): Json {
  let text = JSON.stringify(event);
  for (const [name, value] of names) if (typeof value === 'string') text = text.replaceAll(value, name);
  const normalized = JSON.parse(text) as { [name: string]: unknown };
  for (const id of ['requestID', 'eventID']) {
    if (id in normalized) normalized[id] = UUID.test(String(normalized[id])) ? '<uuid>' : normalized[id];
  }
  return normalized as Json;
}

export interface Played {
  readonly home: Fixture;
  readonly event: Json;
  readonly output: unknown;
  /** What the caller was refused with, with names too. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

export async function play(
  operation: string,
  { before = [], input, caller, region }: Omit<Case, 'event' | 'name'>,
): Promise<Played> {
  const { home, names } = await setStage();
  for (const step of before) {
    await home.call(step.operation, filled(step.input, names));
    home.now += (step.days ?? 0) * 24 * 60 * 60 * 1000;
  }
  const as = {
    ...(caller === undefined ? {} : { caller: callerOf(caller) }),
    ...(region === undefined ? {} : { region }),
  };
  const { output, error } = await home.call(operation, filled(input, names) as object, as).then(
    (output: unknown) => ({ output, error: undefined }),
    (error: unknown) => {
      if (!(error instanceof KmsError)) throw error;
      return { output: undefined, error: { code: error.code, message: error.message } };
    },
  );
  const events = home.events();
  // DeleteKey is no call: it is done before the call that finds it due
  const event = operation === 'ListKeys' && before.some(({ days }) => days) ? events.at(-2) : events.at(-1);
  const made = (output as { KeyMetadata?: { KeyId: string; CurrentKeyMaterialId?: string } } | undefined)?.KeyMetadata;
  if (operation === 'CreateKey' && made) {
    names.set('<new>', made.KeyId);
    if (made.CurrentKeyMaterialId) names.set('<material>', made.CurrentKeyMaterialId);
  }
  return {
    home,
    event: named(event, names),
    output,
    error: error && (named(error, names) as unknown as Played['error']),
  };
}
