import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KmsError } from '../../src/model/error.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import { verifyKeyring } from '../../src/keyring/verify.ts';
import { callNamed, fixture, REGION, ROOT, type Fixture } from '../support/fixture.ts';

const DAY = 24 * 60 * 60 * 1000;

/** What a person who reads the documentation expects of a few keys and aliases. */
interface ModelKey {
  readonly id: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  description: string;
  readonly tags: Map<string, string>;
  due?: number;
}

interface State {
  readonly home: Fixture;
  readonly keys: ModelKey[];
  readonly aliases: Map<string, ModelKey>;
  readonly blobs: { readonly blob: Uint8Array; readonly key: ModelKey; readonly text: string }[];
  events: number;
}

type Step = readonly [kind: string, key: number, name: number, text: string];

/** What a step is, on the model: the call, and what comes of it. */
interface Plan {
  readonly operation: string;
  readonly input: object;
  /** undefined: it succeeds. */
  readonly code: string | undefined;
  done?(output: Record<string, unknown>): void;
}

const pending = (key: ModelKey): string | undefined =>
  key.state === 'PendingDeletion' ? 'KMSInvalidStateException' : undefined;
const unusable = (key: ModelKey): string | undefined => (key.state === 'Disabled' ? 'DisabledException' : pending(key));

const PLANS: { readonly [kind: string]: (state: State, key: ModelKey, step: Step) => Plan } = {
  describe: (_, key) => ({ operation: 'DescribeKey', input: { KeyId: key.id }, code: undefined }),
  write: (_, key, [, , , text]) => ({
    operation: 'UpdateKeyDescription',
    input: { KeyId: key.id, Description: text },
    code: pending(key),
    done: () => void (key.description = text),
  }),
  enable: (_, key) => ({
    operation: 'EnableKey',
    input: { KeyId: key.id },
    code: pending(key),
    done: () => void (key.state = 'Enabled'),
  }),
  disable: (_, key) => ({
    operation: 'DisableKey',
    input: { KeyId: key.id },
    code: pending(key),
    done: () => void (key.state = 'Disabled'),
  }),
  schedule: ({ home }, key, [, , name]) => ({
    operation: 'ScheduleKeyDeletion',
    input: { KeyId: key.id, PendingWindowInDays: 7 + name },
    code: pending(key),
    done() {
      key.state = 'PendingDeletion';
      key.due = home.now + (7 + name) * DAY;
    },
  }),
  cancel: (_, key) => ({
    operation: 'CancelKeyDeletion',
    input: { KeyId: key.id },
    code: key.state === 'PendingDeletion' ? undefined : 'KMSInvalidStateException',
    done() {
      key.state = 'Disabled';
      delete key.due;
    },
  }),
  alias: ({ aliases }, key, [, , name]) => ({
    operation: 'CreateAlias',
    input: { AliasName: `alias/${name}`, TargetKeyId: key.id },
    code: pending(key) ?? (aliases.has(`alias/${name}`) ? 'AlreadyExistsException' : undefined),
    done: () => void aliases.set(`alias/${name}`, key),
  }),
  move: ({ aliases }, key, [, , name]) => ({
    operation: 'UpdateAlias',
    input: { AliasName: `alias/${name}`, TargetKeyId: key.id },
    code: aliases.has(`alias/${name}`) ? pending(key) : 'NotFoundException',
    done: () => void aliases.set(`alias/${name}`, key),
  }),
  forget: ({ aliases }, _, [, , name]) => ({
    operation: 'DeleteAlias',
    input: { AliasName: `alias/${name}` },
    code: aliases.has(`alias/${name}`) ? undefined : 'NotFoundException',
    done: () => void aliases.delete(`alias/${name}`),
  }),
  tag: (_, key, [, , name, text]) => ({
    operation: 'TagResource',
    input: { KeyId: key.id, Tags: [{ TagKey: `t${name}`, TagValue: text }] },
    code: pending(key),
    done: () => void key.tags.set(`t${name}`, text),
  }),
  untag: (_, key, [, , name]) => ({
    operation: 'UntagResource',
    input: { KeyId: key.id, TagKeys: [`t${name}`] },
    code: pending(key),
    done: () => void key.tags.delete(`t${name}`),
  }),
  encrypt: ({ blobs }, key, [, , , text]) => ({
    operation: 'Encrypt',
    input: { KeyId: key.id, Plaintext: utf8(`${text}.`) },
    code: unusable(key),
    done: ({ CiphertextBlob }) => void blobs.push({ blob: CiphertextBlob as Uint8Array, key, text: `${text}.` }),
  }),
  decrypt({ blobs, keys }, _, [, , name]) {
    const { blob, key, text } = blobs[name % blobs.length] ?? { blob: utf8('none'), key: undefined, text: '' };
    const gone = !key || !keys.includes(key);
    return {
      operation: 'Decrypt',
      input: { CiphertextBlob: blob },
      code: gone ? 'InvalidCiphertextException' : unusable(key),
      done: ({ Plaintext }) => expect(Plaintext).toEqual(utf8(text)),
    };
  },
  create: ({ keys }, _, [, , , text]) => ({
    operation: 'CreateKey',
    input: { Description: text },
    code: undefined,
    done({ KeyMetadata }) {
      const { KeyId } = KeyMetadata as { KeyId: string };
      keys.push({ id: KeyId, state: 'Enabled', description: text, tags: new Map() });
    },
  }),
};

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...Object.keys(PLANS), 'wait', 'wait'),
  fc.nat({ max: 3 }),
  fc.nat({ max: 3 }),
  fc.string({ maxLength: 4 }),
);

/** Time passes; what is due by then is gone at the next call, each with an event of its own. */
function wait(state: State, days: number): void {
  state.home.now += days * DAY;
  for (const key of state.keys.filter(({ due }) => due !== undefined && due <= state.home.now)) {
    state.keys.splice(state.keys.indexOf(key), 1);
    for (const [name, target] of state.aliases) if (target === key) state.aliases.delete(name);
    state.events += 1;
  }
}

const recordsOf = ({ store }: Fixture): Promise<string> =>
  store.transact(async (tx) => {
    const rows: string[] = [];
    for await (const { path, value } of tx.rows('')) {
      if (!path.startsWith('~root')) rows.push(path, Buffer.from(value).toString('base64'));
    }
    return rows.join('\n');
  });

async function take(state: State, one: Step): Promise<void> {
  const [kind, which] = one;
  if (kind === 'wait') return wait(state, 3 * (which + 1));
  const key = state.keys[which % state.keys.length];
  if (!key && kind !== 'create') return;
  await state.home.call('ListKeys'); // runs what is due, so that the next comparison is about the call alone
  const before = await recordsOf(state.home);
  const plan = PLANS[kind]!(state, key!, one);
  state.events += 2;
  try {
    const output = await state.home.call(plan.operation, plan.input);
    expect([plan.operation, plan.code]).toEqual([plan.operation, undefined]);
    plan.done?.(output);
  } catch (error) {
    if (!(error instanceof KmsError)) throw error;
    expect([plan.operation, error.code]).toEqual([plan.operation, plan.code]);
    expect(await recordsOf(state.home)).toBe(before); // a refused call changes nothing but the log
  }
}

async function compare({ home, keys, aliases }: State): Promise<void> {
  const { Keys } = (await home.call('ListKeys')) as { Keys: { KeyId: string }[] };
  expect(Keys.map(({ KeyId }) => KeyId).sort()).toEqual(keys.map(({ id }) => id).sort());
  for (const key of keys) {
    expect((await home.call('DescribeKey', { KeyId: key.id }))['KeyMetadata']).toMatchObject({
      KeyState: key.state,
      Description: key.description,
    });
    const { Tags } = (await home.call('ListResourceTags', { KeyId: key.id })) as {
      Tags: { TagKey: string; TagValue: string }[];
    };
    expect(new Map(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]))).toEqual(key.tags);
    const { Aliases } = (await home.call('ListAliases', { KeyId: key.id })) as { Aliases: { AliasName: string }[] };
    const theirs = [...aliases].filter(([, target]) => target === key).map(([name]) => name);
    expect(Aliases.map(({ AliasName }) => AliasName).sort()).toEqual(theirs.sort());
  }
}

test(
  'any calls in any order: states, aliases, tags and deletion as documented, one event each, nothing else',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const state: State = { home: await fixture('pipeline'), keys: [], aliases: new Map(), blobs: [], events: 0 };
        for (const one of [['create', 0, 0, 'first'] as const, ...steps]) await take(state, one);
        await state.home.call('ListKeys'); // what is still due
        expect(state.home.events().length).toBe(state.events + 1);
        await compare(state);
        expect((await verifyKeyring(state.home.keyring)).problems).toEqual([]);
        const report = await state.home.keyring.inspect(async ({ log, root, barrier, end }) =>
          verifyLog(log.read(), { key: barrier.auditKey, start: root.logStart, head: end() }),
        );
        expect(report.problems).toEqual([]);
      }),
      { numRuns: 250 },
    );
  },
);

test(
  'calls at once have the answers that they have one after the other, in the order of the log',
  { timeout: 120_000 },
  async () => {
    const kinds = fc.constantFrom(
      'write',
      'enable',
      'disable',
      'schedule',
      'cancel',
      'alias',
      'forget',
      'tag',
      'untag',
      'encrypt',
    );
    const steps: fc.Arbitrary<Step[]> = fc.array(
      fc.tuple(kinds, fc.nat({ max: 1 }), fc.nat({ max: 2 }), fc.string({ maxLength: 3 })),
      { maxLength: 30 },
    );

    /** @param order the steps one after the other; undefined: all at once */
    const outcomes = async (steps: readonly Step[], order?: readonly number[]) => {
      const home = await fixture('at once');
      const state: State = { home, keys: [], aliases: new Map(), blobs: [], events: 0 };
      for (let more = 0; more < 2; more += 1) await take(state, ['create', 0, 0, '']);
      const answers: string[] = [];
      const call = async (at: number): Promise<void> => {
        const { operation, input } = PLANS[steps[at]![0]]!(state, state.keys[steps[at]![1]]!, steps[at]!);
        const context = { caller: ROOT, region: REGION, sourceIp: '127.0.0.1', userAgent: `step ${at}` };
        answers[at] = await callNamed(home.kms, { operation, input, ...context }).then(
          () => `${operation} answered`,
          (error: unknown) => `${operation} ${(error as KmsError).code}`,
        );
      };
      if (order) for (const at of order) await call(at);
      else await Promise.all(steps.map((_, at) => call(at)));
      const logged = home.events().flatMap(({ userAgent }) => {
        const at = /^step (\d+)$/.exec(String(userAgent))?.[1];
        return at === undefined ? [] : [Number(at)];
      });
      const states: unknown[] = [];
      for (const { id } of state.keys) {
        const { KeyState, Description } = (await home.call('DescribeKey', { KeyId: id }))['KeyMetadata'] as {
          KeyState: string;
          Description: string;
        };
        states.push(KeyState, Description, (await home.call('ListResourceTags', { KeyId: id }))['Tags']);
      }
      expect((await verifyKeyring(home.keyring)).problems).toEqual([]);
      return { told: answers, states, logged };
    };

    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        const together = await outcomes(steps);
        expect(together.logged.toSorted((a, b) => a - b)).toEqual(steps.map((_, at) => at)); // one event each
        expect(await outcomes(steps, together.logged)).toEqual(together);
      }),
      { numRuns: 40 },
    );
  },
);
