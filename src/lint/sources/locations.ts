/** Where policies are in templates, plans and answers of AWS: by type of resource, else by their looks. */
import type { JsonPath } from '../../policy/text-place.ts';
import type { LintKind } from '../core/settings.ts';
import { LABELS } from './hcl-source.ts';
import { memberOf, textOf, type SourceNode } from './source-node.ts';

export interface FoundPolicy {
  readonly steps: JsonPath;
  /** A policy, or the text of one. */
  readonly node: SourceNode;
  /** Absent: by its content. */
  readonly kind: LintKind | undefined;
  /** Made by Terraform: what is changed there is lost. */
  readonly isOutput?: true;
}

/** `*`: every item of a list, or the value itself. */
type Row = readonly [type: string, path: string, kind: LintKind];

/** AWS CloudFormation Template Reference; AWS Serverless Application Model resource reference. */
const CLOUDFORMATION: readonly Row[] = [
  ['AWS::KMS::Key', 'KeyPolicy', 'key'],
  ['AWS::KMS::ReplicaKey', 'KeyPolicy', 'key'],
  ['AWS::IAM::Role', 'Policies.*.PolicyDocument', 'identity'],
  ['AWS::IAM::Role', 'AssumeRolePolicyDocument', 'trust'],
  ['AWS::IAM::User', 'Policies.*.PolicyDocument', 'identity'],
  ['AWS::IAM::Group', 'Policies.*.PolicyDocument', 'identity'],
  ['AWS::IAM::Policy', 'PolicyDocument', 'identity'],
  ['AWS::IAM::ManagedPolicy', 'PolicyDocument', 'identity'],
  ['AWS::IAM::RolePolicy', 'PolicyDocument', 'identity'],
  ['AWS::IAM::UserPolicy', 'PolicyDocument', 'identity'],
  ['AWS::IAM::GroupPolicy', 'PolicyDocument', 'identity'],
  ['AWS::EC2::VPCEndpoint', 'PolicyDocument', 'endpoint'],
  ['AWS::Serverless::Function', 'Policies.*', 'identity'],
  ['AWS::Serverless::Function', 'AssumeRolePolicyDocument', 'trust'],
  ['AWS::Serverless::StateMachine', 'Policies.*', 'identity'],
];

/** Terraform Registry, hashicorp/aws. */
const TERRAFORM: readonly Row[] = [
  ['aws_kms_key', 'policy', 'key'],
  ['aws_kms_replica_key', 'policy', 'key'],
  ['aws_kms_external_key', 'policy', 'key'],
  ['aws_kms_replica_external_key', 'policy', 'key'],
  ['aws_kms_key_policy', 'policy', 'key'],
  ['aws_iam_policy', 'policy', 'identity'],
  ['aws_iam_role', 'inline_policy.*.policy', 'identity'],
  ['aws_iam_role', 'assume_role_policy', 'trust'],
  ['aws_iam_role_policy', 'policy', 'identity'],
  ['aws_iam_user_policy', 'policy', 'identity'],
  ['aws_iam_group_policy', 'policy', 'identity'],
  ['aws_vpc_endpoint', 'policy', 'endpoint'],
  ['aws_vpc_endpoint_policy', 'policy', 'endpoint'],
];

/** Undefined: the file is none of the forms that hold policies in places of their own. */
export function knownLocations(root: SourceNode): readonly FoundPolicy[] | undefined {
  const resources = memberOf(root, 'Resources');
  if (resources?.kind === 'object' && resources.members.some(({ value }) => memberOf(value, 'Type')))
    return resources.members.flatMap(({ name, value }) =>
      atType(CLOUDFORMATION, textOf(memberOf(value, 'Type')), {
        node: memberOf(value, 'Properties'),
        steps: ['Resources', name, 'Properties'],
      }),
    );
  if (memberOf(root, 'terraform_version') || memberOf(root, 'format_version'))
    return inTerraform(root).map((found) => Object.assign({ isOutput: true as const }, found));
  return undefined;
}

interface Place {
  readonly node: SourceNode | undefined;
  readonly steps: JsonPath;
}

function atType(rows: readonly Row[], type: string | undefined, place: Place): readonly FoundPolicy[] {
  return rows.flatMap(([wanted, path, kind]) =>
    wanted === type ? at(place, path.split('.')).map(({ node, steps }) => ({ node: node!, steps, kind })) : [],
  );
}

function at({ node, steps }: Place, [step, ...rest]: readonly string[]): readonly Place[] {
  if (!node) return [];
  if (step === undefined) return [{ node, steps }];
  if (step !== '*') {
    const own = node.kind === 'object' ? node.members.filter(({ name }) => name === step) : [];
    return own.flatMap(({ value }) => at({ node: value, steps: [...steps, step] }, rest));
  }
  if (node.kind !== 'array') return at({ node, steps }, rest);
  return node.items.flatMap((item, index) => at({ node: item, steps: [...steps, index] }, rest));
}

/** `terraform show -json` of a plan (what is to be) or of a state; a state file. Not what was, nor the same twice. */
function inTerraform(root: SourceNode): readonly FoundPolicy[] {
  const name = ['planned_values', 'values'].find((member) => memberOf(root, member));
  if (name !== undefined)
    return inModule({ node: memberOf(memberOf(root, name), 'root_module'), steps: [name, 'root_module'] });
  return at({ node: memberOf(root, 'resources'), steps: ['resources'] }, ['*']).flatMap(({ node, steps }) =>
    at({ node, steps }, ['instances', '*', 'attributes']).flatMap((place) =>
      atType(TERRAFORM, textOf(memberOf(node, 'type')), place),
    ),
  );
}

function inModule(module: Place): readonly FoundPolicy[] {
  const own = at(module, ['resources', '*']).flatMap(({ node, steps }) =>
    atType(TERRAFORM, textOf(memberOf(node, 'type')), { node: memberOf(node, 'values'), steps: [...steps, 'values'] }),
  );
  return [...own, ...at(module, ['child_modules', '*']).flatMap(inModule)];
}

/** Blocks `resource "aws_kms_key" "app"` of a Terraform file, and policies elsewhere in it. */
export function inHcl(root: SourceNode): readonly FoundPolicy[] {
  const members = root.kind === 'object' ? root.members : [];
  return members.flatMap(({ name, value }) => {
    const labels = memberOf(value, LABELS);
    const [type, label] = labels?.kind === 'array' ? labels.items.map(textOf) : [];
    const steps = [name, ...[type, label].filter((one) => one !== undefined)];
    if (name === 'resource' && type !== undefined && TERRAFORM.some(([own]) => own === type))
      return atType(TERRAFORM, type, { node: value, steps });
    return name === 'resource' && /policy/.test(type ?? '') ? [] : byLooks(value, steps);
  });
}

/** Policies wherever they are, as objects or texts: answers of AWS, manifests of controllers. */
export function byLooks(node: SourceNode, steps: JsonPath = []): readonly FoundPolicy[] {
  if (looksLikePolicy(node)) return [{ node, steps, kind: undefined }];
  if (node.kind === 'object')
    return node.members.flatMap(({ name, value }) => byLooks(value, name === LABELS ? steps : [...steps, name]));
  return node.kind === 'array' ? node.items.flatMap((item, index) => byLooks(item, [...steps, index])) : [];
}

function looksLikePolicy(node: SourceNode): boolean {
  if (node.kind === 'string') {
    const [first] = node.pieces;
    if (!first || !('text' in first) || !/^\s*\{/.test(first.text)) return false;
    return node.pieces.some((piece) => 'text' in piece && /\bStatement\b/.test(piece.text));
  }
  const statement = memberOf(node, 'Statement');
  const [one] = statement?.kind === 'array' ? statement.items : [statement];
  return memberOf(one, 'Effect') !== undefined;
}
