/** What values a parameter of a template takes (AWS CloudFormation User Guide, "CloudFormation template Parameters syntax"). */
import { createContext, Script } from 'node:vm';
import type { JsonObject } from '../../../model/json-object.ts';
import { asText } from './evaluate.ts';
import { refuse, type TemplatePlace } from './place.ts';

export const PARAMETER_MEMBERS =
  'AllowedPattern AllowedValues ConstraintDescription Default Description MaxLength MaxValue MinLength MinValue NoEcho Type';

/** Those of CloudFormation itself, of AWS resources, and of parameters in Systems Manager. */
const TYPE =
  /^(?:String|Number|List<Number>|CommaDelimitedList|List<AWS::[\w:]+>|AWS::(?:[\w:]+|SSM::Parameter::Value<[\w:<>]+>))$/;
const LIST = /^(?:CommaDelimitedList$|(?:AWS::SSM::Parameter::Value<)?(?:List<|CommaDelimitedList>))/;
const NUMBERS = new Set(['Number', 'List<Number>']);

export interface ParameterType {
  readonly name: string;
  readonly isList: boolean;
}

export function parameterType(value: unknown, at: TemplatePlace): ParameterType {
  if (typeof value !== 'string') return refuse(at, 'expected a Type');
  return TYPE.test(value) ? { name: value, isList: LIST.test(value) } : refuse(at, `unknown parameter type ${value}`);
}

/** The messages, which do not have the value since it could be a secret, are those of CloudFormation. */
export function checkConstraints(value: string | readonly string[], parameter: JsonObject, at: TemplatePlace): void {
  const { Type, AllowedValues, AllowedPattern, ConstraintDescription } = parameter;
  const fails = (rule: string): never =>
    refuse(at, `the value ${typeof ConstraintDescription === 'string' ? ConstraintDescription : rule}`);
  const limit = (name: string): number | undefined => {
    const given = asText(parameter[name]);
    if (given === undefined) return undefined;
    const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : Number.NaN;
    return Number.isFinite(number) ? number : refuse(at, `expected a number as ${name}`);
  };
  const [minLength, maxLength, minValue, maxValue] = ['MinLength', 'MaxLength', 'MinValue', 'MaxValue'].map(limit);
  if (AllowedValues !== undefined && !Array.isArray(AllowedValues)) refuse(at, 'expected a list as AllowedValues');
  const allowed = (AllowedValues as readonly unknown[] | undefined)?.map(asText);
  if (AllowedPattern !== undefined && typeof AllowedPattern !== 'string') {
    refuse(at, 'expected a string as AllowedPattern');
  }
  for (const one of typeof value === 'string' ? [value] : value) {
    if (allowed && !allowed.includes(one)) fails(`must be one of ${allowed.join(', ')}`);
    if (NUMBERS.has(String(Type)) && !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(one))
      fails('must be a number');
    if (minLength !== undefined && one.length < minLength) fails(`must contain at least ${minLength} characters`);
    if (maxLength !== undefined && one.length > maxLength) fails(`must contain at most ${maxLength} characters`);
    if (minValue !== undefined && !(Number(one) >= minValue)) fails(`must be a number not less than ${minValue}`);
    if (maxValue !== undefined && !(Number(one) <= maxValue)) fails(`must be a number not greater than ${maxValue}`);
  }
  const all = typeof value === 'string' ? [value] : value;
  if (typeof AllowedPattern === 'string' && !allMatch(all, AllowedPattern, at)) {
    fails(`must match pattern ${AllowedPattern}`);
  }
}

const PATTERN_MS = 1000;
/** The value of the last expression is that of the script; with the flag u if the pattern is valid with it. */
const MATCH =
  'let r; try { r = new RegExp(p, "u") } catch { r = new RegExp(p) } JSON.parse(v).every((one) => r.test(one))';

/** The template's own pattern could take for ever, so it has a time limit. */
function allMatch(values: readonly string[], pattern: string, at: TemplatePlace): boolean {
  const context = createContext({ p: `^(?:${pattern})$`, v: JSON.stringify(values) });
  try {
    return new Script(MATCH).runInContext(context, { timeout: PATTERN_MS }) === true;
  } catch (error) {
    const isSlow = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
    return refuse(
      at,
      isSlow ? 'AllowedPattern takes too long' : 'AllowedPattern is not a regular expression of JavaScript',
    );
  }
}
