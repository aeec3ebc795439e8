/** Parameters of a template, and the pseudo parameters. */
import { partitionOf } from '../../../model/arn.ts';
import { EnvironmentError } from '../../../model/error.ts';
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { checkMembers } from './declaration.ts';
import { asText, NO_VALUE } from './evaluate.ts';
import { checkConstraints, PARAMETER_MEMBERS, parameterType } from './parameter-constraint.ts';
import { placeOf, refuse, type TemplatePlace } from './place.ts';
import { stackId, type Stack } from './stack.ts';

type ParameterValue = (at: TemplatePlace) => unknown;

/** @throws EnvironmentError for a value of no parameter, one that is not allowed, and a parameter without value */
export function parameterValues(
  declared: JsonObject,
  given: { readonly [name: string]: string },
): ReadonlyMap<string, ParameterValue> {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  if (unknown.length > 0) {
    throw new EnvironmentError(`the template has no parameter ${unknown.join(', ')}`, [
      `its parameters: ${Object.keys(declared).join(', ') || 'none'}`,
    ]);
  }
  const values = new Map<string, ParameterValue>();
  const missing: string[] = [];
  for (const [name, parameter] of Object.entries(declared)) {
    const at = placeOf(`Parameters.${name}`);
    const members = isObject(parameter) ? parameter : refuse(at, 'expected an object');
    checkMembers(members, PARAMETER_MEMBERS, at);
    const type = parameterType(members['Type'], at);
    const value = asText(Object.hasOwn(given, name) ? given[name] : members['Default']);
    if (value === undefined) missing.push(name);
    else if (typeof value !== 'string') refuse(at, 'expected a string as Default');
    else if (type.name.startsWith('AWS::SSM::Parameter::Value') && !Object.hasOwn(given, name)) {
      // the default is the name of a parameter in Systems Manager
      values.set(name, (where) =>
        refuse(where, `the value of ${name}, a parameter in Systems Manager, is not known`, [
          `--parameters ${name}=VALUE`,
        ]),
      );
    } else {
      const read = type.isList ? value.split(',').map((item) => item.trim()) : value;
      checkConstraints(read, members, at);
      values.set(name, () => read);
    }
  }
  if (missing.length === 0) return values;
  throw new EnvironmentError(`parameters without a value: ${missing.join(', ')}`, [
    `--parameters ${missing.map((name) => `${name}=VALUE`).join(',')}`,
  ]);
}

/** AWS CloudFormation User Guide, "Get AWS values using pseudo parameters". */
export function pseudoParameters(stack: Stack): ReadonlyMap<string, unknown> {
  const { account, region } = stack.home;
  const partition = partitionOf(region);
  return new Map<string, unknown>([
    ['AWS::AccountId', account],
    ['AWS::Region', region],
    ['AWS::Partition', partition],
    ['AWS::URLSuffix', partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'],
    ['AWS::StackName', stack.name],
    ['AWS::StackId', stackId(stack)],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', NO_VALUE],
  ]);
}
