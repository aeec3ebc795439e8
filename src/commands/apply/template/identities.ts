/** AWS::IAM resources of a template as principals and managed policies of a seed. */
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { below, refuse } from './place.ts';
import { listOf, refuseProperties, textsOf } from './properties.ts';
import type { TemplateResource } from './declaration.ts';
import { apiTags, type ParsedTemplate } from './resources.ts';
import { STACK_TAG } from './stack.ts';

interface DraftPrincipal {
  readonly own: JsonObject;
  readonly groups: string[];
  readonly policies: unknown[];
  readonly managedPolicyArns: unknown[];
}

type PrincipalKind = 'role' | 'user' | 'group';

/** Principals of a template, by kind and name, as policies name them. */
export class Identities {
  readonly managedPolicies: JsonObject[] = [];
  readonly #template: ParsedTemplate;
  readonly #principals = new Map<string, DraftPrincipal>();

  constructor(template: ParsedTemplate) {
    this.#template = template;
  }

  /** Policies may come before the principals that they are attached to. */
  read(resources: readonly TemplateResource[]): void {
    for (const resource of resources) PRINCIPALS.get(resource.type)?.(this, resource);
    for (const resource of resources) ATTACHMENTS.get(resource.type)?.(this, resource);
  }

  get principals(): readonly JsonObject[] {
    return Array.from(this.#principals.values(), ({ own, groups, policies, managedPolicyArns }) => ({
      ...own,
      Groups: groups.length > 0 ? groups : undefined,
      Policies: policies,
      ManagedPolicyArns: managedPolicyArns,
    }));
  }

  add(kind: PrincipalKind, resource: TemplateResource, own: JsonObject): void {
    const template = this.#template;
    const draft: DraftPrincipal = {
      own: {
        Arn: template.iamArn(resource, kind),
        ...own,
        ...(kind === 'group'
          ? {}
          : { Tags: this.#tags(resource), PermissionsBoundary: this.of(resource, 'PermissionsBoundary') }),
      },
      groups: kind === 'user' ? [...textsOf(template, resource, 'Groups')] : [],
      policies: [...listOf(template, resource, 'Policies')],
      managedPolicyArns: [...listOf(template, resource, 'ManagedPolicyArns')],
    };
    const id = `${kind}/${String(draft.own['Arn']).split('/').at(-1)}`;
    if (this.#principals.has(id)) refuse(resource.at, `another resource of the template is the ${kind} with this name`);
    this.#principals.set(id, draft);
  }

  attach(resource: TemplateResource, add: (principal: DraftPrincipal) => void, names: Attached): void {
    const template = this.#template;
    for (const [kind, property] of names) {
      const one = property.endsWith('Name');
      const named = one ? [template.name(resource, property)] : textsOf(template, resource, property);
      for (const name of named) add(this.#named(kind, name));
    }
  }

  of(resource: TemplateResource, property: string): unknown {
    return this.#template.property(resource, property);
  }

  policyArn(resource: TemplateResource): string {
    return this.#template.iamArn(resource, 'policy');
  }

  users(resource: TemplateResource): readonly DraftPrincipal[] {
    return textsOf(this.#template, resource, 'Users').map((name) => this.#named('user', name));
  }

  /** One that the template does not have is the one of the keyring with that name. */
  #named(kind: PrincipalKind, name: string): DraftPrincipal {
    const id = `${kind}/${name}`;
    const known = this.#principals.get(id);
    if (known) return known;
    const own = { Arn: this.#template.arnOf('iam', id, { isGlobal: true }) };
    const made: DraftPrincipal = { own, groups: [], policies: [], managedPolicyArns: [] };
    this.#principals.set(id, made);
    return made;
  }

  #tags(resource: TemplateResource): JsonObject {
    const tags = apiTags(listOf(this.#template, resource, 'Tags'));
    return {
      ...Object.fromEntries(tags.map(({ TagKey, TagValue }) => [String(TagKey), TagValue])),
      [STACK_TAG]: this.#template.stack.name,
    };
  }
}

type Attached = readonly (readonly [kind: PrincipalKind, property: string])[];
type Read = (identities: Identities, resource: TemplateResource) => void;

const TRUST = 'AssumeRolePolicyDocument';

const PRINCIPALS: ReadonlyMap<string, Read> = new Map(
  Object.entries<Read>({
    'AWS::IAM::Role': (identities, resource) => {
      refuseProperties(
        resource,
        `RoleName Path Description MaxSessionDuration Policies ManagedPolicyArns PermissionsBoundary Tags ${TRUST}`.split(
          ' ',
        ),
      );
      identities.add('role', resource, { TrustPolicy: identities.of(resource, TRUST) });
    },
    'AWS::IAM::User': (identities, resource) => {
      refuseProperties(
        resource,
        'UserName Path LoginProfile Groups Policies ManagedPolicyArns PermissionsBoundary Tags'.split(' '),
      );
      identities.add('user', resource, {});
    },
    'AWS::IAM::Group': (identities, resource) => {
      refuseProperties(resource, 'GroupName Path Policies ManagedPolicyArns'.split(' '));
      identities.add('group', resource, {});
    },
  }),
);

const ALL: Attached = [
  ['role', 'Roles'],
  ['user', 'Users'],
  ['group', 'Groups'],
];

/** A policy that is embedded in principals. */
const inline =
  (names: Attached): Read =>
  (identities, resource) => {
    refuseProperties(resource, ['PolicyName', 'PolicyDocument', ...names.map(([, property]) => property)]);
    const policy = {
      PolicyName: identities.of(resource, 'PolicyName'),
      PolicyDocument: identities.of(resource, 'PolicyDocument'),
    };
    if (!isObject(policy.PolicyDocument)) refuse(below(resource.at, 'PolicyDocument'), 'expected a policy');
    identities.attach(resource, ({ policies }) => policies.push(policy), names);
  };

const ATTACHMENTS: ReadonlyMap<string, Read> = new Map(
  Object.entries<Read>({
    'AWS::IAM::Policy': inline(ALL),
    'AWS::IAM::RolePolicy': inline([['role', 'RoleName']]),
    'AWS::IAM::UserPolicy': inline([['user', 'UserName']]),
    'AWS::IAM::GroupPolicy': inline([['group', 'GroupName']]),
    'AWS::IAM::ManagedPolicy': (identities, resource) => {
      refuseProperties(resource, 'ManagedPolicyName Path Description PolicyDocument Roles Users Groups'.split(' '));
      const Arn = identities.policyArn(resource);
      identities.managedPolicies.push({ Arn, PolicyDocument: identities.of(resource, 'PolicyDocument') });
      identities.attach(resource, ({ managedPolicyArns }) => managedPolicyArns.push(Arn), ALL);
    },
    'AWS::IAM::UserToGroupAddition': (identities, resource) => {
      refuseProperties(resource, ['GroupName', 'Users']);
      const group = identities.of(resource, 'GroupName');
      const name = typeof group === 'string' ? group : refuse(below(resource.at, 'GroupName'), 'expected a string');
      for (const { groups } of identities.users(resource)) groups.push(name);
    },
  }),
);

export const isIdentityType = (type: string): boolean => PRINCIPALS.has(type) || ATTACHMENTS.has(type);
