/** The parts of a template and of its resources: one that is not known here could be one that restricts. */
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { placeOf, refuse, type TemplatePlace } from './place.ts';

/** AWS CloudFormation User Guide, "Template sections"; Globals: AWS SAM Developer Guide, "AWS SAM template anatomy". */
const SECTIONS =
  'AWSTemplateFormatVersion Conditions Description Globals Hooks Mappings Metadata Outputs Parameters Resources Rules Transform';

/** AWS CloudFormation Template Reference, "Resource attribute reference"; Connectors and IgnoreGlobals are of AWS SAM. */
const RESOURCE_MEMBERS =
  'Condition Connectors CreationPolicy DeletionPolicy DependsOn IgnoreGlobals Metadata Properties Type UpdatePolicy UpdateReplacePolicy';

/** AWS CloudFormation Template Reference, "Transform reference": those that change nothing of what is made here. */
const TRANSFORMS: ReadonlySet<unknown> = new Set([
  'AWS::CodeDeployBlueGreen',
  'AWS::LanguageExtensions',
  'AWS::SecretsManager-2020-07-23',
  'AWS::SecretsManager-2024-09-16',
  'AWS::Serverless-2016-10-31',
]);

/** @throws EnvironmentError for a section that is not known, and a transform that could change policies */
export function checkSections(template: JsonObject): void {
  checkMembers(template, SECTIONS, placeOf('the template'));
  const { Transform } = template;
  const transforms = Transform === undefined ? [] : Array.isArray(Transform) ? Transform : [Transform];
  const unknown: unknown = transforms.find((transform) => !TRANSFORMS.has(transform));
  if (unknown === undefined) return;
  const name = isObject(unknown) ? unknown['Name'] : unknown;
  refuse(placeOf('Transform'), `the transform ${String(name)} is not supported`, [
    'apply the processed template: aws cloudformation get-template --template-stage Processed',
  ]);
}

export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly condition: string | undefined;
  readonly dependsOn: readonly string[];
  /** Of its properties. */
  readonly at: TemplatePlace;
}

/** The pattern of logical IDs (AWS CloudFormation User Guide, "Resources"). */
const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;

export function readResource(logicalId: string, raw: unknown): TemplateResource {
  const at = placeOf(`Resources.${logicalId}`);
  if (logicalId.startsWith('Fn::')) refuse(at, 'the function Fn::ForEach is not supported');
  if (!LOGICAL_ID.test(logicalId)) refuse(at, 'a logical ID has letters and digits only');
  if (!isObject(raw)) return refuse(at, 'expected an object');
  checkMembers(raw, RESOURCE_MEMBERS, at);
  const { Type, Properties = {}, Condition, DependsOn = [] } = raw;
  const inAttribute = (name: string): TemplatePlace => placeOf(`${at.path}.${name}`);
  return {
    logicalId,
    at: inAttribute('Properties'),
    type: typeof Type === 'string' ? Type : refuse(at, 'expected a resource with a Type'),
    properties: isObject(Properties) ? Properties : refuse(inAttribute('Properties'), 'expected an object'),
    condition:
      Condition === undefined || typeof Condition === 'string'
        ? Condition
        : refuse(inAttribute('Condition'), 'expected the name of a condition'),
    dependsOn: (Array.isArray(DependsOn) ? DependsOn : [DependsOn]).map((one: unknown) =>
      typeof one === 'string' ? one : refuse(inAttribute('DependsOn'), 'expected a logical ID'),
    ),
  };
}

/** @param known separated by blanks */
export function checkMembers(value: JsonObject, known: string, at: TemplatePlace): void {
  const names = known.split(' ');
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) refuse(at, `unknown member ${unknown}`, [`members there: ${names.join(', ')}`]);
}
