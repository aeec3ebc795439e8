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

// AWS CLI User Guide, AWS CLI skeletons and input files: comments with the documentation of members, and # [REQUIRED]
test('input, as YAML, with the first sentence of what each member is', async () => {
  expect(await skeleton(['tag-resource', '--generate-cli-skeleton', 'yaml-input'])).toMatch(
    /^KeyId: '' {2}# \[REQUIRED\] [A-Z][^.\n]+\.\nTags: # \[REQUIRED\] [A-Z][^.\n]+\.\n- TagKey: '' {2}# \[REQUIRED\]\n {2}TagValue: '' # \[REQUIRED\]\n$/,
  );
  const lines = (await skeleton(['encrypt', '--generate-cli-skeleton', 'yaml-input'])).split('\n');
  const [, ...texts] = lines.map((line) => line.split('#')[1]);
  expect(lines.map((line) => line.replace(/ #.*/, ''))).toEqual([
    "KeyId: '' ",
    "Plaintext: !!binary ''",
    'EncryptionContext:',
    "  KeyName: ''",
    'GrantTokens:',
    "- ''",
    'EncryptionAlgorithm: SYMMETRIC_DEFAULT',
    'DryRun: true',
    '',
  ]);
  expect(texts[0]).toBe(' [REQUIRED] The data to encrypt.');
  expect(texts[5]).toMatch(
    /^ [A-Z].*\. Valid values are: SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE\.$/,
  );
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
