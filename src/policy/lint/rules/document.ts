/** KP001 to KP018: the document itself. JSON, elements, types, size, characters. */
import type { JsonMember, JsonNode } from '../../json-tree.ts';
import type { JsonPath } from '../../place.ts';
import { addMember, minify, quote, removeMember, replace, type Fix } from '../edit.ts';
import { ALL, IDENTITY, KEY, PAGES, POLICY, RESOURCE, type Draft, type Rule } from '../rule.ts';
import { didYouMean, nearest } from '../similar.ts';
import type { StatementView, Subject } from '../subject.ts';

const TOP = ['Version', 'Id', 'Statement'];
const ELEMENTS = 'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' ');
/** Bytes of a key policy [L8765]. */
const MAX_BYTES = 32_768;

export const DOCUMENT_RULES: readonly Rule[] = [
  {
    code: 'KP001',
    name: 'json-syntax',
    severity: 'error',
    scopes: ALL,
    title: 'the document is not JSON',
    why: 'KMS refuses what is not JSON (RFC 8259): no comments, no comma after the last item, texts and names in double quotes. The rest of the document is still looked at, so one run shows all of it.',
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
    title: 'a name occurs twice in one object',
    why: 'IAM does not allow it. Most JSON readers keep the last one without a word, so what stands first is lost: a condition, say, that somebody believes to be in force.',
    bad: '"Condition": {…}, "Action": "kms:Decrypt", "Condition": {…}',
    good: 'one "Condition" with both tests in it',
    see: PAGES.grammar,
    fix: 'unsafe',
    document: ({ root }) => (root ? duplicatesIn(root, []) : []),
  },
  {
    code: 'KP003',
    name: 'unknown-element',
    severity: 'error',
    scopes: POLICY,
    title: 'an element that policies do not have',
    why: 'Names of elements are case-sensitive. KMS refuses what it does not know; an identity policy has no Principal, for it belongs to one.',
    bad: '"action": "kms:Decrypt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.grammar,
    fix: 'safe',
    issue: 'INVALID_POLICY_ELEMENT',
    document: ({ root }) => unknownIn(root?.members ?? [], { known: TOP, path: [], what: 'a policy' }),
    statement: ({ node, path, principalMember }, { kind }) => [
      ...unknownIn(node.members ?? [], { known: ELEMENTS, path, what: 'a statement' }),
      ...(kind === 'identity' && principalMember
        ? [
            {
              at: principalMember,
              path: [...path, principalMember.name],
              message: 'an identity policy names no principal: it belongs to one',
            },
          ]
        : []),
    ],
  },
  {
    code: 'KP004',
    name: 'wrong-json-type',
    severity: 'error',
    scopes: POLICY,
    title: 'a value of the wrong JSON type',
    why: 'Elements hold texts or lists of texts, conditions hold objects of objects. KMS refuses anything else.',
    bad: '"Action": { "kms:Decrypt": true }',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.grammar,
    fix: 'none',
    issue: 'DATA_TYPE_MISMATCH',
    document: wrongTypes,
    statement: wrongTypesIn,
  },
  {
    code: 'KP005',
    name: 'missing-statement',
    severity: 'error',
    scopes: POLICY,
    title: 'no statement',
    why: 'A policy needs at least one statement; without one KMS refuses it.',
    bad: '{ "Version": "2012-10-17", "Statement": [] }',
    good: '{ "Version": "2012-10-17", "Statement": [ {…} ] }',
    see: PAGES.keyPolicy,
    fix: 'none',
    document({ root, statementMember, statements }) {
      if (root?.kind !== 'object' || statements.length > 0) return undefined;
      return { at: statementMember?.value ?? startOf(root), path: [], message: 'a policy needs a Statement' };
    },
  },
  {
    code: 'KP006',
    name: 'version',
    severity: 'warning',
    scopes: POLICY,
    title: 'Version is missing or old',
    why: 'Without Version a policy is one of 2008, in which ${…} is plain text. Always write 2012-10-17; other dates are refused.',
    bad: '"Version": "2008-10-17"',
    good: '"Version": "2012-10-17"',
    see: PAGES.version,
    fix: 'safe',
    issue: 'MISSING_VERSION',
    document: checkVersion,
  },
  {
    code: 'KP007',
    name: 'variable-in-2008',
    severity: 'error',
    scopes: POLICY,
    title: 'a policy variable that is only text',
    why: 'Policy variables exist since Version 2012-10-17. In an older document ${aws:username} is compared letter by letter, so the statement matches nobody.',
    bad: '"Version": "2008-10-17", … "kms:EncryptionContext:user": "${aws:username}"',
    good: '"Version": "2012-10-17", … "kms:EncryptionContext:user": "${aws:username}"',
    see: PAGES.variables,
    fix: 'unsafe',
    issue: 'VARIABLE_UNSUPPORTED_IN_VERSION',
    statement: variablesWithoutVersion,
  },
  {
    code: 'KP008',
    name: 'effect',
    severity: 'error',
    scopes: POLICY,
    title: 'Effect is missing or not Allow or Deny',
    why: 'Effect must be exactly Allow or Deny; KMS refuses anything else.',
    bad: '"Effect": "allow"',
    good: '"Effect": "Allow"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    issue: 'INVALID_EFFECT',
    statement: checkEffect,
  },
  {
    code: 'KP009',
    name: 'missing-action',
    severity: 'error',
    scopes: POLICY,
    title: 'no action',
    why: 'Since August 2025 KMS refuses a statement without a valid Action or NotAction; before, it was stored and had no effect.',
    bad: '{ "Effect": "Allow", "Principal": …, "Resource": "*" }',
    good: '{ "Effect": "Allow", "Principal": …, "Action": "kms:Decrypt", "Resource": "*" }',
    see: PAGES.keyPolicy,
    fix: 'none',
    statement: (statement) => missing(statement, statement.action?.member, 'a statement needs an Action'),
    action: ({ text, at, path }) =>
      ACTION.test(text) ? undefined : { at, path, message: `${quote(text)} is not an action like kms:Encrypt` },
  },
  {
    code: 'KP010',
    name: 'missing-resource',
    severity: 'error',
    scopes: POLICY,
    title: 'no resource',
    why: 'Since August 2025 KMS refuses a statement without Resource; before, it was stored and had no effect. In a key policy it is always "*", which means this key.',
    bad: '{ "Effect": "Allow", "Principal": …, "Action": "kms:Decrypt" }',
    good: '{ "Effect": "Allow", "Principal": …, "Action": "kms:Decrypt", "Resource": "*" }',
    see: PAGES.keyPolicy,
    fix: 'safe',
    statement(statement, { text, kind }) {
      const draft = missing(statement, statement.resource?.member, 'a statement needs a Resource');
      if (!draft || kind !== 'key') return draft;
      const edits = [addMember(text, statement.node, { name: 'Resource', json: '"*"' })];
      return { ...draft, fix: { safe: true, title: 'add "Resource": "*"', edits } };
    },
  },
  {
    code: 'KP011',
    name: 'missing-principal',
    severity: 'error',
    scopes: RESOURCE,
    title: 'no principal',
    why: 'A statement of a resource policy says whom it is about; without that KMS refuses it.',
    bad: '{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }',
    good: '{ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }, … }',
    see: PAGES.keyPolicy,
    fix: 'none',
    statement: (statement) => missing(statement, statement.principalMember, 'a statement needs a Principal'),
  },
  {
    code: 'KP012',
    name: 'element-conflict',
    severity: 'error',
    scopes: POLICY,
    title: 'an element together with its negation',
    why: 'Principal excludes NotPrincipal, Action NotAction, Resource NotResource; KMS refuses both together.',
    bad: '"Action": "kms:Decrypt", "NotAction": "kms:Encrypt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.grammar,
    fix: 'none',
    issue: 'UNSUPPORTED_ELEMENT_COMBINATION',
    statement: ({ members, path }) =>
      ['Principal', 'Action', 'Resource'].flatMap((name): Draft[] => {
        const [one, other] = [members.get(name), members.get(`Not${name}`)];
        if (!one || !other) return [];
        const secondary = [{ at: one, message: `${name} stands here` }];
        const message = `${name} and Not${name} cannot stand together`;
        return [{ at: other, path: [...path, other.name], message, secondary }];
      }),
  },
  {
    code: 'KP014',
    name: 'duplicate-sid',
    severity: 'warning',
    scopes: POLICY,
    title: 'a Sid that is not unique, empty or missing',
    why: 'Sids name statements in messages, events and reviews; two of the same name cannot be told apart.',
    bad: '"Sid": "Use" … "Sid": "Use"',
    good: '"Sid": "Use" … "Sid": "Use2"',
    see: PAGES.sid,
    fix: 'safe',
    issue: 'UNIQUE_SIDS_RECOMMENDED',
    document: checkSids,
  },
  {
    code: 'KP015',
    name: 'sid',
    severity: 'error',
    scopes: IDENTITY,
    title: 'a Sid with characters that identity policies refuse',
    why: 'In an identity policy a Sid has only letters and digits. Key policies allow spaces and more.',
    bad: '"Sid": "use the key"',
    good: '"Sid": "UseTheKey"',
    see: PAGES.sid,
    fix: 'safe',
    issue: 'UNSUPPORTED_SID',
    statement({ members, path, sid }) {
      if (sid === undefined || /^[A-Za-z0-9]*$/.test(sid)) return undefined;
      const at = members.get('Sid')!.value;
      const plain = sid.replace(/[^A-Za-z0-9]+(.?)/g, (_, letter: string) => letter.toUpperCase());
      const fix: Fix = { safe: true, title: `rename it ${quote(plain)}`, edits: [replace(at, quote(plain))] };
      const message = 'Sid may have only letters and digits in an identity policy';
      return { at, path: [...path, 'Sid'], message, ...(plain === '' || /[^A-Za-z0-9]/.test(plain) ? {} : { fix }) };
    },
  },
  {
    code: 'KP016',
    name: 'policy-size',
    severity: 'error',
    scopes: KEY,
    title: 'the policy is too big, or nearly',
    why: 'A key policy has at most 32,768 bytes, white space included, and the limit cannot be raised.',
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
    title: 'a character that key policies refuse',
    why: 'Key policies take printable characters of Latin-1 (U+0020 to U+00FF), tab, line feed and carriage return. Typographic quotes and dashes get in by way of word processors.',
    bad: '“Sid”: “Use – daily”',
    good: '"Sid": "Use - daily"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    mendsText: true,
    document: illegalCharacters,
  },
  {
    code: 'KP018',
    name: 'empty-list',
    severity: 'warning',
    scopes: POLICY,
    title: 'an empty list: the statement does nothing',
    why: 'A statement with an empty list matches nothing. An empty Condition is none at all.',
    bad: '"Principal": { "AWS": [] }',
    good: '"Principal": { "AWS": "arn:aws:iam::111122223333:role/app" }',
    see: PAGES.grammar,
    fix: 'unsafe',
    issue: 'EMPTY_ARRAY_ACTION',
    statement: emptyLists,
  },
];

const ACTION = /^(?:\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+)$/;

/** A whole document or statement is shown by where it begins. */
export const startOf = ({ start }: JsonNode) => ({ start, end: start + 1 });

function duplicatesIn(node: JsonNode, path: JsonPath): readonly Draft[] {
  const first = new Map<string, JsonMember>();
  const drafts: Draft[] = [];
  for (const member of node.members ?? []) {
    const here = [...path, member.name];
    const before = first.get(member.name);
    if (before) {
      drafts.push({
        at: member,
        path: here,
        message: `${member.name} occurs twice`,
        secondary: [{ at: before, message: 'this one is lost' }],
        fix: { safe: false, title: 'remove the first one', edits: [removeMember(node, before)] },
      });
    }
    first.set(member.name, member);
    drafts.push(...duplicatesIn(member.value, here));
  }
  return [...drafts, ...(node.items ?? []).flatMap((item, index) => duplicatesIn(item, [...path, index]))];
}

interface Names {
  readonly known: readonly string[];
  readonly path: JsonPath;
  readonly what: string;
}

function unknownIn(members: readonly JsonMember[], { known, path, what }: Names): readonly Draft[] {
  return members
    .filter(({ name }) => !known.includes(name))
    .map((member) => {
      const near = nearest(member.name, known);
      const free = near !== undefined && members.every(({ name }) => name !== near.name);
      const fix: Fix | undefined =
        free && near.distance === 0
          ? { safe: true, title: `write ${near.name}`, edits: [replace(member, quote(near.name))] }
          : undefined;
      const message = `${what} has no element ${quote(member.name)}${didYouMean(near)}`;
      return { at: member, path: [...path, member.name], message, fix };
    });
}

const wrong = (at: JsonNode, path: JsonPath, message: string): Draft => ({ at, path, message });

function wrongTypes({ root }: Subject): readonly Draft[] {
  if (!root) return [];
  if (root.kind !== 'object') return [wrong(root, [], 'a policy is a JSON object')];
  return (root.members ?? []).flatMap(({ name, value }) => {
    if (name === 'Statement') return value.kind === 'object' || value.kind === 'array' ? [] : [wrong(value, [name], 'Statement is a list of statements')];
    return TOP.includes(name) && value.kind !== 'string' ? [wrong(value, [name], `${name} must be a text`)] : [];
  });
}

function wrongTypesIn({ node, path, members }: StatementView, { statementMember }: Subject): readonly Draft[] {
  if (node.kind !== 'object') {
    return statementMember?.value.kind === 'array' ? [wrong(node, path, 'a statement is a JSON object')] : [];
  }
  const drafts: Draft[] = [];
  for (const name of ['Sid', 'Effect']) {
    const value = members.get(name)?.value;
    if (value && value.kind !== 'string') drafts.push(wrong(value, [...path, name], `${name} must be a text`));
  }
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    const value = members.get(name)?.value;
    if (value) drafts.push(...notTexts(value, [...path, name]));
  }
  for (const name of ['Principal', 'NotPrincipal']) {
    const value = members.get(name)?.value;
    if (!value) continue;
    if (value.kind !== 'object') drafts.push(...notTexts(value, [...path, name]));
    for (const list of value.members ?? []) drafts.push(...notTexts(list.value, [...path, name, list.name]));
  }
  const condition = members.get('Condition')?.value;
  return condition ? [...drafts, ...wrongCondition(condition, [...path, 'Condition'])] : drafts;
}

const notTexts = (node: JsonNode, path: JsonPath): readonly Draft[] =>
  (node.items ?? [node]).flatMap((item, index) =>
    item.kind === 'string' ? [] : [wrong(item, node.items ? [...path, index] : path, 'a text was expected')],
  );

function wrongCondition(condition: JsonNode, path: JsonPath): readonly Draft[] {
  if (condition.kind !== 'object') return [wrong(condition, path, 'Condition must be an object of operators')];
  return (condition.members ?? []).flatMap(({ name, value }) => {
    const here = [...path, name];
    if (value.kind !== 'object') return [wrong(value, here, 'an operator has an object of condition keys')];
    return (value.members ?? []).flatMap((key) =>
      (key.value.items ?? [key.value]).flatMap((item, index) => {
        if (['string', 'number', 'boolean'].includes(item.kind)) return [];
        const at = key.value.items ? [...here, key.name, index] : [...here, key.name];
        return [wrong(item, at, 'a condition value is a text, a number or a boolean')];
      }),
    );
  });
}

function checkVersion({ root, version, text }: Subject): Draft | undefined {
  if (root?.kind !== 'object') return undefined;
  const current = quote('2012-10-17');
  const harmless = !text.includes('${');
  if (!version) {
    const first = root.members?.[0];
    const gap = first ? text.slice(root.start + 1, first.start) : ' ';
    const at = root.start + 1;
    const edit = { start: at, end: at, text: `${gap}"Version": ${current}${first ? ',' : ' '}` };
    const fix: Fix = { safe: harmless, title: 'add "Version": "2012-10-17"', edits: [edit] };
    return { at: startOf(root), path: [], message: 'Version is missing, so this is a policy of 2008', fix };
  }
  const { value } = version;
  if (value.kind !== 'string' || value.value === '2012-10-17') return undefined;
  const fix: Fix = { safe: harmless, title: 'write "2012-10-17"', edits: [replace(value, current)] };
  if (value.value === '2008-10-17') {
    return { at: value, path: ['Version'], message: 'this is the old version of the policy language', fix };
  }
  const message = 'Version must be 2012-10-17 or 2008-10-17';
  return { at: value, path: ['Version'], message, severity: 'error', fix };
}

function variablesWithoutVersion(statement: StatementView, { hasVariables, version, root, text }: Subject): readonly Draft[] {
  if (hasVariables || root?.kind !== 'object') return [];
  if (version && version.value.value !== '2008-10-17') return []; // KP006 has it
  const edit = version
    ? replace(version.value, quote('2012-10-17'))
    : { start: root.start + 1, end: root.start + 1, text: '"Version": "2012-10-17", ' };
  const items = [...(statement.resource?.items ?? []), ...statement.tests.flatMap(({ values }) => values)];
  return items
    .filter((item) => /\$\{[^}]*\}/.test(item.text))
    .map(({ at, path }) => ({
      at,
      path,
      message: 'without Version 2012-10-17 a policy variable is plain text',
      ...(version ? { secondary: [{ at: version.value, message: 'the old version' }] } : {}),
      fix: { safe: false, title: 'set Version to 2012-10-17', edits: [edit] },
      label: text.slice(at.start, at.end),
    }));
}

function checkEffect({ node, path, members, effect }: StatementView): Draft | undefined {
  if (effect || node.kind !== 'object') return undefined;
  const value = members.get('Effect')?.value;
  if (!value) return { at: startOf(node), path, message: 'a statement needs an Effect' };
  const meant = ['Allow', 'Deny'].find((name) => name.toLowerCase() === String(value.value).toLowerCase().trim());
  const fix: Fix | undefined = meant
    ? { safe: true, title: `write ${quote(meant)}`, edits: [replace(value, quote(meant))] }
    : undefined;
  return { at: value, path: [...path, 'Effect'], message: 'Effect must be Allow or Deny', fix };
}

function missing({ node, path }: StatementView, member: JsonMember | undefined, message: string): Draft | undefined {
  return member || node.kind !== 'object' ? undefined : { at: startOf(node), path, message };
}

function checkSids({ statements, text }: Subject): readonly Draft[] {
  const drafts: Draft[] = [];
  const first = new Map<string, StatementView>();
  const taken = new Set(statements.map(({ sid }) => sid));
  for (const statement of statements) {
    const { sid, node, path, members } = statement;
    if (node.kind !== 'object') continue;
    const member = members.get('Sid');
    if (!sid) {
      if (member && member.value.kind !== 'string') continue; // KP004 has it
      const message = member ? 'the Sid is empty' : 'the statement has no Sid';
      drafts.push({ at: member?.value ?? startOf(node), path, message, severity: 'hint' });
      continue;
    }
    const before = first.get(sid);
    if (!before) {
      first.set(sid, statement);
      continue;
    }
    const free = freeSid(sid, taken);
    taken.add(free);
    drafts.push({
      at: member!.value,
      path: [...path, 'Sid'],
      message: `another statement has the Sid ${quote(sid)} too`,
      secondary: [{ at: before.members.get('Sid')!.value, message: 'the first one' }],
      fix: { safe: true, title: `rename it ${quote(free)}`, edits: [replace(member!.value, quote(free))] },
      label: text.slice(member!.value.start, member!.value.end),
    });
  }
  return drafts;
}

function freeSid(sid: string, taken: ReadonlySet<string | undefined>): string {
  let number = 2;
  while (taken.has(sid + number)) number++;
  return sid + number;
}

function checkSize({ text, root, faults }: Subject): Draft | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_BYTES * 0.9) return undefined;
  const minified = root && faults.length === 0 ? minify(text, root) : undefined;
  const least = minified === undefined ? bytes : Buffer.byteLength(minified);
  const saved = least < bytes ? `, ${least} without white space` : '';
  const fix: Fix | undefined =
    minified !== undefined && least < bytes && least <= MAX_BYTES
      ? { safe: true, title: 'remove white space', edits: [{ start: 0, end: text.length, text: minified }] }
      : undefined;
  return {
    at: { start: 0, end: Math.min(1, text.length) },
    path: [],
    message: `the policy has ${bytes} bytes of at most ${MAX_BYTES}${saved}`,
    ...(bytes > MAX_BYTES ? {} : { severity: 'warning' as const }),
    fix: bytes > MAX_BYTES ? fix : fix && { ...fix, safe: false },
  };
}

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

function illegalCharacters({ text }: Subject): readonly Draft[] {
  return [...text.matchAll(/[^\t\n\r\u0020-\u00ff]+/gu)].map((found) => {
    const [run] = found;
    const at = { start: found.index, end: found.index + run.length };
    const code = run.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const plain = [...run].map((character) => PLAIN[character]);
    const message = `the character U+${code} is not allowed in a key policy`;
    if (plain.includes(undefined)) return { at, path: [], message };
    // a quote inside of a text would end it
    const edits = [{ ...at, text: plain.join('') }];
    return { at, path: [], message, fix: { safe: !plain.includes('"'), title: 'write ASCII', edits } };
  });
}

function emptyLists(statement: StatementView, { statementMember, kind }: Subject): readonly Draft[] {
  const { members, path, tests } = statement;
  const drafts: Draft[] = [];
  const whole = statementMember?.value;
  const drop: Fix | undefined =
    whole?.items && whole.items.length > 1
      ? { safe: false, title: 'remove the statement', edits: dropItem(whole, statement.node) }
      : undefined;
  const add = (at: JsonNode, where: JsonPath, message: string, fix = drop): void => {
    drafts.push({ at, path: where, message, fix });
  };
  // KMS refuses a statement that lacks one of its elements
  const refused = kind === 'key' ? { severity: 'error' as const } : {};
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'NotPrincipal']) {
    const value = members.get(name)?.value;
    if (!value) continue;
    const lists = value.kind === 'object' ? (value.members ?? []) : [{ name: '', value }];
    const message = `${name} is empty: the statement does nothing`;
    if (lists.length === 0) drafts.push({ at: value, path: [...path, name], message, fix: drop, ...refused });
    for (const list of lists) {
      if (list.value.items?.length !== 0) continue;
      const where = list.name === '' ? [...path, name] : [...path, name, list.name];
      drafts.push({ at: list.value, path: where, message, fix: drop, ...refused });
    }
  }
  const condition = members.get('Condition');
  if (condition && emptyObject(condition.value)) {
    const edits = [removeMember(statement.node, condition)];
    add(condition.value, [...path, 'Condition'], 'the Condition is empty: it asks for nothing', { safe: false, title: 'remove it', edits });
  }
  for (const block of condition?.value.members ?? []) {
    if (emptyObject(block.value)) add(block.value, [...path, 'Condition', block.name], `${block.name} has no condition keys`, undefined);
  }
  for (const test of tests) {
    if (test.member.value.items?.length === 0) add(test.member.value, test.path, 'no value can match an empty list');
  }
  return drafts;
}

const emptyObject = ({ kind, members }: JsonNode): boolean => kind === 'object' && members?.length === 0;

export function dropItem(list: JsonNode, item: JsonNode) {
  const items = list.items!;
  const index = items.indexOf(item);
  const [before, after] = [items[index - 1], items[index + 1]];
  return [after ? { start: item.start, end: after.start, text: '' } : { start: before!.end, end: item.end, text: '' }];
}

