/**
 * A policy document as evaluate() reads it. Fast: it is on the path of every call, so a document is parsed and its
 * lists made uniform, nothing more. Malformed elements were refused when the policy was written (write-check.ts) and are
 * ignored here. Places in the text are computed only on demand (text-place.ts).
 */
import { isObject, type JsonObject } from '../model/json-object.ts';
import { KmsError } from '../model/error.ts';

/** Bytes of any policy: the length at which the API's own Policy member ends. Kinds of policies have less. */
export const MAX_POLICY = 131_072;

export interface PolicyDocument {
  readonly text: string;
  /** Policy variables exist only since Version 2012-10-17; without Version a document is of 2008. */
  readonly hasVariables: boolean;
  readonly statements: readonly Statement[];
}

/** A principal as a policy names it: under `AWS`, `Service` ..., or as the bare `"*"` (type `*`). */
export interface NamedPrincipal {
  readonly type: string;
  readonly text: string;
}

export interface Statement {
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny' | undefined;
  readonly principals: readonly NamedPrincipal[] | undefined;
  readonly notPrincipals: readonly NamedPrincipal[] | undefined;
  readonly actions: readonly string[] | undefined;
  readonly notActions: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  readonly notResources: readonly string[] | undefined;
  /** As parsed; condition.ts reads it when the rest of the statement matches. */
  readonly condition: unknown;
}

/** A policy where it is attached: a key policy, a file of the caller's profile, an organization's policy. */
export interface AttachedPolicy {
  /** The name of the policy: a file name, `default`, an SCP's name. */
  readonly name: string;
  readonly document: PolicyDocument;
  /**
   * User and role ARNs of this policy with the unique id each had when the policy was saved: an entity that was
   * deleted and made anew under the same name is another one.
   */
  readonly boundIds?: ReadonlyMap<string, string>;
  /** The text with unique IDs for those who are gone, as GetKeyPolicy shows it: it can be written anew. */
  readonly shownText?: string | undefined;
  /** Of a user's policy that comes from a group: the group, and what the policy is called there. */
  readonly group?: { readonly arn: string; readonly policyName: string };
}

export function readPolicy(text: string): PolicyDocument {
  const document = parse(text);
  const statements = Array.isArray(document['Statement']) ? document['Statement'] : [document['Statement']];
  return {
    text,
    hasVariables: document['Version'] === '2012-10-17',
    statements: statements.map((raw, index) => readStatement(isObject(raw) ? raw : {}, index)),
  };
}

export const attachPolicy = (name: string, text: string, boundIds?: ReadonlyMap<string, string>): AttachedPolicy => ({
  name,
  document: readPolicy(text),
  ...(boundIds ? { boundIds } : {}),
});

function parse(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  // our own text; KMS sends an empty one
  if (!isObject(value))
    throw new KmsError('MalformedPolicyDocumentException', 'The policy is not valid: it is not a JSON object');
  return value;
}

function readStatement(raw: JsonObject, index: number): Statement {
  const { Sid: sid, Effect: effect } = raw;
  return {
    index,
    sid: typeof sid === 'string' ? sid : undefined,
    effect: effect === 'Allow' || effect === 'Deny' ? effect : undefined,
    principals: principalsOf(raw['Principal']),
    notPrincipals: principalsOf(raw['NotPrincipal']),
    actions: textsOf(raw['Action']),
    notActions: textsOf(raw['NotAction']),
    resources: textsOf(raw['Resource']),
    notResources: textsOf(raw['NotResource']),
    condition: raw['Condition'],
  };
}

/** A text or a list of texts; `undefined` for an element that is not there. */
function textsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** `"*"` or `{"AWS": ..., "Service": ...}`. */
function principalsOf(value: unknown): readonly NamedPrincipal[] | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return [{ type: '*', text: value }];
  if (!isObject(value)) return [];
  const named: NamedPrincipal[] = [];
  for (const type in value) for (const text of textsOf(value[type]) ?? []) named.push({ type, text });
  return named;
}
