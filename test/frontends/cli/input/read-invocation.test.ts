import { describe, expect, test } from 'vitest';
import { hyphenate } from '../../../../src/model/spelling.ts';
import { bytes, readCall, readInput, wrongWith } from './test-deps.ts';
import { vectors } from './vectors.ts';

const encrypt = (...words: string[]): string[] => ['encrypt', '--key-id', 'k', ...words];
const tag = (...words: string[]): string[] => ['tag-resource', '--key-id', 'k', '--tags', ...words];
const context = (...words: string[]): string[] => encrypt('--plaintext', '', '--encryption-context', ...words);
const tagged = (...pairs: [string, string][]): object => ({
  KeyId: 'k',
  Tags: pairs.map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
});
const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const raw = { binaryFormat: 'raw-in-base64-out' } as const;

test.each([
  ['KeyId', 'key-id'],
  ['CloudHsmClusterId', 'cloud-hsm-cluster-id'],
  ['XksKeyId', 'xks-key-id'],
  ['XksProxyVpcEndpointServiceName', 'xks-proxy-vpc-endpoint-service-name'],
  ['ReEncrypt', 're-encrypt'],
  ['AWSAccountId', 'aws-account-id'],
])('%s is spelt %s', (name, option) => {
  expect(hyphenate(name)).toBe(option);
});

describe('blobs', () => {
  const files = { text: 'aGVs\nbG8=\n', data: new Uint8Array([255, 0]) };
  test.each<[string, string[], object, Uint8Array]>([
    ['literal', encrypt('--plaintext', 'aGVsbG8='), {}, bytes('hello')],
    ['literal, raw', encrypt('--plaintext', 'héllo'), raw, bytes('héllo')],
    ['raw by the option', encrypt('--plaintext', 'hi', '--cli-binary-format', 'raw-in-base64-out'), {}, bytes('hi')],
    ['the option wins', encrypt('--plaintext', 'aGk=', '--cli-binary-format', 'base64'), raw, bytes('hi')],
    ['file://', encrypt('--plaintext', 'file://text'), { files }, bytes('hello')],
    ['file://, raw', encrypt('--plaintext', 'file://text'), { files, ...raw }, bytes('aGVs\nbG8=\n')],
    ['fileb://', encrypt('--plaintext', 'fileb://data'), { files }, files.data],
    ['fileb://, raw', encrypt('--plaintext', 'fileb://data'), { files, ...raw }, files.data],
    ['fileb://-', encrypt('--plaintext', 'fileb://-'), { files: { stdin: files.data } }, files.data],
    ['JSON', encrypt('--cli-input-json', '{"Plaintext":"aGVsbG8="}'), {}, bytes('hello')],
    ['JSON, raw', encrypt('--cli-input-json', '{"Plaintext":"hello"}'), raw, bytes('hello')],
    ['JSON names no files', encrypt('--cli-input-json', '{"Plaintext":"fileb://text1"}'), {}, base64('fileb//text1')],
    ['YAML', encrypt('--cli-input-yaml', 'Plaintext: !!binary aGVsbG8='), {}, bytes('hello')],
    ['a typo is read as base64', encrypt('--plaintext', 'FILEB://pt.txt'), {}, base64('FILEB//pttxt')],
  ])('%s', async (_, argv, deps, value) => {
    expect(await readInput(argv, deps)).toEqual({ KeyId: 'k', Plaintext: value });
  });

  test.each<[string[], unknown]>([
    [encrypt('--plaintext', 'hello'), [255, 'Invalid base64: "hello"']],
    [encrypt('--plaintext', 'aGVsbG8'), [255, 'Invalid base64: "aGVsbG8"']],
    [encrypt('--plaintext', 'é'), [255, 'string argument should contain only ASCII characters']],
    // decoding comes before all other checks
    [
      ['encrypt', '--key-id', '', '--plaintext', 'a'],
      [255, 'Invalid base64: "a"'],
    ],
  ])('%j', async (argv, wrong) => {
    expect(await wrongWith(argv)).toEqual(wrong);
  });

  test('inside a structure', async () => {
    const deps = { files: { doc: new Uint8Array([1, 2]) } };
    const recipient = async (text: string): Promise<unknown> =>
      readInput(['generate-random', '--number-of-bytes', '1', '--recipient', text], deps);
    const expected = (document: Uint8Array): object => ({
      NumberOfBytes: 1,
      Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: document },
    });
    const algorithm = 'KeyEncryptionAlgorithm=RSAES_OAEP_SHA_256';
    expect(await recipient(`${algorithm},AttestationDocument=aGk=`)).toEqual(expected(bytes('hi')));
    expect(await recipient(`${algorithm},AttestationDocument@=fileb://doc`)).toEqual(expected(deps.files.doc));
  });
});

describe('files', () => {
  const files = {
    key: 'alias/x\n',
    ctx: ' {"a":"b"}\n',
    short: 'a=b\n',
    list: '["a","b"]',
    plain: 'a\nb\n',
    object: '{"TagKey":"a","TagValue":"b"}',
    data: bytes('hello world'),
  };
  test.each<[string, string[], object]>([
    ['a string keeps its newline', ['disable-key', '--key-id', 'file://key'], { KeyId: 'alias/x\n' }],
    ['a number', ['generate-random', '--number-of-bytes', 'file://number'], { NumberOfBytes: 32 }],
    ['a map as JSON', context('file://ctx'), { KeyId: 'k', Plaintext: bytes(''), EncryptionContext: { a: 'b' } }],
    [
      'a map as shorthand',
      context('file://short'),
      { KeyId: 'k', Plaintext: bytes(''), EncryptionContext: { a: 'b' } },
    ],
    ['a list', ['untag-resource', '--key-id', 'k', '--tag-keys', 'file://list'], { KeyId: 'k', TagKeys: ['a', 'b'] }],
    ['a list of structures from an object', tag('file://object'), tagged(['a', 'b'])],
    [
      'two words are no files',
      ['untag-resource', '--key-id', 'k', '--tag-keys', 'file://list', 'b'],
      { KeyId: 'k', TagKeys: ['file://list', 'b'] },
    ],
    ['inside shorthand', tag('TagKey=a,TagValue@=file://key'), tagged(['a', 'alias/x\n'])],
    ['not without @', tag('TagKey=a,TagValue=file://key'), tagged(['a', 'file://key'])],
  ])('%s', async (_, argv, input) => {
    expect(await readInput(argv, { files: { ...files, number: '32\n' } })).toEqual(input);
  });

  test.each<[string[], number, string]>([
    [
      encrypt('--plaintext', 'fileb://nope'),
      252,
      "Error parsing parameter '--plaintext': Unable to load paramfile fileb://nope: [Errno 2] No such file or directory: 'nope'",
    ],
    [
      encrypt('--cli-input-json', 'file://nope'),
      252,
      "Error parsing parameter '--cli-input-json': Unable to load paramfile file://nope: [Errno 2] No such file or directory: 'nope'",
    ],
    [
      tag('TagKey=a,TagValue@=file://nope'),
      255,
      "Unable to load paramfile file://nope: [Errno 2] No such file or directory: 'nope'",
    ],
    [
      ['disable-key', '--key-id', 'fileb://data'],
      252,
      "Parameter validation failed:\nInvalid type for parameter KeyId, value: b'hello world', type: <class 'bytes'>, valid types: <class 'str'>",
    ],
    [context('fileb://data'), 255, "'in <string>' requires string as left operand, not int"],
    [
      ['untag-resource', '--key-id', 'k', '--tag-keys', 'file://plain'],
      252,
      "Error parsing parameter '--tag-keys': a file given for a list must contain a JSON list",
    ],
    [tag('file://short'), 252, "Error parsing parameter '--tags': a file given for a list must contain a JSON list"],
    [tag('fileb://data'), 252, "Error parsing parameter '--tags': a file given for a list must contain a JSON list"],
    // files are loaded before a base64 text is looked at, in the model's order
    [
      ['encrypt', '--plaintext', 'a', '--key-id', 'file://nope'],
      252,
      "Error parsing parameter '--key-id': Unable to load paramfile file://nope: [Errno 2] No such file or directory: 'nope'",
    ],
  ])('%j', async (argv, exit, message) => {
    expect(await wrongWith(argv, { files })).toEqual([exit, message]);
  });
});

describe('lists, maps and structures', () => {
  const AB: [string, string] = ['a', 'b'];
  const CD: [string, string] = ['c', 'd'];
  const withContext = (pairs: object): object => ({ KeyId: 'k', Plaintext: bytes(''), EncryptionContext: pairs });
  test.each<[string[], object]>([
    [tag('TagKey=a,TagValue=b', 'TagKey=c,TagValue=d'), tagged(AB, CD)],
    [tag("TagKey='Purpose',TagValue='Test'"), tagged(['Purpose', 'Test'])],
    [tag('{"TagKey":"a","TagValue":"b"}', '{"TagKey":"c","TagValue":"d"}'), tagged(AB, CD)],
    [tag('[{"TagKey":"a","TagValue":"b"},{"TagKey":"c","TagValue":"d"}]'), tagged(AB, CD)],
    [tag(' {"TagKey":"a","TagValue":"b"}'), tagged(AB)],
    [tag('TagKey=a,TagValue='), tagged(['a', ''])],
    [tag('TagKey=a,,TagValue=b'), tagged(AB)],
    [context('a=b,c=d'), withContext({ a: 'b', c: 'd' })],
    [context('{"a":"b"}'), withContext({ a: 'b' })],
    [context('{"a":"b","a":"c"}'), withContext({ a: 'c' })],
    [context('aws:s3:arn=arn:aws:s3:::bucket/key'), withContext({ 'aws:s3:arn': 'arn:aws:s3:::bucket/key' })],
    [context('a=b;c=d'), withContext({ a: 'b;c=d' })],
    [context('{"__proto__":"x"}'), withContext(Object.fromEntries([['__proto__', 'x']]))],
    [
      [
        'create-grant',
        '--key-id',
        'k',
        '--operations',
        'Decrypt',
        'Encrypt',
        '--constraints',
        'EncryptionContextSubset={a=b,c=d},EncryptionContextEquals={e=f}',
      ],
      {
        KeyId: 'k',
        Operations: ['Decrypt', 'Encrypt'],
        Constraints: { EncryptionContextSubset: { a: 'b', c: 'd' }, EncryptionContextEquals: { e: 'f' } },
      },
    ],
    [
      ['create-grant', '--key-id', 'k', '--operations', 'Decrypt,Encrypt'],
      { KeyId: 'k', Operations: ['Decrypt,Encrypt'] },
    ],
    [['create-grant', '--key-id', 'k', '--operations', '["Decrypt"]'], { KeyId: 'k', Operations: ['Decrypt'] }],
    [
      ['create-grant', '--key-id', 'k', '--operations', '["Decrypt"]', 'x'],
      { KeyId: 'k', Operations: ['["Decrypt"]', 'x'] },
    ],
    [['create-grant', '--key-id', 'k', '--operations', '{"a":1}'], { KeyId: 'k', Operations: ['{"a":1}'] }],
    [
      ['audit', 'verify', '--count', '1', '--rule', 'Level=3,Strict=TRUE,Names=x'],
      { Count: 1, Rule: { Level: 3, Strict: true, Names: ['x'] } },
    ],
    [['audit', 'verify', '--count', ' 1_0 ', '--weights', '1', '-2'], { Count: 10, Weights: [1, -2] }],
    [['audit', 'verify', '--count', '1', '--event', '{"a":[1.5,null]}'], { Count: 1, Event: { a: [1.5, null] } }],
  ])('%j', async (argv, input) => {
    expect(await readInput(argv)).toEqual(input);
  });

  test.each<[string[], string]>([
    [
      tag('[{"TagKey":"a","TagValue":"b"}]', 'x'),
      `Error parsing parameter '--tags': Invalid JSON:\n[{"TagKey":"a","TagValue":"b"}]`,
    ],
    [tag('{"TagKey":"a","TagValue":"b"}', 'TagKey=c'), "Error parsing parameter '--tags': Invalid JSON:\nTagKey=c"],
    [
      tag('TagKey=c', '{"TagKey":"a"}'),
      "Error parsing parameter '--tags': Expected: '=', received: '{' for input:\n {\"TagKey\":\"a\"}\n^",
    ],
    [tag('foo'), "Error parsing parameter '--tags': Expected: '=', received: 'EOF' for input:\n foo\n   ^"],
    [tag(''), "Error parsing parameter '--tags': Expected: '=', received: 'EOF' for input:\n \n^"],
    [
      tag('TagKey=a,TagKey=b,TagValue=c'),
      'Error parsing parameter \'--tags\': Second instance of key "TagKey" encountered for input:\nTagKey=a,TagKey=b,TagValue=c\n         ^\nThis is often because there is a preceding "," instead of a space.',
    ],
    [context('[]'), "Error parsing parameter '--encryption-context': Invalid JSON:\n[]"],
    [
      context('{"a":1'),
      "Error parsing parameter '--encryption-context': Invalid JSON: Expecting ',' delimiter: line 1 column 7 (char 6)\nJSON received: {\"a\":1",
    ],
    [
      tag('Key=a,Value=b'),
      'Parameter validation failed:\nMissing required parameter in Tags[0]: "TagKey"\nMissing required parameter in Tags[0]: "TagValue"\n' +
        'Unknown parameter in Tags[0]: "Key", must be one of: TagKey, TagValue\nUnknown parameter in Tags[0]: "Value", must be one of: TagKey, TagValue',
    ],
    [
      context('a=b,c'),
      "Parameter validation failed:\nInvalid type for parameter EncryptionContext.a, value: ['b', 'c'], type: <class 'list'>, valid types: <class 'str'>",
    ],
    [
      context('{"a":{"b":"c"}}'),
      "Parameter validation failed:\nInvalid type for parameter EncryptionContext.a, value: OrderedDict({'b': 'c'}), type: <class 'collections.OrderedDict'>, valid types: <class 'str'>",
    ],
    [
      context('a={x=y}'),
      "Parameter validation failed:\nInvalid type for parameter EncryptionContext.a, value: {'x': 'y'}, type: <class 'dict'>, valid types: <class 'str'>",
    ],
  ])('%j is refused', async (argv, message) => {
    expect(await wrongWith(argv)).toEqual([252, message]);
  });
});

describe('numbers and times', () => {
  const until = (text: string): string[] => [
    'import-key-material',
    '--key-id',
    'k',
    '--import-token',
    '',
    '--encrypted-key-material',
    '',
    '--valid-to',
    text,
  ];
  test('a number that is none', async () => {
    expect(await wrongWith(['generate-random', '--number-of-bytes', '1.5'])).toEqual([
      255,
      "invalid literal for int() with base 10: '1.5'",
    ]);
  });
  test('a time', async () => {
    expect(await readInput(until('2021-09-21T19:00:00Z'))).toMatchObject({ ValidTo: new Date('2021-09-21T19:00:00Z') });
  });
  test('no time', async () => {
    expect(await wrongWith(until('tomorrow'))).toEqual([
      252,
      "Parameter validation failed:\nInvalid type for parameter ValidTo, value: tomorrow, type: <class 'str'>, valid types: <class 'datetime.datetime'>, timestamp-string",
    ]);
  });
});

describe('--cli-input-json and --cli-input-yaml', () => {
  test.each<[string[], object]>([
    [['disable-key', '--cli-input-json', '{"KeyId":"k"}'], { KeyId: 'k' }],
    [['disable-key', '--cli-input-json', 'file://input'], { KeyId: 'from file' }],
    [['disable-key', '--cli-input-json', 'fileb://input'], { KeyId: 'from file' }],
    [['disable-key', '--key-id', 'x', '--cli-input-json', '{"KeyId":"k"}'], { KeyId: 'x' }],
    [['disable-key', '--key-id', 'x', '--cli-input-json={}'], { KeyId: 'x' }],
    [
      tag('TagKey=a,TagValue=b').concat('--cli-input-json', '{"Tags":[{"TagKey":"c","TagValue":"d"}],"KeyId":"z"}'),
      tagged(['a', 'b']),
    ],
    [['generate-random', '--cli-input-json', '{"NumberOfBytes":true}'], { NumberOfBytes: true }],
    [['disable-key', '--cli-input-yaml', 'KeyId: k'], { KeyId: 'k' }],
    [
      ['create-key', '--cli-input-yaml', 'MultiRegion: true\nTags:\n- TagKey: a\n  TagValue: "1"'],
      { MultiRegion: true, Tags: [{ TagKey: 'a', TagValue: '1' }] },
    ],
    [
      ['audit', 'verify', '--cli-input-yaml', 'Count: 3\nSince: 2026-01-02 03:04:05'],
      { Count: 3, Since: new Date('2026-01-02T03:04:05Z') },
    ],
    [
      ['audit', 'verify', '--cli-input-yaml', 'Count: 3\nSince: 2026-01-02T03:04:05+02:00'],
      { Count: 3, Since: new Date('2026-01-02T01:04:05Z') },
    ],
  ])('%j', async (argv, input) => {
    expect(await readInput(argv, { files: { input: '{"KeyId":"from file"}' } })).toEqual(input);
  });

  const invalid = (text: string): string => `Parameter validation failed:\n${text}`;
  test.each<[string[], string]>([
    [['disable-key', '--cli-input-json', '{}'], invalid('Missing required parameter in input: "KeyId"')],
    [['disable-key', '--cli-input-json={"KeyId":"k"}'], 'the following arguments are required: --key-id'],
    [['disable-key', '--cli-input-jso', '{"KeyId":"k"}'], 'the following arguments are required: --key-id'],
    [
      ['disable-key', '--cli-input-json', '[]'],
      "Error parsing parameter '--cli-input-json': Invalid type: expecting map, received <class 'list'>",
    ],
    [['disable-key', '--cli-input-json', 'x'], "Error parsing parameter 'cli-input-json': Invalid JSON received."],
    [['disable-key', '--cli-input-yaml', 'a: ['], "Error parsing parameter 'cli-input-yaml': Invalid YAML received."],
    [
      ['disable-key', '--cli-input-yaml', ''],
      "Error parsing parameter '--cli-input-yaml': Invalid type: expecting map, received <class 'NoneType'>",
    ],
    [
      ['disable-key', '--cli-input-json', '{}', '--cli-input-yaml', '{}'],
      'Only one --cli-input- parameter may be specified.',
    ],
    [
      ['disable-key', '--cli-input-json', '{"KeyId":null}'],
      invalid("Invalid type for parameter KeyId, value: None, type: <class 'NoneType'>, valid types: <class 'str'>"),
    ],
    [
      ['disable-key', '--cli-input-json', '{"keyId":"k","KeyId":"k"}'],
      invalid('Unknown parameter in input: "keyId", must be one of: KeyId'),
    ],
    [
      ['generate-random', '--cli-input-json', '{"NumberOfBytes":"32"}'],
      invalid("Invalid type for parameter NumberOfBytes, value: 32, type: <class 'str'>, valid types: <class 'int'>"),
    ],
    [
      ['generate-random', '--cli-input-json', '{"NumberOfBytes":32.0}'],
      invalid(
        "Invalid type for parameter NumberOfBytes, value: 32.0, type: <class 'float'>, valid types: <class 'int'>",
      ),
    ],
    [
      ['create-key', '--cli-input-json', '{"MultiRegion":"true"}'],
      invalid("Invalid type for parameter MultiRegion, value: true, type: <class 'str'>, valid types: <class 'bool'>"),
    ],
    [
      ['audit', 'verify', '--cli-input-yaml', 'Count: 1\nSince: 2026-01-01'],
      invalid(
        "Invalid type for parameter Since, value: 2026-01-01, type: <class 'datetime.date'>, valid types: <class 'datetime.datetime'>, timestamp-string",
      ),
    ],
    [
      ['encrypt', '--cli-input-json', '{"KeyId":"k","Plaintext":5}'],
      invalid(
        "Invalid type for parameter Plaintext, value: 5, type: <class 'int'>, valid types: <class 'bytes'>, <class 'bytearray'>, file-like object",
      ),
    ],
  ])('%j is refused', async (argv, message) => {
    expect(await wrongWith(argv)).toEqual([252, message]);
  });

  test('the checks can be switched off', async () => {
    const argv = ['generate-random', '--cli-input-json', '{"NumberOfBytes":32.0,"Bogus":[1e3]}'];
    expect(await readInput(argv, { validates: false })).toEqual({ NumberOfBytes: 32, Bogus: [1000] });
  });
});

describe('paging', () => {
  test.each<[string[], object, object]>([
    [[], { paginates: true }, {}],
    [['--page-size', '2'], { paginates: true, pageSize: 2 }, { Limit: 2 }],
    [['--max-items', '3', '--starting-token', 't'], { paginates: true, maxItems: 3, startingToken: 't' }, {}],
    [['--no-paginate'], { paginates: false }, {}],
    [['--limit', '5'], { paginates: false }, { Limit: 5 }],
    [['--marker', 'm'], { paginates: false }, { Marker: 'm' }],
    [['--cli-input-json', '{"Limit":5}'], { paginates: false }, { Limit: 5 }],
    [['--no-paginate', '--max-items', '0'], { paginates: false, maxItems: 0 }, {}],
  ])('%j', async (options, paging, input) => {
    const call = await readCall(['list-keys', ...options]);
    expect([call.paging, call.finish({})]).toEqual([paging, input]);
  });

  test('other operations have none', async () => {
    expect((await readCall(['create-key', '--no-paginate'])).paging).toEqual({ paginates: false });
  });

  test.each<[string[], string]>([
    [
      ['--no-paginate', '--max-items', '1'],
      'Cannot specify --no-paginate along with pagination arguments: --max-items',
    ],
    [
      ['--limit', '5', '--page-size', '1', '--starting-token', 't'],
      'Cannot specify --no-paginate along with pagination arguments: --starting-token, --page-size',
    ],
    [
      ['--page-size', '0'],
      'Parameter validation failed:\nInvalid value for parameter Limit, value: 0, valid min value: 1',
    ],
    [
      ['--starting-token', ''],
      'Parameter validation failed:\nInvalid length for parameter Marker, value: 0, valid min length: 1',
    ],
  ])('%j is refused', async (options, message) => {
    expect(await wrongWith(['list-keys', ...options])).toEqual([252, message]);
  });

  test.each([['0'], ['-1']])('--max-items %s is warned of', async (count) => {
    expect((await readCall(['list-keys', '--max-items', count])).warnings).toEqual([
      'warning: Non-positive values for --max-items may result in undefined behavior.',
    ]);
  });
});

interface Example {
  readonly argv: readonly string[];
  readonly files: readonly string[];
  readonly request: { readonly [member: string]: unknown } | null;
}

test('the examples of the AWS CLI send what they send there', async () => {
  const policy = '{"Version":"2012-10-17","Statement":[]}';
  const examples = vectors<Example>('examples');
  expect(examples).toHaveLength(82);
  for (const { argv, files, request } of examples) {
    const deps = { files: Object.fromEntries(files.map((name) => [name, /policy/.test(name) ? policy : 'example'])) };
    if (request === null) {
      expect(await wrongWith(argv, deps)).toEqual([255, `Invalid base64: "${argv.at(-1)}"`]);
      continue;
    }
    const asSent = Object.entries(await readInput(argv, deps)).map(([member, value]) => {
      if (value instanceof Date) return [member, value.getTime() / 1000];
      const placeholder = String(request[member]).startsWith('<base64 of');
      return [member, placeholder && Buffer.from(value).toString() === 'example' ? request[member] : value];
    });
    expect({ argv, sent: Object.fromEntries(asSent) }).toEqual({ argv, sent: request });
  }
});
