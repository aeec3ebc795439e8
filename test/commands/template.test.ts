/**
 * Functions of templates, with the values of the AWS CloudFormation User Guide ("Intrinsic function reference", "Get AWS
 * values using pseudo parameters"), and what a hostile template can cost.
 */
import { expect, test } from 'vitest';
import { readSeed, type ReadOptions } from '../../src/commands/apply/seed/read.ts';

const ACCOUNT = '111122223333';
const HOME = { account: ACCOUNT, region: 'eu-west-1' };

const read = (text: string, options: Partial<ReadOptions> = {}) =>
  readSeed(text, { name: 'app.yaml', home: HOME, ...options });

const AROUND = `
Parameters:
  Stage: {Type: String, Default: dev}
  Names: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /images/latest}
Mappings:
  Sizes: {dev: {Days: 90}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Not [!Condition IsDev]
  Both: !And [!Condition IsDev, !Equals [1, '1']]
  Either: !Or [!Condition IsProd, !Equals [!Ref AWS::Region, eu-west-1]]
Resources:
  Bucket: {Type: 'AWS::S3::Bucket', Properties: {BucketName: my-bucket}}
  Queue: {Type: 'AWS::SQS::Queue'}
  Provider: {Type: 'AWS::IAM::SAMLProvider', Properties: {Name: Corp}}
  Role: {Type: 'AWS::IAM::Role', Properties: {RoleName: App, Path: /svc/}}
  Gone: {Type: 'AWS::KMS::Key', Condition: IsProd}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Value: `;

/** @param value in YAML */
async function valueOf(value: string, options: Partial<ReadOptions> = {}): Promise<unknown> {
  const { seed } = await read(`${AROUND}${value}\n`, options);
  return (seed.Keys!.find(({ Policy }) => Policy)!.Policy as { readonly Value?: unknown }).Value;
}

test.each([
  // YAML 1.1, which CloudFormation reads: an account ID is no number (AWS CloudFormation User Guide, template formats)
  ['012345678901', '012345678901'],
  ['!Join [":", [012345678901, 0, 10]]', '012345678901:0:10'],
  ['!Ref Stage', 'dev'],
  ['!Ref Names', ['a', 'b', 'c']],
  ['!Ref AWS::AccountId', ACCOUNT],
  ['!Ref AWS::Region', 'eu-west-1'],
  ['!Ref AWS::Partition', 'aws'],
  ['!Ref AWS::URLSuffix', 'amazonaws.com'],
  ['!Ref AWS::StackName', 'app'],
  ['!Ref AWS::NotificationARNs', []],
  ['!Ref AWS::NoValue', undefined],
  ['[1, !Ref AWS::NoValue, 2]', [1, 2]],
  ['{a: !Ref AWS::NoValue, b: 1}', { b: 1 }],
  ['!Ref Role', 'App'],
  ['!GetAtt Role.Arn', `arn:aws:iam::${ACCOUNT}:role/svc/App`],
  ['{"Fn::GetAtt": [Role, Arn]}', `arn:aws:iam::${ACCOUNT}:role/svc/App`],
  ['!GetAtt Bucket.Arn', 'arn:aws:s3:::my-bucket'],
  ['!Ref Bucket', 'my-bucket'],
  ['!Ref Provider', `arn:aws:iam::${ACCOUNT}:saml-provider/Corp`],
  ['!Sub "${Bucket.Arn}/*"', 'arn:aws:s3:::my-bucket/*'],
  ['!Sub "${Stage}-${!Stage}-$Stage"', 'dev-${Stage}-$Stage'],
  ['!Sub ["${Own}/${Stage}", {Own: !Ref AWS::Region}]', 'eu-west-1/dev'],
  ['!Join [":", [a, !Ref Stage, 1, true]]', 'a:dev:1:true'],
  ['!Join ["-", !Ref Names]', 'a-b-c'],
  ['!Split ["|", "a||c|"]', ['a', '', 'c', '']],
  ['!Select ["1", [apples, grapes, oranges]]', 'grapes'],
  ['!Select [2, !Split ["/", "a/b/c"]]', 'c'],
  ['!FindInMap [Sizes, !Ref Stage, Days]', 90],
  ['!FindInMap [Sizes, prod, Days, {DefaultValue: 1}]', 1],
  ['!If [IsDev, !Ref Stage, !Ref Image]', 'dev'],
  ['!If [IsProd, 1, !Ref AWS::NoValue]', undefined],
  ['!If [Both, yes-both, no]', 'yes-both'],
  ['!If [Either, one, none]', 'one'],
  ['!Base64 hello', 'aGVsbG8='],
  ['{"Fn::ToJsonString": {a: !Ref Stage}}', '{"a":"dev"}'],
  ['{"Fn::Length": !Ref Names}', 3],
  [
    '!Cidr [192.168.0.0/24, "6", 5]', // the example of "Fn::Cidr"
    ['0', '32', '64', '96', '128', '160'].map((part) => `192.168.0.${part}/27`),
  ],
  ['!Cidr [10.1.2.3/16, 2, !Select [0, [8]]]', ['10.1.0.0/24', '10.1.1.0/24']],
  ['!Select [255, !Cidr [255.255.0.0/16, 256, 8]]', '255.255.255.0/24'],
  ['!Cidr [0.0.0.0/0, 1, 32]', ['0.0.0.0/0']],
  ['!ImportValue shared', 'exported'],
  ['!ImportValue {"Fn::Sub": "${Stage}-shared"}', 'of dev'],
  ['{Ref: Stage, Other: 1}', { Ref: 'Stage', Other: 1 }],
  ['{__proto__: {a: 1}}', JSON.parse('{"__proto__": {"a": 1}}')],
])('%s', async (value, expected) => {
  const imports = { shared: 'exported', 'dev-shared': 'of dev' };
  expect(await valueOf(value, { imports })).toEqual(expected);
});

test('a resource without a name has one of the stack, as in CloudFormation', async () => {
  expect(await valueOf('!GetAtt Queue.Arn')).toMatch(/^arn:aws:sqs:eu-west-1:111122223333:app-Queue-[0-9A-F]{12}$/);
  expect(await valueOf('!GetAtt Queue.Arn', { stackName: 'other' })).toMatch(/:other-Queue-/);
});

test.each([
  ['yes', true],
  ['On', true],
  ["'true'", true],
  ['NO', false],
  ['off', false],
])('a property that is %s', async (text, isEnabled) => {
  const { seed } = await read(`Resources: {Key: {Type: 'AWS::KMS::Key', Properties: {EnableKeyRotation: ${text}}}}`);
  expect(seed.Keys![0]!.EnableKeyRotation).toBe(isEnabled);
});

test('parameters: given values win, and stand for those of Systems Manager', async () => {
  expect(await valueOf('!Ref Image', { parameters: { Image: 'ami-1' } })).toBe('ami-1');
  expect(await valueOf('!If [IsDev, 1, 2]', { parameters: { Stage: 'prod' } })).toBe(2);
});

test.each([
  ['!Ref Image', 'the value of Image, a parameter in Systems Manager, is not known'],
  ['!Ref Gone', 'refers to Gone, whose condition IsProd does not hold'],
  ['!Ref __proto__', 'refers to __proto__, which it does not have'],
  ['!GetAtt constructor.name', 'refers to constructor, which it does not have'],
  ['!GetAtt Role', 'expected RESOURCE.ATTRIBUTE'],
  ['!GetAtt Role.constructor', 'the value of Role.constructor is not known'],
  ['!FindInMap [Sizes, constructor, name]', 'the mappings have no value for Sizes, constructor, name'],
  ['!If [toString, 1, 2]', 'the template has no condition toString'],
  ['!If [IsDev, 1]', 'expected 3 items, not 2'],
  ['!Select [3, [a]]', 'there is no such item in a list of 1'],
  ['!Select [-1, [a]]', 'there is no such item in a list of 1'],
  ['!Split ["", a]', 'the separator is empty'],
  ['!Join ["", [{}]]', 'expected a string'],
  ['!Sub "${aws:username}"', 'refers to aws:username, which it does not have'],
  ['!GetAZs ""', 'the function Fn::GetAZs is not supported: the Availability Zones of the account are not known'],
  ['!Transform {Name: x}', 'the function Fn::Transform is not supported: macros are not known'],
  ['{"Fn::ForEach::Item": [a, [b], {}]}', 'the function Fn::ForEach::Item is not supported: apply the processed'],
  ['{"Fn::Unheard": x}', 'the function Fn::Unheard is not supported'],
  ['!Cidr [10.0.0.0/24, 2]', 'expected 3 items, not 2'],
  ['!Cidr [10.0.0.0/24, 257, 1]', 'expected 1 to 256'],
  ['!Cidr [10.0.0.0/24, 0, 1]', 'expected 1 to 256'],
  ['!Cidr [10.0.0.0/24, 1, 33]', 'expected 1 to 32'],
  ['!Cidr [10.0.0.0/24, 1, x]', 'expected 1 to 32'],
  ['!Cidr [10.0.0.0/24, 3, 7]', '10.0.0.0/24 has no space for 3 blocks of 7 subnet bits'],
  ['!Cidr ["2001:db8::/56", 1, 64]', 'expected an IPv4 block'],
  ['!Cidr [10.0.0.0/33, 1, 1]', 'expected an IPv4 block'],
  ['!Cidr [10.0.0.0, 1, 1]', 'expected an IPv4 block'],
  ['!Unheard x', 'Unresolved tag: !Unheard'],
  ['!Ref Key\n        Again: !Ref Key\n        Again: 1', 'Map keys must be unique'],
])('%s is refused', async (value, message) => {
  await expect(valueOf(value)).rejects.toThrow(message);
});

const key = (properties: string): string => `Resources: {Key: {Type: 'AWS::KMS::Key', Properties: ${properties}}}`;
const doubling = (levels: number): string =>
  Array.from(
    { length: levels },
    (_, at) => `  R${at}: {Type: 'AWS::IAM::Role', Properties: {RoleName: !Sub '\${R${at + 1}}\${R${at + 1}}'}}`,
  ).join('\n');
const chain = (length: number): string =>
  Array.from({ length }, (_, at) => `  R${at}: {Type: 'AWS::IAM::Role', Properties: {RoleName: !Ref R${at + 1}}}`).join(
    '\n',
  );
const last = (at: number): string => `  R${at}: {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}`;

test.each([
  [
    'a condition that depends on itself',
    `Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {Key: {Type: 'AWS::KMS::Key', Condition: A}}`,
    'depends on itself',
  ],
  [
    'a name that depends on itself',
    `Resources:\n  A: {Type: 'AWS::IAM::Role', Properties: {RoleName: !Ref B}}\n  B: {Type: 'AWS::IAM::Role', Properties: {RoleName: !Ref A}}`,
    'Circular dependency between resources: [A, B]',
  ],
  [
    'a name that doubles',
    `Resources:\n${doubling(30)}\n${last(30)}`,
    'the functions of the template make more than 8,388,608 characters',
  ],
  ['a long chain', `Resources:\n${chain(2000)}\n${last(2000)}`, 'more than 100 values follow from one another'],
  ['many levels', key(`{KeyPolicy: ${'['.repeat(150)}${']'.repeat(150)}}`), 'nested more than 100 levels deep'],
  ['very many levels', key(`{KeyPolicy: ${'['.repeat(20_000)}${']'.repeat(20_000)}}`), 'nested too deeply'],
  [
    'many steps',
    key(`{KeyPolicy: {a: &a [${'1,'.repeat(2500)}], b: [${'*a,'.repeat(98)}]}}`),
    'more than 200,000 steps',
  ],
  [
    'many aliases',
    key(
      `{KeyPolicy: {a: &a [x,x,x,x,x,x,x,x,x,x], b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a], c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b], d: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]}}`,
    ),
    'too many aliases',
  ],
  [
    'a long parameter in many places',
    `Parameters: {P: {Type: String, Default: ${'x'.repeat(400_000)}}}\n${key(`{KeyPolicy: [${'!Ref P,'.repeat(1000)}]}`)}`,
    'more than 8,388,608 characters',
  ],
  [
    'a long list of the mappings in many places',
    `Mappings: {A: {b: {c: [${'x,'.repeat(100_000)}]}}}\n${key(`{KeyPolicy: [${'!FindInMap [A, b, c],'.repeat(1000)}]}`)}`,
    'more than 8,388,608 characters',
  ],
  [
    'a long value in one text many times',
    `Parameters: {P: {Type: String, Default: ${'x'.repeat(400_000)}}}\n${key(`{Description: !Sub '${'${P}'.repeat(100_000)}'}`)}`,
    'more than 8,388,608 characters',
  ],
  [
    'a long separator',
    key(`{Description: !Join [${'x'.repeat(400_000)}, [${'a,'.repeat(10_000)}]]}`),
    'more than 8,388,608 characters',
  ],
  [
    'an object in the mappings',
    `Mappings: {A: {b: {c: {d: 1}}}}\n${key('{KeyPolicy: !FindInMap [A, b, c]}')}`,
    'neither',
  ],
  [
    'a condition on a resource', // AWS CloudFormation User Guide, "CloudFormation template Conditions syntax"
    "Conditions: {A: !Equals [!Ref Key, a]}\nResources: {Key: {Type: 'AWS::KMS::Key'}, B: {Type: 'AWS::KMS::Key', Condition: A}}",
    'conditions cannot refer to resources',
  ],
  [
    'a condition on an attribute',
    "Conditions: {A: !Equals [!GetAtt Key.Arn, a]}\nResources: {Key: {Type: 'AWS::KMS::Key'}, B: {Type: 'AWS::KMS::Key', Condition: A}}",
    'conditions cannot refer to resources',
  ],
  [
    'two roles of one name',
    "Resources: {A: {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}, B: {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}}",
    'another resource of the template is the role with this name',
  ],
  ['an unknown section', `Conditons: {}\n${key('{}')}`, 'the template: unknown member Conditons'],
  ['an unknown member of a resource', "Resources: {Key: {Type: 'AWS::KMS::Key', Props: {}}}", 'unknown member Props'],
  [
    'a condition that is no name',
    "Resources: {Key: {Type: 'AWS::KMS::Key', Condition: {a: b}}}",
    'Resources.Key.Condition: expected the name of a condition',
  ],
  ['a macro', `Transform: Own\n${key('{}')}`, 'the transform Own is not supported'],
  ['an included file', `Transform: [{Name: 'AWS::Include'}]\n${key('{}')}`, 'the transform AWS::Include is not'],
  ['a loop', "Resources: {'Fn::ForEach::Keys': [a, [b], {}]}", 'the function Fn::ForEach is not supported'],
  ['an ID that is a path', "Resources: {../Key: {Type: 'AWS::KMS::Key'}}", 'a logical ID has letters and digits'],
  ['a missing dependency', "Resources: {Key: {Type: 'AWS::KMS::Key', DependsOn: Gone}}", 'has no resource Gone'],
  ['an unknown property', key('{Policy: {}}'), 'unknown property Policy of AWS::KMS::Key'],
  ['a resource that is none', 'Resources: {Key: 1}', 'Resources.Key: expected an object'],
  ['a resource without a type', 'Resources: {Key: {}}', 'Resources.Key: expected a resource with a Type'],
  ['no document', '[]', 'neither an object of JSON nor a mapping of YAML'],
])('a template with %s is refused', async (_, text, message) => {
  const began = performance.now();
  await expect(read(text)).rejects.toThrow(message);
  expect(performance.now() - began).toBeLessThan(20_000);
});

test.each(['__proto__', '__defineGetter__', 'constructor'])('a resource type %s is skipped', async (type) => {
  const { skipped } = await read(`Resources: {Key: {Type: ${type}}}`);
  expect(skipped).toEqual([{ name: 'Key', reason: `resources of type ${type} are not created` }]);
});

test('the rules of a template are skipped, by name', async () => {
  const { skipped } = await read(`Rules: {Bootstrapped: {Assertions: []}}\n${key('{}')}`);
  expect(skipped).toEqual([{ name: 'Bootstrapped', reason: 'rules of a template are not evaluated' }]);
});

// AWS SAM Developer Guide, "Generated CloudFormation resources for AWS::Serverless::Function"
test.each([
  ['', 1],
  ['Role: x', 0],
])('a function of AWS SAM with properties {%s} has %i roles of its own', async (properties, count) => {
  const text = `Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {${properties}}}}`;
  expect((await read(text)).seed.Principals).toHaveLength(count);
});

// AWS blog, "Handling circular dependency errors in AWS CloudFormation"; the User Guide, "DependsOn attribute"
test.each([
  ['through DependsOn', "A: {Type: 'X::Y::Z', DependsOn: [B]}, B: {Type: 'X::Y::Z', DependsOn: A}", '[A, B]'],
  ['with itself', "A: {Type: 'X::Y::Z', DependsOn: A}", '[A]'],
  [
    'through key IDs',
    "A: {Type: 'AWS::KMS::Key', Properties: {Description: !Ref B}}, B: {Type: 'AWS::KMS::Key', Properties: {KeyPolicy: {a: [!GetAtt A.Arn]}}}",
    '[A, B]',
  ],
  [
    'through texts and resources that are not made',
    "A: {Type: 'AWS::KMS::Key', Properties: {Description: !Sub 'of ${B.Arn}'}}, B: {Type: 'X::Y::Z', Properties: {Of: {'Fn::GetAtt': [C, Arn]}}}, C: {Type: 'X::Y::Z', DependsOn: A}, D: {Type: 'X::Y::Z', DependsOn: A}",
    '[A, B, C]',
  ],
])('a cycle %s is refused', async (_, resources, ids) => {
  await expect(read(`Resources: {${resources}}`)).rejects.toThrow(`Circular dependency between resources: ${ids}`);
});

test.each([
  ['in the branch that is not chosen', '!If [Yes, !Ref Other, !Ref Key]'],
  ['that is a literal text', "!Sub '${!Key}'"],
  ['to a name of Fn::Sub itself', "!Sub ['${Key}', {Key: !Ref Other}]"],
  ['under a name that only looks like a function', '{a: {Ref: Key, More: 1}}'],
])('a reference %s is no cycle', async (_, value) => {
  const text = `Conditions: {Yes: !Equals [a, a]}\nResources: {Key: {Type: 'AWS::KMS::Key', Properties: {KeyPolicy: {Value: ${value}}}}, Other: {Type: 'AWS::KMS::Key'}}`;
  expect((await read(text)).seed.Keys).toHaveLength(2);
});

// AWS CloudFormation User Guide, "CloudFormation template Parameters syntax"
test.each([
  ['Type: Strng', 'x', 'unknown parameter type Strng'],
  ['Type: List<String>', 'x', 'unknown parameter type List<String>'],
  ['Type: Number', 'one', 'the value must be a number'],
  ['Type: List<Number>', '1,two', 'the value must be a number'],
  ['Type: Number, MinValue: 5', '4', 'not less than 5'],
  ['Type: Number, MaxValue: "5"', '6', 'not greater than 5'],
  ['Type: Number, MaxValue: five', '6', 'expected a number as MaxValue'],
  ['Type: String, MinLength: 2', 'a', 'at least 2 characters'],
  ['Type: String, MaxLength: 2', 'abc', 'at most 2 characters'],
  ['Type: String, AllowedPattern: "[a-z]+"', 'abc1', 'must match pattern [a-z]+'],
  ['Type: String, AllowedPattern: "a|b"', 'ab', 'must match pattern'],
  ['Type: CommaDelimitedList, AllowedPattern: "[a-z]+"', 'a,1', 'must match pattern [a-z]+'],
  ['Type: CommaDelimitedList, AllowedValues: [a, b]', 'a,c', 'must be one of a, b'],
  ['Type: String, AllowedValues: a', 'a', 'expected a list as AllowedValues'],
  ['Type: String, AllowedPattern: "(a+)+"', `${'a'.repeat(60)}b`, 'AllowedPattern takes too long'],
  ['Type: String, AllowedPattern: "("', 'a', 'not a regular expression'],
  ['Type: String, AllowedPattern: "[0-9]", ConstraintDescription: must be a digit', 'a', 'the value must be a digit'],
  ['Type: String, Pattern: a', 'a', 'unknown member Pattern'],
])('a parameter {%s} does not take %s', async (parameter, value, message) => {
  const text = `Parameters: {P: {${parameter}}}\n${key('{}')}`;
  const refused: unknown = await read(text, { parameters: { P: value } }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ message: expect.stringMatching(/^app\.yaml: Parameters\.P: /) });
  expect(refused).toMatchObject({ message: expect.stringContaining(message) });
});

test.each([
  ['Type: String, AllowedPattern: "[a-z]+", MinLength: 3, MaxLength: "3"', 'abc'],
  ['Type: String, AllowedPattern: "\\\\p{L}+"', 'é'],
  ['Type: String, AllowedPattern: "[\\\\w-\\\\.]+"', 'a-b.c'],
  ['Type: String, NoEcho: true, AllowedValues: [1, 2]', '2'],
  ['Type: Number, MinValue: -1.5, MaxValue: 1e3', '0'],
  ['Type: "AWS::EC2::VPC::Id"', 'vpc-1'],
])('a parameter {%s} takes %s', async (parameter, value) => {
  const text = `Parameters: {P: {${parameter}}}\n${key('{Description: !Ref P}')}`;
  expect((await read(text, { parameters: { P: value } })).seed.Keys![0]!.Description).toBe(value);
});

test.each(['List<AWS::EC2::Subnet::Id>', 'AWS::SSM::Parameter::Value<CommaDelimitedList>'])(
  'a parameter of type %s is a list',
  async (type) => {
    const text = `Parameters: {P: {Type: '${type}'}}\n${key("{Description: !Join ['+', !Ref P]}")}`;
    expect((await read(text, { parameters: { P: 'a, b' } })).seed.Keys![0]!.Description).toBe('a+b');
  },
);

test('a file whose name cannot be one of a stack needs a name', async () => {
  await expect(read(key('{}'), { name: '0.yaml' })).rejects.toThrow("'0' cannot be the name of a stack");
  expect((await read(key('{}'), { name: 'dir/My.template.json' })).stack?.name).toBe('My');
});
