/** The types of rows: what a row's shapes declare is what its calls take and give; a misspelt field is an error. */
import { expectTypeOf, test } from 'vitest';
import { boolean, integer, list, required, string, structure } from '../../src/model/shape.ts';
import { grantTokens, keyId } from '../../src/model/members.ts';
import {
  findOperation,
  loadOperation,
  type InputOf,
  type OperationName,
  type Operations,
  type OutputOf,
} from '../../src/operations/index.ts';
import { operationShape } from '../../src/operations/row/operation-shape.ts';
import { operation, type AnyOperation, type Step } from '../../src/operations/row/operation.ts';

test('inputs and outputs of the table are exact', () => {
  expectTypeOf<InputOf<'Encrypt'>>().branded.toEqualTypeOf<{
    readonly KeyId: string;
    readonly Plaintext: Uint8Array;
    readonly EncryptionContext?: { readonly [key: string]: string } | undefined;
    readonly GrantTokens?: readonly string[] | undefined;
    readonly EncryptionAlgorithm?:
      | 'SYMMETRIC_DEFAULT'
      | 'RSAES_OAEP_SHA_1'
      | 'RSAES_OAEP_SHA_256'
      | 'SM2PKE'
      | undefined;
    readonly DryRun?: boolean | undefined;
  }>();
  expectTypeOf<OutputOf<'ScheduleKeyDeletion'>['DeletionDate']>().toEqualTypeOf<Date | undefined>();
  expectTypeOf<OutputOf<'GenerateMac'>>().branded.toEqualTypeOf<{
    readonly Mac?: Uint8Array | undefined;
    readonly MacAlgorithm?: 'HMAC_SHA_224' | 'HMAC_SHA_256' | 'HMAC_SHA_384' | 'HMAC_SHA_512' | undefined;
    readonly KeyId?: string | undefined;
  }>();
});

test('every operation has its own row, and none has a type that says nothing', () => {
  type Nameless = {
    [N in OperationName]: Operations[N] extends AnyOperation & { readonly name: N } ? never : N;
  }[OperationName];
  expectTypeOf<Nameless>().toEqualTypeOf<never>();
  type Loose = { [N in OperationName]: string extends keyof InputOf<N> | keyof OutputOf<N> ? N : never }[OperationName];
  expectTypeOf<Loose>().toEqualTypeOf<never>();
  expectTypeOf(loadOperation('ReEncrypt')).resolves.toEqualTypeOf<Operations['ReEncrypt']>();
  expectTypeOf(findOperation).returns.resolves.toEqualTypeOf<AnyOperation | undefined>();
});

test('what is not known is not any', () => {
  expectTypeOf<Parameters<AnyOperation['targets']>[0]['KeyId']>().toBeUnknown();
  // @ts-expect-error -- no operation is called like that
  void loadOperation('Encypt');
});

const row = {
  name: 'ListThings',
  input: structure({ KeyId: required(keyId), Limit: integer() }),
  output: structure({ Things: list(string()) }),
  access: 'read',
  targets: () => [],
  run: () => ({ Things: [] }),
} as const;

test('shapes name members that there are', () => {
  const { name, input, output } = row;
  operationShape({ name, input, output, paginated: 'Things', lints: 'KeyId' });
  // @ts-expect-error -- no member of the output
  operationShape({ name, input, output, paginated: 'Keys' });
  // @ts-expect-error -- no member of the input
  operationShape({ name, input, output, lints: 'Policy' });
});

test('a row names fields and members that there are', () => {
  operation({ ...row, log: { redact: ['Limit'] } });
  // @ts-expect-error -- a field that no row has, written here
  operation({ ...row, requireAlgoritm: () => {} });
  const fragment = { requireAlgoritm: () => {} };
  // @ts-expect-error -- the same, spread
  operation({ ...row, ...fragment });
  const other = { conditions: ({ Algorithm }: { readonly Algorithm: string }) => ({ 'kms:a': [Algorithm] }) };
  // @ts-expect-error -- a fragment about a member that the row does not have
  operation({ ...row, ...other });
  // @ts-expect-error -- no member of the input
  operation({ ...row, log: { redact: ['Marker'] } });
  // @ts-expect-error -- it takes no DryRun
  operation({ ...row, dryRun: 'DryRun' });
  // @ts-expect-error -- no member of the output
  operation({ ...row, run: () => ({ Thing: [] }) });
});

test('run() takes what the step of its row gives', () => {
  const step = (): Step<string> => ({ place: 'thread', basis: [], work: async () => 'x' });
  const ifAny = (): Step<string> | undefined => undefined;
  operation({ ...row, step, run: (_, done: string) => ({ Things: [done] }) });
  operation({ ...row, step: ifAny, run: (_, done: string | undefined) => ({ Things: [done ?? ''] }) });
  const later = async (): Promise<Step<string>> => step();
  operation({ ...row, step: later, run: (_, done: string) => ({ Things: [done] }) });
  // @ts-expect-error -- another type, of a step that is looked up first
  operation({ ...row, step: later, run: (_, done: number) => ({ Things: [String(done)] }) });
  // @ts-expect-error -- another type
  operation({ ...row, step, run: (_, done: number) => ({ Things: [String(done)] }) });
  // @ts-expect-error -- there may be no step
  operation({ ...row, step: ifAny, run: (_, done: string) => ({ Things: [done] }) });
  // @ts-expect-error -- there is no step
  operation({ ...row, run: (_, done: string) => ({ Things: [done] }) });
});

test('a row with DryRun or GrantTokens says so', () => {
  const input = structure({ KeyId: required(keyId), DryRun: boolean, GrantTokens: grantTokens });
  operation({ ...row, input, dryRun: 'DryRun', grantTokens: 'GrantTokens' });
  // @ts-expect-error -- DryRun would be ignored
  operation({ ...row, input, grantTokens: 'GrantTokens' });
  // @ts-expect-error -- GrantTokens would be ignored
  operation({ ...row, input, dryRun: 'DryRun' });
});
