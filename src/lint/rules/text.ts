/** Rules on the text of a document: JSON, names that occur twice, size, characters. */
import type { JsonMember, JsonNode } from '../../policy/json-tree.ts';
import type { JsonPath } from '../../policy/text-place.ts';
import { MAX_KEY_POLICY } from '../../policy/write-check.ts';
import { type Fix, minify, removeMember } from '../core/edit.ts';
import { ALL, type FindingDraft, KEY, PAGES, type LintRule } from '../core/rule.ts';
import type { Subject } from '../core/subject.ts';

/** What word processors make of ASCII. */
const PLAIN: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2026': '...',
  '\u2003': ' ',
  '\u2009': ' ',
  '\u202f': ' ',
  '\u200b': '',
  '\ufeff': '',
};

export const TEXT_RULES: readonly LintRule[] = [
  {
    code: 'KP001',
    name: 'json-syntax',
    severity: 'error',
    scopes: ALL,
    title: 'invalid JSON',
    why: 'KMS rejects a policy that is not valid JSON (RFC 8259): no comments, no trailing commas, strings and names in double quotes. The rest of the document is still checked.',
    bad: '{ "Statement": [ { "Effect": "Allow", } ] }',
    good: '{ "Statement": [ { "Effect": "Allow" } ] }',
    see: PAGES.grammar,
    fix: 'safe',
    issue: 'JSON_SYNTAX_ERROR',
    mendsText: true,
    document: ({ faults }) =>
      faults.map(({ at, message, fix }) => ({ at, path: [], message, ...(fix ? { fix } : {}) })),
  },
  {
    code: 'KP002',
    name: 'duplicate-json-key',
    severity: 'error',
    scopes: ALL,
    title: 'duplicate name in an object',
    why: 'IAM does not allow duplicate names. Most JSON parsers silently keep only the last value, so an earlier one, such as a condition, is lost.',
    bad: '"Condition": {…}, "Action": "kms:Decrypt", "Condition": {…}',
    good: 'one "Condition" element with both conditions',
    see: PAGES.grammar,
    fix: 'unsafe',
    document: ({ root }) => (root ? duplicatesIn(root, []) : []),
  },
  {
    code: 'KP016',
    name: 'policy-size',
    severity: 'error',
    otherwise: { warning: 'below the limit' },
    scopes: KEY,
    title: 'policy size near or above the limit',
    why: 'The maximum size of a key policy is 32,768 bytes, including white space. The quota cannot be increased.',
    bad: '40,000 bytes',
    good: 'the same policy without white space, or one role instead of many principals',
    see: PAGES.keyPolicy,
    fix: 'safe',
    issue: 'POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA',
    document: checkSize,
  },
  {
    code: 'KP017',
    name: 'illegal-character',
    severity: 'error',
    scopes: KEY,
    title: 'character that is not allowed in key policies',
    why: 'Key policies can contain printable ASCII and Latin-1 characters (U+0020 to U+00FF), tab, line feed and carriage return. Word processors often insert typographic quotes and dashes.',
    bad: '“Sid”: “Use – daily”',
    good: '"Sid": "Use - daily"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    mendsText: true,
    document: illegalCharacters,
  },
];

function duplicatesIn(node: JsonNode, path: JsonPath): readonly FindingDraft[] {
  const first = new Map<string, JsonMember>();
  const drafts: FindingDraft[] = [];
  for (const member of node.members ?? []) {
    const here = [...path, member.name];
    const before = first.get(member.name);
    if (before) {
      drafts.push({
        at: member,
        path: here,
        message: `duplicate ${member.name}`,
        secondary: [{ at: before, message: 'this value is ignored' }],
        fix: { safe: false, title: 'remove the first occurrence', edits: [removeMember(node, before)] },
      });
    }
    first.set(member.name, member);
    drafts.push(...duplicatesIn(member.value, here));
  }
  return [...drafts, ...(node.items ?? []).flatMap((item, index) => duplicatesIn(item, [...path, index]))];
}

function checkSize({ text, root, faults }: Subject): FindingDraft | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_KEY_POLICY * 0.9) return undefined;
  const minified = root && faults.length === 0 ? minify(text, root) : undefined;
  const least = minified === undefined ? bytes : Buffer.byteLength(minified);
  const saved = least < bytes ? `, ${least} without white space` : '';
  const fix: Fix | undefined =
    minified !== undefined && least < bytes && least <= MAX_KEY_POLICY
      ? { safe: true, title: 'remove white space', edits: [{ start: 0, end: text.length, text: minified }] }
      : undefined;
  return {
    at: { start: 0, end: Math.min(1, text.length) },
    path: [],
    message: `the policy has ${bytes} bytes of at most ${MAX_KEY_POLICY}${saved}`,
    ...(bytes > MAX_KEY_POLICY ? {} : { severity: 'warning' as const }),
    fix: bytes > MAX_KEY_POLICY ? fix : fix && { ...fix, safe: false },
  };
}

function illegalCharacters({ text }: Subject): readonly FindingDraft[] {
  return [...text.matchAll(/[^\t\n\r\u0020-\u00ff]+/gu)].map((found) => {
    const [run] = found;
    const at = { start: found.index, end: found.index + run.length };
    const code = run.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const plain = Array.from(run, (character) => PLAIN[character]);
    const message = `the character U+${code} is not allowed in a key policy`;
    if (plain.includes(undefined)) return { at, path: [], message };
    // a quote inside of a text would end it
    const edits = [{ ...at, text: plain.join('') }];
    return { at, path: [], message, fix: { safe: !plain.includes('"'), title: 'write ASCII', edits } };
  });
}
