/**
 * What aws-cli 2.36.7 printed where 2.9 does something else: transcripts, written as
 * `kms` prints them.
 */
import { usage } from '../../src/frontends/cli/input/usage-error.ts';
import type { Case } from './cases.ts';
import type { Ran } from './normalize.ts';

export interface Transcript extends Case {
  readonly expected: Ran;
}

const USAGE = usage('kms').trimEnd();

type Setting = Partial<Pick<Case, 'answer' | 'env' | 'config'>>;

const row = (
  topic: string,
  line: string,
  expected: Ran,
  { answer = 'echo', env = {}, config = '' }: Setting = {},
): Transcript => ({
  topic: `transcripts: ${topic}`,
  line,
  answer,
  env,
  config,
  expected,
});

const prints = (stdout: string): Ran => ({ exit: 0, stdout, stderr: '' });
const refuses = (exit: number, text: string): Ran => ({ exit, stdout: '', stderr: `\nkms: [ERROR]: ${text}\n` });
/** Without an empty line in front and the program's name: the structured formats of errors. */
const reports = (exit: number, stderr: string): Ran => ({ exit, stdout: '', stderr });
const validation = (text: string): Ran => refuses(252, `An error occurred (ParamValidation): ${text}`);
const parser = (text: string): Ran => validation(`${text}\n\n${USAGE}`);
const unknown = (words: string): Ran => ({
  exit: 252,
  stdout: '',
  stderr: `\n${USAGE}\n\n\nkms: [ERROR]: Unknown options: ${words}\n`,
});
const sent = (operation: string, request: string): Ran =>
  refuses(254, `An error occurred (EchoException) when calling the ${operation} operation: ${request}`);

const TAGS = 'tag-resource --key-id k --tags';
const NOT_FOUND = "Key 'arn:aws:kms:us-east-1:111122223333:key/k' does not exist";
const refused = `An error occurred (NotFoundException) when calling the DescribeKey operation: ${NOT_FOUND}`;
const notFound = { answer: 'not-found' };

export const TRANSCRIPTS: readonly Transcript[] = [
  // suggestions of at least 0.8 by difflib, at most three; none: two empty lines in front of the usage
  row(
    'commands',
    'describe-keyy --key-id k',
    parser("argument operation: Found invalid choice 'describe-keyy'\n\nMaybe you meant:\n\n  * describe-key"),
  ),
  row('commands', 'LISTKEYS', parser("argument operation: Found invalid choice 'LISTKEYS'\n")),
  row('commands', '--key-id k encrypt', parser("argument operation: Found invalid choice 'k'\n")),
  row('choices', 'list-keys --output xml', parser("argument --output: Found invalid choice 'xml'\n")),
  row(
    'choices',
    'list-keys --output jsonn',
    parser("argument --output: Found invalid choice 'jsonn'\n\nMaybe you meant:\n\n  * json"),
  ),
  row(
    'choices',
    'list-keys --cli-error-format xml',
    parser("argument --cli-error-format: Found invalid choice 'xml'\n"),
  ),
  row('words', 'describe-key', parser('the following arguments are required: --key-id')),
  row('words', 'describe-key --key-id', parser('argument --key-id: expected one argument')),
  row('words', 'create-key --key x', parser('ambiguous option: --key could match --key-usage, --key-spec')),
  row('words', 'create-key --key=x', parser('ambiguous option: --key=x could match --key-usage, --key-spec')),
  row('words', 'create-key --description -5x', sent('CreateKey', '{"Description":"-5x"}')),
  row('words', 'create-key --description -.5', sent('CreateKey', '{"Description":"-.5"}')),
  row('words', 'describe-key --key-id k --bogus', unknown('--bogus')),
  row('words', 'list-keys --page-size abc', parser("argument --page-size: invalid int value: 'abc'")),
  // Python 3.13 and later tell trailing commas apart
  row(
    'json',
    `${TAGS} '[{"TagKey":"a"},]'`,
    validation(
      `Error parsing parameter '--tags': Invalid JSON: Illegal trailing comma before end of array: line 1 column 16 (char 15)\nJSON received: [{"TagKey":"a"},]`,
    ),
  ),
  row(
    'json',
    `${TAGS} '[{"TagKey":"a",}]'`,
    validation(
      `Error parsing parameter '--tags': Invalid JSON: Illegal trailing comma before end of object: line 1 column 15 (char 14)\nJSON received: [{"TagKey":"a",}]`,
    ),
  ),
  row(
    'shorthand',
    `${TAGS} foo`,
    validation("Error parsing parameter '--tags': Expected: '=', received: 'EOF' for input:\n foo\n   ^"),
  ),
  row(
    'shorthand',
    `${TAGS} TagKey=a,TagKey=b,TagValue=c`,
    validation(
      'Error parsing parameter \'--tags\': Second instance of key "TagKey" encountered for input:\nTagKey=a,TagKey=b,TagValue=c\n         ^\nThis is often because there is a preceding "," instead of a space.',
    ),
  ),
  row(
    'shorthand',
    `${TAGS} Key=a,Value=b`,
    validation(
      'Parameter validation failed:\nMissing required parameter in Tags[0]: "TagKey"\nMissing required parameter in Tags[0]: "TagValue"\nUnknown parameter in Tags[0]: "Key", must be one of: TagKey, TagValue\nUnknown parameter in Tags[0]: "Value", must be one of: TagKey, TagValue',
    ),
  ),
  // objects of options are OrderedDict, of which Python 3.12 and later print the pairs as a dict
  row(
    'validation',
    `${TAGS} '[{"TagKey":"a","TagValue":{"b":"c"}}]'`,
    validation(
      "Parameter validation failed:\nInvalid type for parameter Tags[0].TagValue, value: OrderedDict({'b': 'c'}), type: <class 'collections.OrderedDict'>, valid types: <class 'str'>",
    ),
  ),
  row('blobs', 'encrypt --key-id k --plaintext hello', refuses(255, 'Invalid base64: "hello"')),
  row(
    'blobs',
    'encrypt --key-id k --plaintext é',
    refuses(255, 'string argument should contain only ASCII characters'),
  ),
  row('off', 'list-keys --output off', prints(''), { answer: 'keys' }),
  row(
    'off',
    'list-keys --output off',
    { ...refuses(254, `An error occurred (NotFoundException) when calling the ListKeys operation: ${NOT_FOUND}`) },
    notFound,
  ),
  row(
    'paging',
    'list-keys --no-paginate --max-items 1',
    validation('Cannot specify --no-paginate along with pagination arguments: --max-items'),
    { answer: 'keys' },
  ),
  row(
    'paging',
    'list-keys --max-items 0 --query length(Keys)',
    {
      exit: 0,
      stdout: '0\n',
      stderr: 'warning: Non-positive values for --max-items may result in undefined behavior.\n',
    },
    { answer: 'keys' },
  ),
  row(
    'query',
    'list-keys --query Keys[',
    validation('Bad value for --query Keys[: Invalid jmespath expression: Incomplete expression:\n"Keys["\n      ^'),
  ),
  row(
    'query',
    "list-keys --query ''",
    validation('Bad value for --query : Invalid JMESPath expression: cannot be empty.'),
  ),
  row('query', 'list-keys --query bogus(Keys)', refuses(255, 'Unknown function: bogus()'), { answer: 'keys' }),
  row(
    'query',
    'list-keys --query length(Nope)',
    refuses(
      255,
      "In function length(), invalid type for value: None, expected one of: ['string', 'array', 'object'], received: \"null\"",
    ),
    { answer: 'keys' },
  ),
  // stripped, so that an error without text ends in a colon
  row(
    'errors',
    'decrypt --ciphertext-blob AQID',
    refuses(254, 'An error occurred (InvalidCiphertextException) when calling the Decrypt operation: '),
    { answer: 'no-text' },
  ),
  row('error formats', 'describe-key --key-id k --cli-error-format enhanced', refuses(254, refused), notFound),
  row('error formats', 'describe-key --key-id k --cli-error-format legacy', refuses(254, refused), notFound),
  row(
    'error formats',
    'describe-key --key-id k --cli-error-format json',
    reports(
      254,
      `{\n    "Message": "${NOT_FOUND}",\n    "Code": "NotFoundException",\n    "message": "${NOT_FOUND}"\n}\n`,
    ),
    notFound,
  ),
  row(
    'error formats',
    'describe-key --key-id k --cli-error-format yaml',
    reports(
      254,
      `Code: NotFoundException\nMessage: Key 'arn:aws:kms:us-east-1:111122223333:key/k' does not exist\nmessage: Key 'arn:aws:kms:us-east-1:111122223333:key/k' does not exist\n`,
    ),
    notFound,
  ),
  row(
    'error formats',
    'describe-key --key-id k --cli-error-format text',
    reports(254, `NotFoundException\t${NOT_FOUND}\t${NOT_FOUND}\n`),
    notFound,
  ),
  row(
    'error formats',
    "describe-key --key-id '' --cli-error-format legacy",
    refuses(252, 'Parameter validation failed:\nInvalid length for parameter KeyId, value: 0, valid min length: 1'),
  ),
  row(
    'error formats',
    "describe-key --key-id '' --cli-error-format json",
    reports(
      252,
      '{\n    "Code": "ParamValidation",\n    "Message": "Parameter validation failed:\\nInvalid length for parameter KeyId, value: 0, valid min length: 1"\n}\n',
    ),
  ),
  row(
    'error formats',
    "describe-key --key-id '' --cli-error-format text",
    reports(
      252,
      'ParamValidation\tParameter validation failed:\nInvalid length for parameter KeyId, value: 0, valid min length: 1\n',
    ),
  ),
  row('error formats', 'describe-key --key-id k --bogus --cli-error-format json', unknown('--bogus')),
  row(
    'error formats',
    'encrypt --key-id k --plaintext hello --cli-error-format json',
    refuses(255, 'Invalid base64: "hello"'),
  ),
  row('error formats', 'describe-key --key-id k', reports(254, `NotFoundException\t${NOT_FOUND}\t${NOT_FOUND}\n`), {
    ...notFound,
    env: { AWS_CLI_ERROR_FORMAT: 'text' },
  }),
  row('error formats', 'describe-key --key-id k', refuses(254, refused), {
    ...notFound,
    env: { AWS_CLI_ERROR_FORMAT: 'nonsense' },
  }),
  row('error formats', 'describe-key --key-id k', reports(254, `NotFoundException\t${NOT_FOUND}\t${NOT_FOUND}\n`), {
    ...notFound,
    config: '[default]\ncli_error_format = text\n',
  }),
  row(
    'cli-input',
    `encrypt --cli-input-json '[]'`,
    validation("Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>"),
  ),
  row(
    'cli-input',
    'encrypt --cli-input-json nope',
    validation("Error parsing parameter 'cli-input-json': Invalid JSON received."),
  ),
  row(
    'cli-input',
    'encrypt --cli-input-json {} --cli-input-yaml {}',
    validation('Only one --cli-input- parameter may be specified.'),
  ),
  // members that were required once
  row(
    'model',
    'create-grant --key-id k --operations Decrypt',
    sent('CreateGrant', '{"KeyId":"k","Operations":["Decrypt"]}'),
  ),
  row('model', 'list-retirable-grants', sent('ListRetirableGrants', '{}')),
  row('model', 'put-key-policy --key-id k --policy p --quiet', sent('PutKeyPolicy', '{"KeyId":"k","Policy":"p"}')),
  row('model', 'decrypt', sent('Decrypt', '{}')),
];
