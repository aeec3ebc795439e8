/**
 * Our table against the model of AWS KMS: names, members, requirements and errors against the current public SDK; order,
 * lengths, ranges, patterns and enumerations against the facts in test/vectors/model.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import type { Shape, StructureShape } from '../../src/model/shape.ts';
import { everyOperation, everyShape, loadOperation, OPERATION_NAMES } from '../../src/operations/index.ts';
import { textOf } from '../../src/texts/index.ts';

const rows = new Map((await everyOperation()).map((row) => [row.name, row]));

/** Smithy schemas of the SDK: [kind, namespace, name, traits, members, their schemas, count of required ones]. */
type Schema = readonly [number, string, string, unknown, ...unknown[]];
const schemas = sdk as unknown as { readonly [name: string]: unknown };

const sdkOperations = Object.keys(schemas)
  .filter((name) => name.endsWith('Command') && name !== '$Command')
  .map((name) => name.slice(0, -'Command'.length))
  .sort();

interface SdkStructure {
  readonly members: readonly string[];
  readonly required: readonly string[];
}

function structureOf(schema: unknown): SdkStructure {
  const resolved = typeof schema === 'function' ? (schema as () => unknown)() : schema;
  if (!Array.isArray(resolved) || resolved[0] !== 3) return { members: [], required: [] };
  const [, , , , members = [], , count = 0] = resolved as unknown as [...Schema, readonly string[], unknown, number];
  return { members: members as readonly string[], required: (members as readonly string[]).slice(0, count as number) };
}

const sdkOperation = (name: string): { input: SdkStructure; output: SdkStructure } => {
  const [, , , , input, output] = schemas[`${name}$`] as [...Schema, unknown, unknown];
  return { input: structureOf(input), output: structureOf(output) };
};

test('the operations are those of the SDK', () => {
  expect(sdkOperations.length).toBe(56);
  expect([...OPERATION_NAMES].sort()).toEqual(sdkOperations);
});

test('the shapes of an operation are those of its row', async () => {
  for (const shape of await everyShape()) expect(rows.get(shape.name)).toMatchObject(shape);
});

test('the operations that count as a use of a key are those that GetKeyLastUsage reports', async () => {
  const { output } = await loadOperation('GetKeyLastUsage');
  const documented = output.members.KeyLastUsage.shape.members.Operation.shape.enum!;
  const counted = [...rows.values()].filter(({ access, state }) => access === 'read' && state === 'use');
  expect(counted.map(({ name }) => name).sort()).toEqual([...documented].sort());
});

describe.each(sdkOperations)('%s', (name) => {
  const { input, output } = sdkOperation(name);
  const membersOf = (shape: StructureShape): string[] => Object.keys(shape.members).sort();
  const requiredOf = (shape: StructureShape): string[] =>
    Object.entries(shape.members)
      .filter(([, member]) => member.required)
      .map(([member]) => member)
      .sort();

  test('input members, and which of them are required', () => {
    expect(membersOf(rows.get(name)!.input)).toEqual([...input.members].sort());
    expect(requiredOf(rows.get(name)!.input)).toEqual([...input.required].sort());
  });

  test('output members', () => {
    expect(membersOf(rows.get(name)!.output)).toEqual([...output.members].sort());
  });

  test('errors', () => {
    const folder = join(import.meta.dirname, '../../node_modules/@aws-sdk/client-kms/dist-types/commands');
    const declared = readFileSync(join(folder, `${name}Command.d.ts`), 'utf8');
    const thrown = Array.from(declared.matchAll(/@throws \{@link (\w+)\}/g), ([, error]) => error!);
    const modeled = thrown.filter((error) => error !== 'KMSServiceException');
    expect([...textOf(name).errors].sort()).toEqual(modeled.sort());
  });
});

interface Fact {
  readonly name: string;
  readonly type: string;
  readonly required?: true;
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: true;
}

interface Facts {
  readonly operations: {
    readonly [name: string]: {
      readonly input: readonly Fact[];
      readonly output: readonly string[];
      readonly paginated?: string;
    };
  };
  readonly structures: { readonly [name: string]: readonly string[] };
}

const facts = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/model/aws-kms.json'), 'utf8')) as Facts;

/** Where we differ from the facts of July 2026, and why. */
const DIFFERENCES: { readonly [member: string]: string } = {
  'KeyId.pattern': 'the service refuses what is not ASCII, as its messages show; the model does not say so',
};

/** Values that the current SDK has beyond the facts. */
const NEWER: { readonly [member: string]: readonly string[] } = {
  KeySpec: ['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'],
  KeyUsage: ['ENCAPSULATE_DECAPSULATE'],
  KeyPairSpec: ['ML_KEM_512', 'ML_KEM_768', 'ML_KEM_1024'],
};

const TYPES: { readonly [type in Shape['type']]: string } = {
  string: 'string',
  blob: 'blob',
  integer: 'integer',
  boolean: 'boolean',
  timestamp: 'timestamp',
  list: 'list',
  map: 'map',
  structure: 'structure',
  document: 'document',
};

function factOf(name: string, shape: Shape): Omit<Fact, 'name'> {
  const { min, max, pattern, sensitive, enum: values } = shape as Partial<Fact>;
  return {
    type: TYPES[shape.type],
    ...(min === undefined || min === 0 ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(pattern === undefined || DIFFERENCES[`${name}.pattern`] || pattern === '^\\p{ASCII}+$' ? {} : { pattern }),
    ...(values ? { enum: values.filter((value) => !NEWER[name]?.includes(value)) } : {}),
    ...(sensitive ? { sensitive } : {}),
  };
}

describe.each(Object.entries(facts.operations))('%s, against the facts', (name, { input, output, paginated }) => {
  const row = rows.get(name)!;
  const newer = sdkOperation(name);
  const known = (members: readonly string[], of: readonly string[]): string[] =>
    members.filter((member) => of.includes(member));

  test('members stand in the order of the model', () => {
    expect(
      known(
        Object.keys(row.input.members),
        input.map((fact) => fact.name),
      ),
    ).toEqual(input.map((fact) => fact.name));
    expect(known(Object.keys(row.output.members), output)).toEqual(known(output, newer.output.members));
  });

  test.each(input.map((fact) => [fact.name, fact] as const))('%s', (member, fact) => {
    const { name: _, required: __, min, ...rest } = fact;
    const expected = { ...rest, ...(min === undefined || min === 0 ? {} : { min }) };
    expect(factOf(member, row.input.members[member]!.shape)).toEqual(expected);
  });

  test('paging', () => {
    expect(row.paginated).toBe(paginated);
  });
});

test('every enumeration of the SDK that a member has is ours, value for value', () => {
  const enums: { readonly [member: string]: object } = {
    KeySpec: sdk.KeySpec,
    KeyUsage: sdk.KeyUsageType,
    Origin: sdk.OriginType,
    EncryptionAlgorithm: sdk.EncryptionAlgorithmSpec,
    SigningAlgorithm: sdk.SigningAlgorithmSpec,
    MacAlgorithm: sdk.MacAlgorithmSpec,
    MessageType: sdk.MessageType,
    KeyPairSpec: sdk.DataKeyPairSpec,
    KeyAgreementAlgorithm: sdk.KeyAgreementAlgorithmSpec,
    WrappingAlgorithm: sdk.AlgorithmSpec,
    WrappingKeySpec: sdk.WrappingKeySpec,
    ExpirationModel: sdk.ExpirationModelType,
    ImportType: sdk.ImportType,
    IncludeKeyMaterial: sdk.IncludeKeyMaterial,
    CustomKeyStoreType: sdk.CustomKeyStoreType,
    XksProxyConnectivity: sdk.XksProxyConnectivityType,
  };
  for (const [name, row] of rows) {
    for (const [member, { shape }] of Object.entries(row.input.members)) {
      const expected = member === 'KeySpec' && name.startsWith('GenerateDataKey') ? sdk.DataKeySpec : enums[member];
      if (!expected || shape.type !== 'string') continue;
      expect({ name, member, values: new Set(shape.enum) }).toEqual({
        name,
        member,
        values: new Set(Object.values(expected)),
      });
    }
  }
});

test('the texts name no operation that is gone', () => {
  const folder = join(import.meta.dirname, '../../node_modules/@aws-sdk/client-kms/dist-types/commands');
  expect(readdirSync(folder).filter((name) => name.endsWith('Command.d.ts')).length).toBe(56);
});
