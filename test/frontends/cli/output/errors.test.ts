import { describe, expect, test } from 'vitest';
import { EnvironmentError, KmsError } from '../../../../src/model/error.ts';
import { UsageError, usage } from '../../../../src/frontends/cli/input/usage-error.ts';
import { errorFormatOf, errorLayout, type ErrorFormat } from '../../../../src/frontends/cli/output/errors.ts';
import { CommandError } from '../../../../src/commands/command/command-error.ts';
import { exitCodes, failureOf } from '../../../../src/frontends/cli/output/failure.ts';

const notFound = new KmsError('NotFoundException', "Key 'k' does not exist");
const invalid = new UsageError('validation', [
  'Parameter validation failed:',
  'Missing required parameter in input: "KeyId"',
]);
const parser = new UsageError('parser', 'the following arguments are required: --key-id');
const unknown = new UsageError('unknownOptions', 'Unknown options: --a, --b');
const number = new UsageError('other', 'Invalid base64: "hello"');
const locked = new EnvironmentError('the keyring is locked', ['set KMS_KEY_FILE', 'or give it as --key-file FILE']);
const pager = new CommandError('environment', 'Unable to redirect output to pager.', 'Pager');
const rows = new CommandError('other', 'Row should have 1 elements, instead it has 2');

const DEFECT = 'hint: this is a bug in kms; --debug shows the stack trace\n';

// botocore, MSG_TEMPLATE of ClientError: an empty message leaves the blank before it
const called = 'An error occurred (NotFoundException) when calling the DescribeKey operation: ';

describe('layout', () => {
  test.each<[string, unknown, ErrorFormat, string]>([
    ['service', notFound, 'enhanced', `\nkms: [ERROR]: ${called}Key 'k' does not exist\n`],
    ['service', notFound, 'legacy', `\nkms: [ERROR]: ${called}Key 'k' does not exist\n`],
    ['service without text', new KmsError('NotFoundException'), 'enhanced', `\nkms: [ERROR]: ${called}\n`],
    [
      'service',
      notFound,
      'json',
      `{\n    "Message": "Key 'k' does not exist",\n    "Code": "NotFoundException",\n    "message": "Key 'k' does not exist"\n}\n`,
    ],
    ['service without text', new KmsError('X'), 'json', '{\n    "Message": "",\n    "Code": "X"\n}\n'],
    [
      'service',
      notFound,
      'yaml',
      "Code: NotFoundException\nMessage: Key 'k' does not exist\nmessage: Key 'k' does not exist\n",
    ],
    ['service', notFound, 'text', "NotFoundException\tKey 'k' does not exist\tKey 'k' does not exist\n"],
    [
      'service',
      new KmsError('X', 'y'),
      'table',
      [
        '--------------------------------',
        '|             error            |',
        '+------+-----------+-----------+',
        '| Code |  Message  |  message  |',
        '+------+-----------+-----------+',
        '|  X   |  y        |  y        |',
        '+------+-----------+-----------+\n',
      ].join('\n'),
    ],
    ['validation', invalid, 'enhanced', `\nkms: [ERROR]: An error occurred (ParamValidation): ${invalid.message}\n`],
    ['validation', invalid, 'legacy', `\nkms: [ERROR]: ${invalid.message}\n`],
    [
      'validation',
      new UsageError('validation', 'm'),
      'json',
      '{\n    "Code": "ParamValidation",\n    "Message": "m"\n}\n',
    ],
    ['validation', new UsageError('validation', [' m', '']), 'text', 'ParamValidation\tm\n'],
    [
      'parser',
      parser,
      'enhanced',
      `\nkms: [ERROR]: An error occurred (ParamValidation): ${parser.message}\n\n${usage('kms')}`,
    ],
    ['parser', parser, 'text', `ParamValidation\t${parser.message}\n\n${usage('kms')}`],
    ['unknown options', unknown, 'enhanced', `\n${usage('kms')}\n\nkms: [ERROR]: Unknown options: --a, --b\n`],
    ['unknown options', unknown, 'json', `\n${usage('kms')}\n\nkms: [ERROR]: Unknown options: --a, --b\n`],
    [
      'environment',
      locked,
      'enhanced',
      '\nkms: [ERROR]: the keyring is locked\nhint: set KMS_KEY_FILE\nhint: or give it as --key-file FILE\n',
    ],
    ['environment', locked, 'text', 'Configuration\tthe keyring is locked\n'],
    ['pager', pager, 'enhanced', '\nkms: [ERROR]: An error occurred (Pager): Unable to redirect output to pager.\n'],
    ['pager', pager, 'legacy', '\nkms: [ERROR]: Unable to redirect output to pager.\n'],
    ['pager', pager, 'text', 'Pager\tUnable to redirect output to pager.\n'],
    ['other', rows, 'enhanced', '\nkms: [ERROR]: Row should have 1 elements, instead it has 2\n'],
    ['other', rows, 'json', '\nkms: [ERROR]: Row should have 1 elements, instead it has 2\n'],
    ['other', number, 'json', '\nkms: [ERROR]: Invalid base64: "hello"\n'],
    ['defect', new RangeError('oops'), 'yaml', `\nkms: [ERROR]: oops\n${DEFECT}`],
    ['defect', 'thrown text', 'enhanced', `\nkms: [ERROR]: a value that is not an Error was thrown\n${DEFECT}`],
  ])('%s: %s as %s', async (_, thrown, format, output) => {
    expect(await errorLayout(failureOf(thrown, { operation: 'DescribeKey' }), format)).toBe(output);
  });
});

describe('what a message quotes begins no line of its own', () => {
  const quoted = 'x\nkms: [OK] all is well\u001b[2J\u202e';
  const shown = 'x\\u000akms: [OK] all is well\\u001b[2J\\u202e';
  const failures: readonly unknown[] = [
    new KmsError('NotFoundException', quoted),
    new EnvironmentError(quoted, [quoted]),
    new Error(quoted),
    ...(['parser', 'unknownOptions', 'validation', 'other'] as const).flatMap((kind) => [
      new UsageError(kind, quoted),
      new UsageError(kind, ['first', quoted]),
    ]),
    ...(['usage', 'environment', 'other'] as const).flatMap((kind) => [
      new CommandError(kind, quoted, 'X'),
      new CommandError(kind, ['first', quoted]),
    ]),
  ];
  test.each(['enhanced', 'legacy', 'json', 'yaml', 'text', 'table'] as const)('as %s', async (format) => {
    for (const failure of failures) {
      const text = await errorLayout(failureOf(failure), format);
      expect(text).not.toMatch(/^kms: \[OK\]/m);
      // in JSON and YAML, where the message is data, a control character is escaped once, by their rules
      if (format !== 'json' && format !== 'yaml') expect(text).toContain(shown);
    }
  });
});

test.each([
  ['service', notFound, 254],
  ['validation', invalid, 252],
  ['parser', parser, 252],
  ['unknown options', unknown, 252],
  ['environment', locked, 253],
  ['pager', pager, 253],
  ['base64', number, 255],
  ['table', rows, 255],
  ['defect', new Error('oops'), 255],
])('exit code of %s', (_, thrown, code) => {
  expect(exitCodes[failureOf(thrown).kind]).toBe(code);
});

test.each([
  ['json', 'json'],
  ['legacy', 'legacy'],
  ['JSON', 'enhanced'],
  ['', 'enhanced'],
  [undefined, 'enhanced'],
])('the error format %j is %s', (name, format) => {
  expect(errorFormatOf(name)).toBe(format);
});
