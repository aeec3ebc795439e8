/**
 * The inputs and outputs of the operations as a declaration file of its own: the table's types are inferred from the
 * whole of the sources, which the package does not have. A test holds the two to each other.
 */
import { everyOperation } from '../src/operations/index.ts';
import type { Shape, StructureShape } from '../src/model/shape.ts';

const HEAD = `/** Inputs and outputs of the operations of AWS KMS. Blobs are bytes, timestamps dates. */
export type OperationName = keyof Operations;
export type InputOf<N extends OperationName> = Operations[N]['input'];
export type OutputOf<N extends OperationName> = Operations[N]['output'];
`;

export async function operationTypes(): Promise<string> {
  const rows = await everyOperation();
  const entries = rows.map(
    ({ name, input, output }) =>
      `  readonly ${name}: {\n    readonly input: ${structure(input, '    ')};\n    readonly output: ${structure(output, '    ')};\n  };\n`,
  );
  return `${HEAD}export interface Operations {\n${entries.join('')}}\n`;
}

function structure({ members }: StructureShape, indent: string): string {
  const lines = Object.entries(members).map(([name, { shape, required }]) => {
    const type = typeOf(shape, `${indent}  `);
    return `${indent}  readonly ${name}${required ? `: ${type}` : `?: ${type} | undefined`};\n`;
  });
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}${indent}}`;
}

function typeOf(shape: Shape, indent: string): string {
  switch (shape.type) {
    case 'string':
      return shape.enum?.map((value) => `'${value}'`).join(' | ') ?? 'string';
    case 'blob':
      return 'Uint8Array';
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'timestamp':
      return 'Date';
    case 'list':
      return `readonly (${typeOf(shape.of, indent)})[]`;
    case 'map':
      return '{ readonly [key: string]: string }';
    case 'structure':
      return structure(shape, indent);
    case 'document':
      return 'unknown';
  }
}
