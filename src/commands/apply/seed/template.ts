/**
 * The KMS resources of a CloudFormation template as a seed. A key's ID is derived from its logical ID, so that applying the
 * template again finds the key.
 */
import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { type Home, keyArn, parseArn, partitionOf } from '../../../model/arn.ts';
import { EnvironmentError } from '../../../model/error.ts';

interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
}

export function seedOfTemplate(template: JsonObject, place: Home): unknown {
  const resources = Object.entries(template['Resources'] as JsonObject).flatMap(
    ([logicalId, raw]): TemplateResource[] => {
      if (!isObject(raw)) return [];
      return [
        { logicalId, type: String(raw['Type']), properties: isObject(raw['Properties']) ? raw['Properties'] : {} },
      ];
    },
  );
  const scope: Scope = { place, parameters: defaultsOf(template['Parameters']), resources };
  const of = (type: string): readonly TemplateResource[] => resources.filter((resource) => resource.type === type);
  const aliases = of('AWS::KMS::Alias').map(({ properties }) => resolve(properties, scope) as JsonObject);
  const named = (keyId: string): readonly unknown[] =>
    aliases
      .filter(({ TargetKeyId: target }) => typeof target === 'string' && target.split('/').at(-1) === keyId)
      .map(({ AliasName }) => AliasName);
  const replicas = of('AWS::KMS::ReplicaKey');
  const keys = of('AWS::KMS::Key').concat(replicas);
  return { Keys: keys.map((resource) => seedOfKey(resource, scope, named)) };
}

/** Properties that only concern templates: deletion, checks at creation, and the kind of ID. */
const ASIDE = new Set(['PendingWindowInDays', 'BypassPolicyLockoutSafetyCheck', 'MultiRegion', 'Origin']);

function seedOfKey(
  resource: TemplateResource,
  scope: Scope,
  aliasesOf: (keyId: string) => readonly unknown[],
): JsonObject {
  const {
    KeyPolicy,
    Tags,
    PrimaryKeyArn,
    Origin = 'AWS_KMS',
    ...rest
  } = resolve(resource.properties, scope) as JsonObject;
  if (Origin !== 'AWS_KMS') {
    throw new EnvironmentError(`${resource.logicalId}: only keys with origin AWS_KMS are supported in templates`);
  }
  const keyId = keyIdOf(resource, scope);
  const seed: { [name: string]: unknown } = Object.fromEntries(
    Object.entries(rest).filter(([name]) => !ASIDE.has(name)),
  );
  if (KeyPolicy !== undefined) seed['Policy'] = KeyPolicy;
  if (typeof PrimaryKeyArn === 'string') seed['PrimaryRegion'] = parseArn(PrimaryKeyArn)?.region;
  if (Array.isArray(Tags)) seed['Tags'] = Tags.map(({ Key, Value }: JsonObject) => ({ TagKey: Key, TagValue: Value }));
  return { ...seed, KeyId: keyId, Region: scope.place.region, Aliases: aliasesOf(keyId) };
}

interface Scope {
  readonly place: Home;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly resources: readonly TemplateResource[];
}

function defaultsOf(parameters: unknown): ReadonlyMap<string, unknown> {
  const named = Object.entries(isObject(parameters) ? parameters : {});
  return new Map(named.map(([name, row]) => [name, isObject(row) ? row['Default'] : undefined]));
}

/** The digits of a hash, in the form of a key ID; a replica has its primary key's. */
function keyIdOf({ logicalId, type, properties }: TemplateResource, scope: Scope): string {
  if (type === 'AWS::KMS::ReplicaKey') return String(resolve(properties['PrimaryKeyArn'], scope)).split('/').at(-1)!;
  const { account, region } = scope.place;
  const digits = createHash('sha256').update(`${account}/${region}/${logicalId}`).digest('hex');
  if (properties['MultiRegion'] === true) return `mrk-${digits.slice(0, 32)}`;
  const [a, b, c, d, e] = [0, 8, 12, 16, 20].map((at, index) => digits.slice(at, [8, 12, 16, 20, 32][index]));
  return `${a}-${b}-4${c!.slice(1)}-8${d!.slice(1)}-${e}`;
}

function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (!isObject(value)) return value;
  const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
  const intrinsic = more.length === 0 && Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (intrinsic) return intrinsic(argument, scope);
  if (name.startsWith('Fn::')) throw new EnvironmentError(`the template function ${name} is not supported`);
  return Object.fromEntries(Object.entries(value).map(([member, item]) => [member, resolve(item, scope)]));
}

const FUNCTIONS: { readonly [name: string]: (argument: unknown, scope: Scope) => unknown } = {
  Ref: (argument, scope) => reference(String(argument), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return attributeOf(logicalId!, attribute!, scope);
  },
  'Fn::Sub': (argument, scope) => {
    const [text, own] = Array.isArray(argument) ? argument : [argument, {}];
    const values = resolve(own, scope) as JsonObject;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(values, name)) return String(values[name]);
      const [logicalId, attribute] = name.split('.');
      return String(attribute ? attributeOf(logicalId!, attribute, scope) : reference(name, scope));
    });
  },
  'Fn::Join': (argument, scope) => {
    const [separator, items] = argument as [string, unknown];
    return (resolve(items, scope) as readonly unknown[]).map(String).join(separator);
  },
};

function reference(name: string, scope: Scope): unknown {
  const { account, region } = scope.place;
  const pseudo: { readonly [name: string]: string } = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': partitionOf(region),
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'stack',
  };
  if (Object.hasOwn(pseudo, name)) return pseudo[name];
  if (scope.parameters.get(name) !== undefined) return scope.parameters.get(name);
  const resource = scope.resources.find(({ logicalId }) => logicalId === name);
  if (resource?.type === 'AWS::KMS::Alias') return resolve(resource.properties['AliasName'], scope);
  if (resource?.type.startsWith('AWS::KMS::')) return keyIdOf(resource, scope);
  throw new EnvironmentError(`the template refers to ${name}, whose value is not known`);
}

function attributeOf(logicalId: string, attribute: string, scope: Scope): string {
  const resource = scope.resources.find((one) => one.logicalId === logicalId);
  if (!resource?.type.startsWith('AWS::KMS::') || (attribute !== 'Arn' && attribute !== 'KeyId')) {
    throw new EnvironmentError(`the template refers to ${logicalId}.${attribute}, whose value is not known`);
  }
  const keyId = keyIdOf(resource, scope);
  return attribute === 'KeyId' ? keyId : keyArn(scope.place, keyId);
}
