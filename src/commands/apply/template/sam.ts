/**
 * Roles that AWS SAM makes for functions (AWS SAM Developer Guide, "Generated CloudFormation resources for
 * AWS::Serverless::Function" and "Policy template list").
 */
import { keyArn, type Home } from '../../../model/arn.ts';
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { placeOf, refuse } from './place.ts';
import type { SkippedPart } from './skipped.ts';

const FUNCTION = 'AWS::Serverless::Function';
const BASIC = 'service-role/AWSLambdaBasicExecutionRole';

/** Policy templates about KMS: the action that each allows on the key in KeyId. */
const POLICY_TEMPLATES: { readonly [name: string]: string } = {
  KMSDecryptPolicy: 'kms:Decrypt',
  KMSEncryptPolicy: 'kms:Encrypt',
};

export interface GeneratedRoles {
  /** Logical ID to resource, as a template has them. */
  readonly resources: JsonObject;
  readonly skipped: readonly SkippedPart[];
}

export function generatedRoles(template: JsonObject, resources: JsonObject, home: Home): GeneratedRoles {
  const skipped: SkippedPart[] = [];
  const globals = isObject(template['Globals']) ? template['Globals']['Function'] : undefined;
  const roles: { [logicalId: string]: unknown } = {};
  for (const [logicalId, resource] of Object.entries(resources)) {
    if (!isObject(resource) || resource['Type'] !== FUNCTION) continue;
    const properties = {
      ...(isObject(globals) ? globals : {}),
      ...(isObject(resource['Properties']) ? resource['Properties'] : {}),
    };
    if (properties['Role'] !== undefined) continue;
    const { Policies, AssumeRolePolicyDocument, PermissionsBoundary, RolePath } = properties;
    const read = policiesOf(Policies, { role: `${logicalId}Role`, home });
    skipped.push(...read.skipped);
    roles[`${logicalId}Role`] = {
      Type: 'AWS::IAM::Role',
      ...(resource['Condition'] === undefined ? {} : { Condition: resource['Condition'] }),
      Properties: {
        AssumeRolePolicyDocument: AssumeRolePolicyDocument ?? TRUST,
        ManagedPolicyArns: [awsPolicy(BASIC), ...read.arns],
        Policies: read.inline,
        ...(PermissionsBoundary === undefined ? {} : { PermissionsBoundary }),
        ...(RolePath === undefined ? {} : { Path: RolePath }),
      },
    };
  }
  return { resources: roles, skipped };
}

const VERSION = '2012-10-17';
const TRUST = {
  Version: VERSION,
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

const awsPolicy = (name: string): JsonObject => ({ 'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/${name}` });

interface RoleHome {
  readonly role: string;
  readonly home: Home;
}

interface FunctionPolicies {
  readonly arns: readonly unknown[];
  readonly inline: readonly JsonObject[];
  readonly skipped: readonly SkippedPart[];
}

/** One or several: the name or ARN of a managed policy, a policy, or a policy template. */
function policiesOf(given: unknown, { role, home }: RoleHome): FunctionPolicies {
  const arns: unknown[] = [];
  const inline: JsonObject[] = [];
  const skipped: SkippedPart[] = [];
  for (const policy of Array.isArray(given) ? given : given === undefined ? [] : [given]) {
    const PolicyName = `${role}Policy${inline.length}`;
    if (typeof policy === 'string') arns.push(policy.startsWith('arn:') ? policy : awsPolicy(policy));
    else if (!isObject(policy))
      refuse(placeOf(`Resources.${role.slice(0, -'Role'.length)}`), 'a policy is not an object');
    else if (policy['Statement'] !== undefined) {
      inline.push({ PolicyName, PolicyDocument: { Version: VERSION, ...policy } });
    } else {
      const [[name, argument] = ['', undefined]] = Object.entries(policy);
      const action = Object.hasOwn(POLICY_TEMPLATES, name) ? POLICY_TEMPLATES[name] : undefined;
      if (action === undefined && (name === 'Ref' || name.startsWith('Fn::'))) arns.push(policy);
      else if (action === undefined || !isObject(argument)) {
        skipped.push({ name: role, reason: `policy template ${name}: it is not about KMS` });
      } else {
        const Resource = { 'Fn::Sub': [keyArn(home, '${KeyId}'), { KeyId: argument['KeyId'] }] };
        inline.push({
          PolicyName,
          PolicyDocument: { Version: VERSION, Statement: [{ Effect: 'Allow', Action: action, Resource }] },
        });
      }
    }
  }
  return { arns, inline, skipped };
}
