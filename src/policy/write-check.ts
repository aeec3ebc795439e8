/**
 * What KMS refuses when a key policy is written (CreateKey, PutKeyPolicy, ReplicateKey): all problems with their
 * places, and the error to throw. The same checks apply to identity and other policies before they are stored.
 * Messages are AWS's where they are known (`says`), otherwise our own.
 */
import { KmsError } from '../model/error.ts';
import { MAX_POLICY } from './document.ts';
import { visible } from '../model/visible.ts';
import { readJsonTree, type JsonNode } from './json-tree.ts';
import { Places, type JsonPath, type Range } from './text-place.ts';
import type { CheckScope, PolicyKind, PolicyProblem, Report, WriteRules } from './policy-problem.ts';
import { checkStatement } from './statement-check.ts';

/** Bytes, of a key policy; not adjustable. */
export const MAX_KEY_POLICY = 32_768;

interface Draft extends Omit<PolicyProblem, 'place'> {
  readonly at: Range;
  readonly path: JsonPath;
}

/** @returns in the order of the text, size and characters first; none if the policy can be written */
export function policyProblems(text: string, rules: WriteRules = {}): PolicyProblem[] {
  const places = new Places(text);
  return draftsIn(text, rules).map(({ at, path, ...problem }) =>
    Object.assign(problem, { place: places.at(at, path) }),
  );
}

/** Throws for the first problem. */
export function checkPolicyWrite(text: string, rules: WriteRules = {}): void {
  const [first] = draftsIn(text, rules);
  if (!first) return;
  if (first.code === 'policy-size') throw new KmsError('LimitExceededException', first.message);
  const { path, line, column } = new Places(text).at(first.at, first.path);
  const where = `${path === '' ? '' : `${path}, `}line ${line}, column ${column}`;
  const message = first.says ?? `The policy is not valid: ${first.message} (${where})`;
  throw new KmsError('MalformedPolicyDocumentException', visible(message)); // it quotes the policy
}

function draftsIn(text: string, { kind = 'key', principalExists }: WriteRules): readonly Draft[] {
  const drafts: Draft[] = [];
  const report: Report = (draft) => {
    drafts.push(draft);
  };
  checkSize(text, kind, report);
  // longer texts are not parsed
  if (Buffer.byteLength(text) > MAX_POLICY) return drafts;
  if (kind === 'key') checkCharacters(text, report);
  const tree = readJsonTree(text);
  if ('fault' in tree) {
    const { offset, message } = tree.fault;
    report({ code: 'json-syntax', message, at: { start: offset, end: Math.min(offset + 1, text.length) }, path: [] });
    return drafts;
  }
  checkDuplicates(tree.root, [], report);
  checkDocument(tree.root, { kind, principalExists, report });
  return drafts;
}

function checkSize(text: string, kind: PolicyKind, report: Report): void {
  const bytes = Buffer.byteLength(text);
  const max = kind === 'key' ? MAX_KEY_POLICY : MAX_POLICY;
  if (bytes <= max) return;
  const message = `the policy has ${bytes} bytes, which exceeds the maximum of ${max}`;
  report({ code: 'policy-size', message, at: { start: 0, end: text.length }, path: [] });
}

function checkCharacters(text: string, report: Report): void {
  const start = text.search(/[^\t\n\r\u0020-\u00ff]/);
  if (start < 0) return;
  const code = text.codePointAt(start)!.toString(16).toUpperCase().padStart(4, '0');
  const message = `the character U+${code} is not allowed in a key policy`;
  report({ code: 'illegal-character', message, at: { start, end: start + 1 }, path: [] });
}

function checkDuplicates(node: JsonNode, path: JsonPath, report: Report): void {
  node.items?.forEach((item, index) => checkDuplicates(item, [...path, index], report));
  const seen = new Set<string>();
  for (const member of node.members ?? []) {
    const here = [...path, member.name];
    if (seen.has(member.name)) {
      report({ code: 'duplicate-json-key', message: `duplicate ${member.name}`, at: member, path: here });
    }
    seen.add(member.name);
    checkDuplicates(member.value, here, report);
  }
}

const VERSIONS = ['2012-10-17', '2008-10-17'];

function checkDocument(root: JsonNode, scope: CheckScope): void {
  const { report } = scope;
  if (root.kind !== 'object') {
    return report({ code: 'wrong-json-type', message: 'a policy must be a JSON object', at: root, path: [] });
  }
  let statement: JsonNode | undefined;
  for (const { name, value, ...at } of root.members ?? []) {
    const path = [name];
    if (name === 'Statement') statement = value;
    else if (name === 'Version') {
      if (!VERSIONS.includes(String(value.value))) {
        report({ code: 'version', message: `Version must be ${VERSIONS.join(' or ')}`, at: value, path });
      }
    } else if (name === 'Id') {
      if (value.kind !== 'string') report({ code: 'wrong-json-type', message: 'Id must be a string', at: value, path });
    } else {
      report({ code: 'unknown-element', message: `unknown policy element ${name}`, at, path });
    }
  }
  const several = statement?.kind === 'array';
  const statements = several ? statement?.items : statement && [statement];
  if (!statements?.length) {
    report({
      code: 'missing-statement',
      message: 'a policy requires a Statement element',
      at: statement ?? root,
      path: [],
    });
  }
  statements?.forEach((node, index) => {
    checkStatement(node, several ? ['Statement', index] : ['Statement'], scope);
  });
}
