/** A CloudFormation template, also as the AWS CDK and SAM write them, as a seed. */
import type { Home } from '../../../model/arn.ts';
import type { JsonObject } from '../../../model/json-object.ts';
import { aliasOf, keyOf } from './keys.ts';
import { Identities, isIdentityType } from './identities.ts';
import type { TemplateResource } from './declaration.ts';
import { ParsedTemplate } from './resources.ts';
import type { SkippedPart } from './skipped.ts';
import { stackNameOf, type StackOptions } from './stack.ts';

export interface SeedOfTemplate {
  readonly seed: JsonObject;
  readonly skipped: readonly SkippedPart[];
  readonly stack: SeededStack;
}

export interface SeededStack {
  readonly name: string;
  /** Key ID to logical ID. */
  readonly keys: ReadonlyMap<string, string>;
}

interface TemplateFile extends StackOptions {
  readonly name: string;
  readonly home: Home;
}

export function seedOfTemplate(value: JsonObject, { name, home, ...options }: TemplateFile): SeedOfTemplate {
  const stackName = stackNameOf(name, options.stackName);
  const template = new ParsedTemplate(value, { ...options, stack: { name: stackName, home } });
  const resources = [...template.resources.values()];
  const of = (type: string): readonly TemplateResource[] => resources.filter((resource) => resource.type === type);
  const keys = [...of('AWS::KMS::Key'), ...of('AWS::KMS::ReplicaKey')];
  const identities = new Identities(template);
  identities.read(resources);
  const seed = {
    ManagedPolicies: identities.managedPolicies,
    Principals: identities.principals,
    Keys: keys.map((resource) => keyOf(template, resource)),
    Aliases: of('AWS::KMS::Alias').map((resource) => aliasOf(template, resource)),
  };
  const logicalIds = new Map(keys.map((resource) => [template.keyId(resource), resource.logicalId]));
  return { seed, skipped: skippedOf(template), stack: { name: stackName, keys: logicalIds } };
}

/** After everything else was evaluated: it says for what values were made up. */
function skippedOf(template: ParsedTemplate): readonly SkippedPart[] {
  const byCondition = Array.from(template.withoutCondition, ([name, condition]) => ({
    name,
    reason: `the condition ${condition} does not hold`,
  }));
  const others = [...template.resources.values()].filter(({ type }) => !isMade(type));
  const rules = template.rules.map((name) => ({ name, reason: 'rules of a template are not evaluated' }));
  return [
    ...template.skipped,
    ...rules,
    ...byCondition,
    ...others.map(({ logicalId, type }) => {
      const attributes = [...(template.madeUp.get(logicalId) ?? [])];
      const madeUp = attributes.length > 0 ? `; references to its ${attributes.join(', ')} have a placeholder` : '';
      return { name: logicalId, reason: `resources of type ${type} are not created${madeUp}` };
    }),
  ];
}

const isMade = (type: string): boolean =>
  type === 'AWS::KMS::Key' || type === 'AWS::KMS::ReplicaKey' || type === 'AWS::KMS::Alias' || isIdentityType(type);
