import { describe, expect, test } from 'vitest';
import { sampleOutput } from '../../../../src/frontends/cli/input/skeleton.ts';
import { readInvocation } from '../../../../src/frontends/cli/input/read-invocation.ts';
import { readInput, readCall, testDeps, wrongWith } from './test-deps.ts';
import { vectors } from './vectors.ts';

const skeleton = async (argv: readonly string[]): Promise<string> => {
  const invocation = await readInvocation(argv, testDeps());
  return invocation.kind === 'skeleton' ? invocation.text : invocation.kind;
};

test('input, as JSON', async () => {
  const text = `{
    "KeyId": "",
    "ImportToken": null,
    "EncryptedKeyMaterial": null,
    "ValidTo": "1970-01-01T00:00:00",
    "ExpirationModel": "KEY_MATERIAL_EXPIRES",
    "ImportType": "NEW_KEY_MATERIAL",
    "KeyMaterialDescription": "",
    "KeyMaterialId": ""
}
`;
  expect(await skeleton(['import-key-material', '--generate-cli-skeleton'])).toBe(text);
  expect(await skeleton(['import-key-material', '--generate-cli-skeleton', 'input', '--output', 'text'])).toBe(text);
});

test('input, as YAML', async () => {
  expect(await skeleton(['tag-resource', '--generate-cli-skeleton', 'yaml-input'])).toBe(`KeyId: ''  # [REQUIRED]
Tags:  # [REQUIRED]
- TagKey: ''  # [REQUIRED]
  TagValue: ''  # [REQUIRED]
`);
  expect(await skeleton(['encrypt', '--generate-cli-skeleton', 'yaml-input'])).toBe(`KeyId: ''  # [REQUIRED]
Plaintext: !!binary ''  # [REQUIRED]
EncryptionContext:
  KeyName: ''
GrantTokens:
- ''
EncryptionAlgorithm: SYMMETRIC_DEFAULT  # Valid values are: SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE.
DryRun: true
`);
  expect(await skeleton(['keyring', 'status', '--generate-cli-skeleton', 'yaml-input'])).toBe('{}\n');
});

test('both read back as the same input, for every command', async () => {
  for (const { name } of vectors<{ name: string }>('commands')) {
    const json = await skeleton([name, '--generate-cli-skeleton']);
    const yaml = await skeleton([name, '--generate-cli-skeleton', 'yaml-input']);
    // JSON has null for blobs, which is no value
    const filled = json.replaceAll('null', '""');
    const settings = { validates: false };
    expect(await readInput([name, '--cli-input-yaml', yaml], settings)).toEqual(
      await readInput([name, '--cli-input-json', filled], settings),
    );
  }
});

describe('output', () => {
  test('is a call that is not made: parameters are checked, required ones must be there', async () => {
    expect(await readCall(['disable-key', '--key-id', 'k', '--generate-cli-skeleton', 'output'])).toMatchObject({
      sample: true,
    });
    expect(await wrongWith(['disable-key', '--generate-cli-skeleton', 'output'])).toEqual([
      252,
      'the following arguments are required: --key-id',
    ]);
  });

  test('strings are filled with their names', async () => {
    const { output } = (await testDeps().commands({}).find(['audit', 'verify']))!;
    expect(sampleOutput(output!)).toEqual({ Valid: true, Lines: 1, Path: 'Path', At: new Date(0) });
  });
});
