/** The policies in a file that holds other things too: templates, plans, Terraform files, manifests, answers of AWS. */
import { EnvironmentError } from '../../model/error.ts';
import { MAX_POLICY } from '../../policy/document.ts';
import { readJsonTree } from '../../policy/json-tree.ts';
import type { JsonPath } from '../../policy/text-place.ts';
import type { LintKind } from '../core/settings.ts';
import { kindOf } from '../lint.ts';
import { readTolerantly } from '../core/tolerant.ts';
import { hclSource } from './hcl-source.ts';
import { jsonSource } from './json-source.ts';
import { byLooks, inHcl, knownLocations, type FoundPolicy } from './locations.ts';
import { renderPolicy, type RenderedPolicy } from './rendered-policy.ts';
import type { SourceNode } from './source-node.ts';
import { yamlSources } from './yaml-source.ts';

export interface EmbeddedPolicy {
  readonly steps: JsonPath;
  readonly kind: LintKind;
  /** Twice if a value is unknown: a finding counts if it comes with both. */
  readonly choices: readonly RenderedPolicy[];
  /** Not where a value is unknown, nor in what Terraform made: what is changed there is lost. */
  readonly isFixable: boolean;
  /** The account that stands for the one of the deployment. */
  readonly account: string | undefined;
}

/** Policies of a file. */
const MAX_POLICIES = 2_000;

export interface PoliciesIn {
  readonly policies: readonly EmbeddedPolicy[];
  /** Where the file has an expression in place of a key policy: data.aws_iam_policy_document.key.json. */
  readonly elsewhere: readonly number[];
}

/**
 * @param name with its extension, which tells Terraform and YAML
 * @returns undefined for a file that is a policy, or a list of grants, as a whole
 */
export function policiesIn(
  text: string,
  { name, account }: { name: string; account: string | undefined },
): PoliciesIn | undefined {
  const found = foundIn(text, name);
  if (!found) return undefined;
  if (found.length > MAX_POLICIES) throw new EnvironmentError(`${name} has more than ${MAX_POLICIES} policies`);
  return {
    policies: found.flatMap((one) => embedded(one, text, { name, account })),
    elsewhere: found.flatMap(({ node, kind }) => (kind === 'key' && isElsewhere(node) ? [node.start] : [])),
  };
}

function foundIn(text: string, name: string): readonly FoundPolicy[] | undefined {
  if (/\.(?:tf|hcl|tofu)$/.test(name)) return inHcl(hclSource(text));
  if (/\.ya?ml$/.test(name)) return inYaml(text, name);
  const tree = readJsonTree(text);
  if (!('root' in tree))
    return /\.jsonc?$/.test(name) || /^\s*[[{"]/.test(text) ? undefined : perhapsInYaml(text, name);
  if (isPolicy(tree.root)) return undefined;
  const root = jsonSource(tree.root, text);
  const known = knownLocations(root);
  if (known) return known;
  const looks = byLooks(root);
  return looks.length > 0 ? looks : undefined;
}

const inYaml = (text: string, name: string): readonly FoundPolicy[] =>
  yamlSources(text, name).flatMap((root) => knownLocations(root) ?? byLooks(root));

/** A text that neither looks like JSON nor has an extension: it is YAML if that finds policies in it. */
function perhapsInYaml(text: string, name: string): readonly FoundPolicy[] | undefined {
  try {
    const found = inYaml(text, name);
    return found.length > 0 ? found : undefined;
  } catch (error) {
    if (error instanceof EnvironmentError) return undefined;
    throw error;
  }
}

/** A policy, a statement without one, or grants: the file is linted as it is. */
function isPolicy({ kind, members = [], items = [] }: Parameters<typeof jsonSource>[0]): boolean {
  const names = new Set(members.map((member) => member.name));
  return kind === 'array'
    ? items.some((item) => item.members?.some(({ name }) => name === 'Effect' || name === 'GranteePrincipal'))
    : ['Statement', 'Effect', 'Grants', 'Operations'].some((name) => names.has(name));
}

function embedded(
  { steps, node, kind, isOutput }: FoundPolicy,
  source: string,
  { name, account }: { name: string; account: string | undefined },
): readonly EmbeddedPolicy[] {
  if (!isThere(node)) return [];
  const owner = account ?? unnamedAccount(source);
  const first = renderPolicy(node, source, { account: owner, second: false });
  const bytes = Buffer.byteLength(first.text);
  if (bytes > MAX_POLICY)
    throw new EnvironmentError(
      `${name}: the policy at ${steps.join('.')} has ${bytes} bytes, the maximum is ${MAX_POLICY}`,
    );
  const own = kind ?? kindOf(readTolerantly(first.text));
  if (own !== 'key' && own !== 'trust' && !CONCERNS_KMS.test(first.text)) return [];
  const second = first.unknown.length > 0 ? [renderPolicy(node, source, { account: owner, second: true })] : [];
  const choices = [first, ...second];
  return [
    {
      steps,
      kind: own,
      choices,
      isFixable: !isOutput && second.length === 0,
      account: account ?? (first.usesAccount ? owner : undefined),
    },
  ];
}

/** Policies of other services are none of ours. */
const CONCERNS_KMS = /"(?:\*|kms:|arn:[^"]*:kms:)|"Not(?:Action|Resource)"/i;

/** A plan has null for what is known after it was applied; a policy by reference is elsewhere. */
const isThere = (node: SourceNode): boolean =>
  node.kind === 'object'
    ? node.members.some(({ name }) => name === 'Statement')
    : node.kind === 'string' && node.pieces.some((piece) => 'text' in piece && piece.text.includes('{'));

/** Not null: that is what a plan has for a policy that is not known yet, and a resource without one. */
const isElsewhere = (node: SourceNode): boolean => !isThere(node) && node.kind !== 'literal';

/** For the account of the deployment, one that the file does not name. */
function unnamedAccount(source: string): string {
  const accounts = ['111122223333', '123456789012', '444455556666'];
  return accounts.find((one) => !source.includes(one)) ?? '100000000001';
}
