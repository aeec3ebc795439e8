/** AWS::KMS resources of a template as keys and aliases of a seed. */
import type { JsonObject } from '../../../model/json-object.ts';
import { refuseProperties, switchOf, listOf, numberOf } from './properties.ts';
import type { TemplateResource } from './declaration.ts';
import { apiTags, type ParsedTemplate } from './resources.ts';

const KEY_PROPERTIES = [
  'BypassPolicyLockoutSafetyCheck',
  'Description',
  'EnableKeyRotation',
  'Enabled',
  'KeyPolicy',
  'KeySpec',
  'KeyUsage',
  'MultiRegion',
  'Origin',
  'PendingWindowInDays',
  'RotationPeriodInDays',
  'Tags',
];
const REPLICA_PROPERTIES = ['Description', 'Enabled', 'KeyPolicy', 'PendingWindowInDays', 'PrimaryKeyArn', 'Tags'];
const ALIAS_PROPERTIES = ['AliasName', 'TargetKeyId'];

/** PendingWindowInDays is about the deletion of the stack; MultiRegion is in the key's ID. */
export function keyOf(template: ParsedTemplate, resource: TemplateResource): JsonObject {
  const isReplica = resource.type === 'AWS::KMS::ReplicaKey';
  refuseProperties(resource, isReplica ? REPLICA_PROPERTIES : KEY_PROPERTIES);
  const of = (name: string): unknown => template.property(resource, name);
  const tags = of('Tags');
  return {
    KeyId: template.keyId(resource),
    Region: template.stack.home.region,
    PrimaryRegion: isReplica ? template.primaryKey(resource).region : undefined,
    Description: of('Description'),
    KeySpec: of('KeySpec'),
    KeyUsage: of('KeyUsage'),
    Origin: of('Origin'),
    Policy: of('KeyPolicy'),
    Enabled: switchOf(template, resource, 'Enabled'),
    EnableKeyRotation: switchOf(template, resource, 'EnableKeyRotation'),
    RotationPeriodInDays: numberOf(template, resource, 'RotationPeriodInDays'),
    BypassPolicyLockoutSafetyCheck: switchOf(template, resource, 'BypassPolicyLockoutSafetyCheck'),
    Tags: tags === undefined ? undefined : apiTags(listOf(template, resource, 'Tags')),
  };
}

export function aliasOf(template: ParsedTemplate, resource: TemplateResource): JsonObject {
  refuseProperties(resource, ALIAS_PROPERTIES);
  return {
    AliasName: template.property(resource, 'AliasName'),
    TargetKeyId: template.property(resource, 'TargetKeyId'),
    Region: template.stack.home.region,
  };
}
