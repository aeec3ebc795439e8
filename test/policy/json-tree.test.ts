import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPolicy } from '../../src/policy/document.ts';
import { readJsonTree, type JsonNode } from '../../src/policy/json-tree.ts';
import { Places } from '../../src/policy/text-place.ts';

const plain = (node: JsonNode): unknown => {
  if (node.items) return node.items.map(plain);
  if (!node.members) return node.value;
  return Object.fromEntries(node.members.map(({ name, value }) => [name, plain(value)]));
};

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(3), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent);
      const tree = readJsonTree(spaced);
      expect('root' in tree && plain(tree.root)).toEqual(JSON.parse(spaced));
    }),
  );
});

test('refuses what JSON.parse refuses', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', ',', '}', ']', '"', '\\', '0', 'x', ' '),
      (text, at, by) => {
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + by + text.slice(place + 1);
        let refused = false;
        try {
          JSON.parse(damaged);
        } catch {
          refused = true;
        }
        expect('fault' in readJsonTree(damaged)).toBe(refused);
      },
    ),
    { numRuns: 2000 },
  );
});

const TEXT = `{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow" },
    {
      "Action": ["kms:Encrypt", "kms:Decrypt"],
      "Condition": { "StringEquals": { "kms:ViaService": "a" } }
    }
  ]
}`;

test.each([
  [['Version'], false, '2:14', 'Version', '"2012-10-17"'],
  [['Version'], true, '2:3', 'Version', '"Version"'],
  [['Statement', 0], false, '4:5', 'Statement[0]', '{ "Effect": "Allow" }'],
  [['Statement', 1, 'Action', 1], false, '6:33', 'Statement[1].Action[1]', '"kms:Decrypt"'],
  [
    ['Statement', 1, 'Condition', 'StringEquals', 'kms:ViaService'],
    true,
    '7:40',
    'Statement[1].Condition.StringEquals["kms:ViaService"]',
    '"kms:ViaService"',
  ],
  [['Statement', 0, 'Effect', 0], false, '4:17', 'Statement[0].Effect', '"Allow"'],
] as const)('the place of %j, its name: %j', (path, name, at, printed, slice) => {
  const place = new Places(TEXT).of(path, name)!;
  expect(`${place.line}:${place.column}`).toBe(at);
  expect(place.path).toBe(printed);
  expect(TEXT.slice(place.offset, place.offset + place.length)).toBe(slice);
});

test('no place for what is not there', () => {
  expect(new Places(TEXT).of(['Statement', 2])).toBeUndefined();
  expect(new Places(TEXT).of(['Statement', 0, 'Sid'])).toBeUndefined();
  expect(new Places('not JSON').of(['Statement'])).toBeUndefined();
});

test('the fast reading and the place agree on the last of duplicate names', () => {
  const text = '{"Statement":{"Effect":"Allow","Effect":"Deny"}}';
  expect(readPolicy(text).statements[0]?.effect).toBe('Deny');
  expect(new Places(text).of(['Statement', 0, 'Effect'])).toMatchObject({ path: 'Statement.Effect', offset: 40 });
});

test.each([
  ['{"Statement":[]}', false],
  ['{"Version":"2008-10-17","Statement":[]}', false],
  ['{"Version":"2012-10-17","Statement":[]}', true],
])('%s has variables: %s', (text, hasVariables) => {
  expect(readPolicy(text).hasVariables).toBe(hasVariables);
});

test('a stored text that is not a policy is reported', () => {
  expect(() => readPolicy('nonsense')).toThrow('not a JSON object');
  expect(() => readPolicy('[]')).toThrow('not a JSON object');
});
