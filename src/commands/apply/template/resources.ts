/** The resources of a template that are made, and what references to them stand for. */
import { arnText, keyArn, parseArn, partitionOf } from '../../../model/arn.ts';
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { checkSections, readResource, type TemplateResource } from './declaration.ts';
import { refuseCycles } from './dependencies.ts';
import { evaluate, isTrue, NO_VALUE, type Scope } from './evaluate.ts';
import { readLocalstackTags } from './localstack-tags.ts';
import { parameterValues, pseudoParameters } from './parameters.ts';
import { below, EvaluationBudget, placeOf, refuse, type TemplatePlace } from './place.ts';
import { generatedRoles } from './sam.ts';
import type { SkippedPart } from './skipped.ts';
import { keyIdIn, physicalName, type Stack, type StackOptions } from './stack.ts';

export interface TemplateOptions extends StackOptions {
  readonly stack: Stack;
}

const objectAt = (value: unknown, path: string): JsonObject =>
  value === undefined ? {} : isObject(value) ? value : refuse(placeOf(path), 'expected an object');

/** Of a property that refers to a resource, whose name refers to another one, and so on. */
export const MAX_CHAIN = 100;

/** A template with the values of its parameters. */
export class ParsedTemplate implements Scope {
  readonly budget = new EvaluationBudget();
  readonly mappings: JsonObject;
  readonly imports: { readonly [name: string]: string };
  readonly stack: Stack;
  /** Those whose condition holds. */
  readonly resources: ReadonlyMap<string, TemplateResource>;
  /** Logical ID to the condition that does not hold. */
  readonly withoutCondition: ReadonlyMap<string, string>;
  /** Parts of resources that have no effect here. */
  readonly skipped: readonly SkippedPart[];
  /** The names of those that assert something of parameters. */
  readonly rules: readonly string[];
  /** Logical ID of a resource that is not made here to the attributes for which values were made up. */
  readonly madeUp = new Map<string, Set<string>>();
  readonly #conditions: JsonObject;
  readonly #parameters: ReadonlyMap<string, (at: TemplatePlace) => unknown>;
  readonly #pseudo: ReadonlyMap<string, unknown>;
  readonly #usesLocalstackTags: boolean;
  #chain = 0;
  /** Each value is found once; one that is looked for while it is being found depends on itself. */
  readonly #found = new Map<string, { readonly value: unknown } | 'in progress'>();

  constructor(template: JsonObject, options: TemplateOptions) {
    const { stack, parameters = {}, imports = {}, localstackTags = false } = options;
    checkSections(template);
    this.stack = stack;
    this.imports = imports;
    this.mappings = objectAt(template['Mappings'], 'Mappings');
    this.rules = Object.keys(objectAt(template['Rules'], 'Rules'));
    this.#conditions = objectAt(template['Conditions'], 'Conditions');
    this.#parameters = parameterValues(objectAt(template['Parameters'], 'Parameters'), parameters);
    this.#pseudo = pseudoParameters(stack);
    this.#usesLocalstackTags = localstackTags;
    const resources = new Map<string, TemplateResource>();
    const withoutCondition = new Map<string, string>();
    this.resources = resources;
    this.withoutCondition = withoutCondition;
    const declared = objectAt(template['Resources'], 'Resources');
    const generated = generatedRoles(template, declared, stack.home);
    this.skipped = generated.skipped;
    for (const [logicalId, raw] of Object.entries({ ...generated.resources, ...declared })) {
      const resource = readResource(logicalId, raw);
      const { condition } = resource;
      if (condition === undefined || this.condition(condition, placeOf(`Resources.${logicalId}`))) {
        resources.set(logicalId, resource);
      } else withoutCondition.set(logicalId, condition);
    }
    // a transform makes resources of its own
    if (template['Transform'] === undefined) this.#refuseUnresolved();
    refuseCycles(this);
  }

  condition(name: string, at: TemplatePlace): boolean {
    if (!Object.hasOwn(this.#conditions, name)) return refuse(at, `the template has no condition ${name}`);
    const place = placeOf(`Conditions.${name}`);
    return this.#once(place.path, at, () => isTrue(this.#conditions[name], this.#withoutResources, place));
  }

  /** Of conditions: whether a resource is there can depend on them. */
  get #withoutResources(): Scope {
    const refused = (name: string, at: TemplatePlace): never =>
      refuse(at, `the template has no parameter ${name}, and conditions cannot refer to resources`);
    return {
      budget: this.budget,
      mappings: this.mappings,
      imports: this.imports,
      condition: (name, at) => this.condition(name, at),
      attribute: (logicalId, _, at) => refused(logicalId, at),
      reference: (name, at) =>
        this.#pseudo.has(name) || this.#parameters.has(name) ? this.reference(name, at) : refused(name, at),
    };
  }

  reference(name: string, at: TemplatePlace): unknown {
    if (this.#pseudo.has(name)) return this.#pseudo.get(name);
    const parameter = this.#parameters.get(name);
    return parameter ? parameter(at) : this.#valueOf(this.#resource(name, at), 'Ref', at);
  }

  attribute(logicalId: string, attribute: string, at: TemplatePlace): unknown {
    return this.#valueOf(this.#resource(logicalId, at), attribute, at);
  }

  /** A property without functions; undefined if it is absent. */
  property({ properties, at }: TemplateResource, name: string): unknown {
    if (!Object.hasOwn(properties, name)) return undefined;
    const place = below(at, name);
    const value = this.#once(place.path, place, () => evaluate(properties[name], this, place));
    return value === NO_VALUE ? undefined : value;
  }

  /** A property that is a string; the resource's made-up name if it is absent. */
  name(resource: TemplateResource, property: string): string {
    const value = this.property(resource, property) ?? physicalName(this.stack, resource.logicalId);
    return typeof value === 'string' ? value : refuse(below(resource.at, property), 'expected a string');
  }

  /** The same each time; a replica has that of its primary key. */
  keyId(resource: TemplateResource): string {
    if (resource.type === 'AWS::KMS::ReplicaKey') return this.primaryKey(resource).keyId;
    const tags = this.property(resource, 'Tags');
    if (this.#usesLocalstackTags && Array.isArray(tags)) {
      const { keyId } = readLocalstackTags(apiTags(tags));
      if (typeof keyId === 'string') return keyId;
    }
    const multiRegion = String(this.property(resource, 'MultiRegion')) === 'true';
    return keyIdIn(this.stack, resource.logicalId, { multiRegion });
  }

  /** Of a replica. */
  primaryKey(resource: TemplateResource): { readonly keyId: string; readonly region: string } {
    const value = this.property(resource, 'PrimaryKeyArn');
    const arn = typeof value === 'string' ? parseArn(value) : undefined;
    const at = below(resource.at, 'PrimaryKeyArn');
    if (arn?.service !== 'kms' || !arn.resource.startsWith('key/')) return refuse(at, 'expected the ARN of a key');
    const { account, region } = this.stack.home;
    if (arn.account !== account || arn.partition !== partitionOf(region)) {
      return refuse(at, `a replica key is in the account and partition of its primary key, here ${account}`);
    }
    return { keyId: arn.resource.slice('key/'.length), region: arn.region };
  }

  /** @param kind of IAM: `role`, `user`, `group`, `policy` */
  iamArn(resource: TemplateResource, kind: IamKind): string {
    const path = this.property(resource, 'Path') ?? '/';
    const name = this.name(resource, IAM_NAMES[kind]);
    return this.arnOf('iam', `${kind}${typeof path === 'string' ? path : '/'}${name}`, { isGlobal: true });
  }

  arnOf(service: string, resource: string, { isGlobal = false }: { readonly isGlobal?: boolean } = {}): string {
    const { account, region } = this.stack.home;
    return arnText({ partition: partitionOf(region), service, region: isGlobal ? '' : region, account, resource });
  }

  #refuseUnresolved(): void {
    for (const { logicalId, dependsOn } of this.resources.values()) {
      const unknown = dependsOn.find((one) => !this.resources.has(one) && !this.withoutCondition.has(one));
      if (unknown === undefined) continue;
      refuse(placeOf(`Resources.${logicalId}.DependsOn`), `the template has no resource ${unknown}`);
    }
  }

  #resource(logicalId: string, at: TemplatePlace): TemplateResource {
    const found = this.resources.get(logicalId);
    if (found) return found;
    const condition = this.withoutCondition.get(logicalId);
    return condition === undefined
      ? refuse(at, `the template refers to ${logicalId}, which it does not have`)
      : refuse(at, `the template refers to ${logicalId}, whose condition ${condition} does not hold`);
  }

  #valueOf(resource: TemplateResource, attribute: string, at: TemplatePlace): unknown {
    const { type, logicalId } = resource;
    const known = Object.hasOwn(VALUES, type) ? VALUES[type]! : undefined;
    if (!known) return this.#madeUpValue(resource, attribute, at);
    const read = Object.hasOwn(known, attribute) ? known[attribute] : undefined;
    if (!read) return refuse(at, `the value of ${logicalId}.${attribute} is not known`);
    return this.#once(`the value of ${logicalId}.${attribute}`, at, () => read(this, resource));
  }

  /** Policies name resources of other services, which are not made here: what they name has a value of the right form. */
  #madeUpValue(resource: TemplateResource, attribute: string, at: TemplatePlace): string {
    const { type, logicalId } = resource;
    return this.#once(`the value of ${logicalId}.${attribute}`, at, () => {
      this.madeUp.set(logicalId, (this.madeUp.get(logicalId) ?? new Set()).add(attribute));
      const { name: property, arn } = (Object.hasOwn(FOREIGN, type) && FOREIGN[type]) || {};
      const name = property === undefined ? physicalName(this.stack, logicalId) : this.name(resource, property);
      if (attribute !== 'Arn' && !(attribute === 'Ref' && REF_IS_ARN.has(type))) {
        return attribute === 'Ref' ? name : `${name}-${attribute}`;
      }
      if (type === 'AWS::S3::Bucket') {
        return arnText({
          partition: partitionOf(this.stack.home.region),
          service: 's3',
          region: '',
          account: '',
          resource: name,
        });
      }
      const service = type.split('::')[1]?.toLowerCase() ?? 'custom';
      return this.arnOf(service, `${arn ?? ''}${name}`, { isGlobal: service === 'iam' });
    });
  }

  #once<T>(what: string, at: TemplatePlace, find: () => T): T {
    const found = this.#found.get(what);
    if (found === 'in progress') return refuse(at, `${what} depends on itself`);
    if (found) return found.value as T; // of the same kind: the text says of what it is the value
    if (this.#chain >= MAX_CHAIN) return refuse(at, `more than ${MAX_CHAIN} values follow from one another`);
    this.#found.set(what, 'in progress');
    this.#chain += 1;
    const value = find();
    this.#chain -= 1;
    this.#found.set(what, { value });
    return value;
  }
}

/** CloudFormation's tags as the API has them. */
export const apiTags = (tags: readonly unknown[]): readonly JsonObject[] =>
  tags.map((tag) => {
    const { Key, Value, ...rest } = isObject(tag) ? tag : {};
    return {
      TagKey: Key,
      TagValue: typeof Value === 'number' || typeof Value === 'boolean' ? String(Value) : Value,
      ...rest,
    };
  });

type IamKind = 'role' | 'user' | 'group' | 'policy';
const IAM_NAMES: { readonly [kind in IamKind]: string } = {
  role: 'RoleName',
  user: 'UserName',
  group: 'GroupName',
  policy: 'ManagedPolicyName',
};

type ReadValue = (template: ParsedTemplate, resource: TemplateResource) => unknown;
const keyValues: { readonly [attribute: string]: ReadValue } = {
  Ref: (template, resource) => template.keyId(resource),
  KeyId: (template, resource) => template.keyId(resource),
  Arn: (template, resource) => keyArn(template.stack.home, template.keyId(resource)),
};
const iamValues = (kind: IamKind): { readonly [attribute: string]: ReadValue } => ({
  Ref: (template, resource) => template.name(resource, IAM_NAMES[kind]),
  Arn: (template, resource) => template.iamArn(resource, kind),
});

/** What Ref and GetAtt of the resources that are made here return (AWS CloudFormation Template Reference, "Return values"). */
const VALUES: { readonly [type: string]: { readonly [attribute: string]: ReadValue } } = {
  'AWS::KMS::Key': keyValues,
  'AWS::KMS::ReplicaKey': keyValues,
  'AWS::KMS::Alias': { Ref: (template, resource) => template.property(resource, 'AliasName') },
  'AWS::IAM::Role': iamValues('role'),
  'AWS::IAM::User': iamValues('user'),
  'AWS::IAM::Group': iamValues('group'),
  'AWS::IAM::ManagedPolicy': {
    Ref: (template, resource) => template.iamArn(resource, 'policy'),
    PolicyArn: (template, resource) => template.iamArn(resource, 'policy'),
  },
  'AWS::IAM::Policy': { Ref: (template, resource) => template.property(resource, 'PolicyName') },
};

/** Other services' resources that policies often name: the property with the name, and what is before it in the ARN. */
const FOREIGN: { readonly [type: string]: { readonly name?: string; readonly arn?: string } } = {
  'AWS::S3::Bucket': { name: 'BucketName' },
  'AWS::SQS::Queue': { name: 'QueueName' },
  'AWS::SNS::Topic': { name: 'TopicName' },
  'AWS::DynamoDB::Table': { name: 'TableName', arn: 'table/' },
  'AWS::Lambda::Function': { name: 'FunctionName', arn: 'function:' },
  'AWS::Serverless::Function': { name: 'FunctionName', arn: 'function:' },
  'AWS::Logs::LogGroup': { name: 'LogGroupName', arn: 'log-group:' },
  'AWS::SecretsManager::Secret': { name: 'Name', arn: 'secret:' },
  'AWS::CloudTrail::Trail': { name: 'TrailName', arn: 'trail/' },
  'AWS::IAM::InstanceProfile': { name: 'InstanceProfileName', arn: 'instance-profile/' },
  'AWS::IAM::OIDCProvider': { arn: 'oidc-provider/' },
  'AWS::IAM::SAMLProvider': { name: 'Name', arn: 'saml-provider/' },
};
const REF_IS_ARN: ReadonlySet<string> = new Set([
  'AWS::SNS::Topic',
  'AWS::SecretsManager::Secret',
  'AWS::IAM::OIDCProvider',
  'AWS::IAM::SAMLProvider',
]);
