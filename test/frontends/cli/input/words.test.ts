import { describe, expect, test } from 'vitest';
import { readInvocation } from '../../../../src/frontends/cli/input/read-invocation.ts';
import { UsageError } from '../../../../src/frontends/cli/input/usage-error.ts';
import { readInput, stderrOf, testDeps, wrongWith } from './test-deps.ts';
import { vectors } from './vectors.ts';

const kind = async (argv: readonly string[]): Promise<unknown> => {
  const invocation = await readInvocation(argv, testDeps());
  return invocation.kind === 'help' ? invocation.path.join(' ') : invocation.kind;
};

describe('what a line means', () => {
  test.each<[string, readonly string[], object]>([
    ['= and a space are equal', ['describe-key', '--key-id=k'], { KeyId: 'k' }],
    ['only the first = counts', ['describe-key', '--key-id=a=b'], { KeyId: 'a=b' }],
    ['an empty value', ['update-key-description', '--key-id', 'k', '--description='], { KeyId: 'k', Description: '' }],
    [
      'an abbreviation',
      ['untag-resource', '--key-id', 'k', '--tag-key', 'Purpose'],
      { KeyId: 'k', TagKeys: ['Purpose'] },
    ],
    ['an abbreviation with =', ['describe-key', '--key=k'], { KeyId: 'k' }],
    ['our own options stand in the way of none', ['describe-key', '--k', 'k'], { KeyId: 'k' }],
    ['a single hyphen is a value', ['describe-key', '--key-id', '-'], { KeyId: '-' }],
    ['a word with a space', ['create-key', '--description', '-x y'], { Description: '-x y' }],
    ['a word with a space, like an option', ['create-key', '--description', '--foo bar'], { Description: '--foo bar' }],
    ['a negative number', ['audit', 'verify', '--count', '1', '--weights', '-5'], { Count: 1, Weights: [-5] }],
    ['almost a negative number', ['create-key', '--description', '-5x'], { Description: '-5x' }],
    ['-.5', ['create-key', '--description', '-.5'], { Description: '-.5' }],
    ['a value behind =', ['create-key', '--description=-x'], { Description: '-x' }],
    ['the last one wins', ['describe-key', '--key-id', 'a', '--key-id', 'b'], { KeyId: 'b' }],
    [
      'the last list wins',
      ['untag-resource', '--key-id', 'k', '--tag-keys', 'a', 'b', '--tag-keys', 'c'],
      { KeyId: 'k', TagKeys: ['c'] },
    ],
    ['a list without words', ['create-key', '--tags'], { Tags: [] }],
    [
      'a list ends at an option',
      ['untag-resource', '--tag-keys', 'a', 'b', '--key-id', 'k'],
      { KeyId: 'k', TagKeys: ['a', 'b'] },
    ],
    ['a list with =', ['untag-resource', '--tag-keys=a', '--key-id', 'k'], { KeyId: 'k', TagKeys: ['a'] }],
    ['a boolean', ['create-key', '--multi-region'], { MultiRegion: true }],
    ['its opposite', ['create-key', '--no-multi-region'], { MultiRegion: false }],
    ['the last of both', ['create-key', '--multi-region', '--no-multi-region'], { MultiRegion: false }],
    ['globals in front', ['--region', 'x', 'describe-key', '--key-id', 'k'], { KeyId: 'k' }],
    ['globals behind', ['describe-key', '--key-id', 'k', '--region', 'x'], { KeyId: 'k' }],
    ['globals between', ['describe-key', '--region', 'x', '--key-id', 'k'], { KeyId: 'k' }],
    ['-- in front', ['--', 'describe-key', '--key-id', 'k'], { KeyId: 'k' }],
    ['-- behind the command', ['describe-key', '--', '--key-id', 'k'], { KeyId: 'k' }],
    ['an option with = in front of the command reaches it', ['--key-id=k', 'describe-key'], { KeyId: 'k' }],
    ['a command of two words', ['audit', 'verify', '--count', '3'], { Count: 3 }],
    ['globals inside a command of two words', ['audit', '--region', 'x', 'verify', '--count', '3'], { Count: 3 }],
  ])('%s', async (_, argv, input) => {
    expect(await readInput(argv)).toEqual(input);
  });

  test.each<[readonly string[], number, string]>([
    [['create-key', '-k'], 252, 'Unknown options: -k'],
    [['create-key', '--Policy', 'x'], 252, 'Unknown options: --Policy, x'],
    [['create-key', '--key', 'x'], 252, 'ambiguous option: --key could match --key-usage, --key-spec'],
    [['create-key', '--key=x'], 252, 'ambiguous option: --key=x could match --key-usage, --key-spec'],
    [['create-key', '--de', 'X'], 252, 'Unknown options: X'],
    [['create-key', '--o', 'X'], 252, "argument --output: Found invalid choice 'X'\n"],
    [
      ['create-key', '--n'],
      252,
      'ambiguous option: --n could match --no-verify-ssl, --no-paginate, --no-sign-request, --no-cli-pager, --no-cli-auto-prompt',
    ],
    [
      ['update-key-description', '--key-id', 'k', '--description', '-x'],
      252,
      'argument --description: expected one argument',
    ],
    [
      ['update-key-description', '--key-id', 'k', '--description'],
      252,
      'argument --description: expected one argument',
    ],
    [['create-key', '--region', '--debug'], 252, 'argument --region: expected one argument'],
    [['create-key', '--multi-region', 'true'], 252, 'Unknown options: true'],
    [['create-key', '--multi-region=true'], 252, "argument --multi-region: ignored explicit argument 'true'"],
    [['create-grant', '--key-id', 'k', '--operations=Decrypt', 'Encrypt'], 252, 'Unknown options: Encrypt'],
    [['list-keys', 'foo', 'bar', '--baz'], 252, 'Unknown options: bar, --baz, foo'],
    [['list-keys', '--baz=1'], 252, 'Unknown options: --baz=1'],
    [['list-keys', '--max-items', '3', '--', 'foo'], 252, 'Unknown options: foo'],
    [['generate-mac', '--baz'], 252, 'the following arguments are required: --message, --key-id, --mac-algorithm'],
    [['encrypt', 'help', '--key-id', 'k'], 252, 'the following arguments are required: --plaintext'],
    [['--key-id', 'k', 'encrypt'], 252, "argument operation: Found invalid choice 'k'\n"],
    [['list-keys', '--page-size', 'abc'], 252, "argument --page-size: invalid int value: 'abc'"],
    [['list-keys', '--passphrase-fd', 'abc'], 252, "argument --passphrase-fd: invalid int value: 'abc'"],
    [
      ['list-keys', '--generate-cli-skeleton', 'x'],
      252,
      "argument --generate-cli-skeleton: Found invalid choice 'x'\n",
    ],
    [['list-keys', '--keyrin', 'x'], 252, 'Unknown options: --keyrin, x'],
    [[], 252, 'the following arguments are required: operation'],
    [['keyring'], 252, 'the following arguments are required: subcommand'],
    [['ListKeys'], 252, "argument operation: Found invalid choice 'ListKeys'\n"],
    [['list_keys'], 252, "argument operation: Found invalid choice 'list_keys'\n\nMaybe you meant:\n\n  * list-keys"],
    [['keyring', 'statu'], 252, "argument subcommand: Found invalid choice 'statu'\n\nMaybe you meant:\n\n  * status"],
    [
      ['--endpoint-url', 'foo', 'list-keys'],
      252,
      'Bad value for --endpoint-url "foo": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/',
    ],
    [['list-keys', '--cli-read-timeout', 'abc'], 255, "invalid literal for int() with base 10: 'abc'"],
    [
      ['list-keys', '--query', 'Keys['],
      252,
      'Bad value for --query Keys[: Invalid jmespath expression: Incomplete expression',
    ],
    [['nope', '--query', '['], 252, 'Bad value for --query [: Invalid jmespath expression: Incomplete expression'],
    [
      ['list-keys', '--cli-auto-prompt', '--no-cli-auto-prompt'],
      252,
      'Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time.',
    ],
  ])('%j is refused', async (argv, exit, message) => {
    expect(await wrongWith(argv)).toEqual([exit, message]);
  });

  test.each<[readonly string[], string]>([
    [['--version'], 'version'],
    [['--version', 'nope'], 'version'],
    [['nope', '--version', '--output', 'xml'], 'version'],
    [['help'], ''],
    [['--help'], ''],
    [['help', 'encrypt'], 'encrypt'],
    [['encrypt', 'help'], 'encrypt'],
    [['encrypt', '--help'], 'encrypt'],
    [['encrypt', '--help', '--nope'], 'encrypt'],
    [['encrypt', 'help', '--output', 'json'], 'encrypt'],
    [['list-keys', '--max-items', '3', 'help'], 'list-keys'],
    [['keyring', 'help'], 'keyring'],
    [['keyring', '--help'], 'keyring'],
    [['keyring', 'status', 'help'], 'keyring status'],
    [['help', 'keyring', 'status'], 'keyring status'],
  ])('%j asks for something else', async (argv, expected) => {
    expect(await kind(argv)).toBe(expected);
  });

  test.each([
    ['help', 'nope'],
    ['--help', 'nope'],
    ['--output', 'xml', '--version'],
  ])('%j does not', async (...argv) => {
    await expect(readInvocation(argv, testDeps())).rejects.toThrow(UsageError);
  });
});

test('global options keep what was typed', async () => {
  const argv = ['--outp', 'text', 'list-keys', '--no-paginate', '--query=Keys', '--key-file', 'f', '--passphrase-fd=3'];
  const invocation = await readInvocation([...argv, '--profile', '', '--query', 'X', '--quiet'], testDeps());
  expect(invocation).toMatchObject({
    kind: 'call',
    globals: {
      output: 'text',
      noPaginate: true,
      query: 'X',
      keyFile: 'f',
      passphraseFd: '3',
      profile: '',
      quiet: true,
    },
  });
});

interface Case {
  readonly argv: readonly string[];
  readonly err?: string;
  readonly help?: string;
  readonly globals?: { readonly [name: string]: unknown };
  readonly op?: string;
}

test('the same lines parse, and fail alike, as with argparse', async () => {
  // the lines were made for five commands only, so that suggestions come from these
  const deps = testDeps({ names: ['encrypt', 'create-key', 'list-keys', 'create-grant', 'sign'] });
  for (const { argv, err, help, globals, op } of vectors<Case>('words')) {
    let got: object;
    try {
      const invocation = await readInvocation(argv, deps);
      if (invocation.kind === 'version') got = { err: 'VERSION' };
      else if (invocation.kind === 'help') got = { help: invocation.path.join(' ') };
      else if (invocation.kind === 'call') got = { op: invocation.command.name, globals: invocation.globals };
      else got = { op, globals: invocation.globals };
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      got = { err: error.message, kind: error.kind };
    }
    const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const expected =
      err === undefined
        ? help === undefined
          ? { op, globals: Object.fromEntries(Object.entries(globals!).map(([name, value]) => [camel(name), value])) }
          : { help }
        : { err };
    // a line whose words are right may still have a wrong value in it
    if (err === undefined && 'kind' in got && (got.kind === 'validation' || got.kind === 'other')) continue;
    expect({ argv, ...got }).toMatchObject({ argv, ...expected });
  }
});

test('the whole of stderr', async () => {
  const usage = `usage: kms [options] <command> [<subcommand> ...] [parameters]
To see help text, you can run:

  kms help
  kms <command> help
`;
  expect(await stderrOf(['describe-kee'])).toBe(
    `
kms: [ERROR]: An error occurred (ParamValidation): argument operation: Found invalid choice 'describe-kee'

Maybe you meant:

  * describe-key

${usage}`,
  );
  expect(await stderrOf(['nonsense'])).toBe(
    `\nkms: [ERROR]: An error occurred (ParamValidation): argument operation: Found invalid choice 'nonsense'\n\n\n${usage}`,
  );
  expect(await stderrOf(['list-keys', 'a', '--b'])).toBe(`\n${usage}\n\nkms: [ERROR]: Unknown options: --b, a\n`);
  expect(await stderrOf(['encrypt', '--key-id', '', '--plaintext', 'aaaa'])).toBe(
    '\nkms: [ERROR]: An error occurred (ParamValidation): Parameter validation failed:\n' +
      'Invalid length for parameter KeyId, value: 0, valid min length: 1\n',
  );
  expect(await stderrOf(['encrypt', '--key-id', 'k', '--plaintext', 'hello'])).toBe(
    '\nkms: [ERROR]: Invalid base64: "hello"\n',
  );
});
