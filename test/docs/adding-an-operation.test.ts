/** docs/adding-an-operation.md shows a row as it is, and describes every field that a row can have. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from '../../scripts/root.ts';

const document = readFileSync(root('docs/adding-an-operation.md'), 'utf8');

test('the row is that of the table of operations', () => {
  const [, row = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(document) ?? [];
  expect(row).not.toBe('');
  expect(readFileSync(root('src/operations/keys/keys.ts'), 'utf8')).toContain(row);
});

test('its fields are those of Operation', () => {
  const rows = document.split('\n').filter((line) => line.startsWith('| `'));
  const described = rows.flatMap((line) => Array.from(line.split(' | ')[0]!.matchAll(/`(\w+)`/g), ([, name]) => name));
  const source = readFileSync(root('src/operations/row/operation.ts'), 'utf8');
  const [, fields = ''] = /^export interface Operation<[\s\S]*?> \{\n([\s\S]*?)^\}$/m.exec(source) ?? [];
  const declared = Array.from(fields.matchAll(/^ {2}(?:readonly )?(\w+)\??[(:]/gm), ([, name]) => name);
  expect(declared.length).toBeGreaterThan(10);
  expect(described).toHaveLength(declared.length);
  expect(new Set(described)).toEqual(new Set(declared));
});
