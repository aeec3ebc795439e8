/** docs/adding-an-operation.md shows a row as it is, and describes every field that a row can have. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root.ts';

const document = readFileSync(root('docs/adding-an-operation.md'), 'utf8');

test('shapes and row are those of the table of operations', () => {
  const examples = Array.from(document.matchAll(/^```ts\n([\s\S]*?)^```$/gm), ([, example]) => example);
  expect(examples).toHaveLength(2);
  const sources = ['src/operations/keys/keys-shapes.ts', 'src/operations/keys/keys.ts'];
  for (const [at, file] of sources.entries()) expect(readFileSync(root(file), 'utf8')).toContain(examples[at]);
});

test('its fields are those of Operation', () => {
  const rows = document.split('\n').filter((line) => line.startsWith('| `'));
  const described = rows.flatMap((line) => Array.from(line.split(' | ')[0]!.matchAll(/`(\w+)`/g), ([, name]) => name));
  const fieldsOf = (file: string, type: string): readonly (string | undefined)[] => {
    const source = readFileSync(root(`src/operations/row/${file}`), 'utf8');
    const [, fields = ''] =
      new RegExp(`^export interface ${type}<[\\s\\S]*?> \\{\\n([\\s\\S]*?)^\\}$`, 'm').exec(source) ?? [];
    return Array.from(fields.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm), ([, name]) => name);
  };
  const shapes = fieldsOf('operation-shape.ts', 'OperationShape');
  expect(new Set(described.slice(0, shapes.length))).toEqual(new Set(shapes));
  const declared = [...shapes, ...fieldsOf('operation.ts', 'Operation')];
  expect(declared.length).toBeGreaterThan(10);
  expect(described).toHaveLength(declared.length);
  expect(new Set(described)).toEqual(new Set(declared));
});
