/** lint(): a document's text through every rule that is for it. Pure, and never throws, whatever the text. */
import { createHash } from 'node:crypto';
import { placeAt } from '../place.ts';
import { canonicalText } from './canonical.ts';
import { spanIn, type Finding } from './finding.ts';
import { canProve } from './proof-subject.ts';
import type { Draft, Drafts, Rule } from './rule.ts';
import { RULES } from './rules/index.ts';
import type { LintKind, LintSettings, Severity } from './settings.ts';
import { readSubject, type StatementView, type Subject } from './subject.ts';
import { readTolerantly, withoutComments, type Reading } from './tolerant.ts';

export interface LintInput {
  readonly text: string;
  /** Absent: what the document looks like. */
  readonly kind?: LintKind;
  readonly settings?: LintSettings;
  /** Comments may stand in the text. */
  readonly comments?: boolean;
}

/** In the order of the text. */
export function lint({ text: written, kind, settings = {}, comments = false }: LintInput): readonly Finding[] {
  const text = comments ? withoutComments(written, readTolerantly(written, { comments }).comments) : written;
  const reading = readTolerantly(text);
  const subject = readSubject(text, reading, { kind: kind ?? kindOf(reading), settings });
  const rules = RULES.filter((rule) => rule.scopes.includes(subject.kind) && isOn(rule, subject));
  const found = rules.flatMap((rule) => draftsOf(rule, subject).map((draft) => ({ rule, draft })));
  const seen = new Map<string, number>();
  const spanOf = spanIn(text);
  return found
    .map(({ rule, draft }) => finish(rule, draft, { subject, spanOf, seen }))
    .toSorted((a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
}

/** Grants by their list; without any principal it is an identity policy. */
export function kindOf({ root }: Pick<Reading, 'root'>): LintKind {
  const names = new Set((root?.members ?? []).map(({ name }) => name));
  const list = root?.kind === 'array' ? root.items : undefined;
  if (
    names.has('Grants') ||
    names.has('Operations') ||
    list?.some(({ members }) => members?.some(({ name }) => name === 'GranteePrincipal'))
  )
    return 'grant';
  const statement = root?.members?.findLast(({ name }) => name === 'Statement')?.value;
  const statements = (statement?.items ?? (statement ? [statement] : [])).filter(({ kind }) => kind === 'object');
  if (statements.length === 0) return 'key';
  const named = (wanted: string): boolean =>
    statements.some(({ members }) => members?.some(({ name }) => name.toLowerCase() === wanted));
  return named('principal') || named('notprincipal') || !named('resource') ? 'key' : 'identity';
}

/** Its own severity, what the settings say of the code or of its beginning, or off. */
function severityOf(rule: Rule, settings: LintSettings): Severity | 'off' {
  const set = Object.entries(settings.rules ?? {})
    .filter(([beginning]) => rule.code.startsWith(beginning))
    .toSorted(([a], [b]) => b.length - a.length)[0];
  if (set) return set[1];
  return rule.optional ? 'off' : rule.severity;
}

const isOn = (rule: Rule, subject: Subject): boolean =>
  severityOf(rule, subject.settings) !== 'off' && (!rule.proved || canProve(subject));

const isOne = (drafts: Draft | readonly Draft[]): drafts is Draft => !Array.isArray(drafts);
const list = (drafts: Drafts): readonly Draft[] => (drafts === undefined ? [] : isOne(drafts) ? [drafts] : drafts);

function draftsOf(rule: Rule, subject: Subject): readonly Draft[] {
  const drafts = [...list(rule.document?.(subject))];
  for (const statement of subject.statements) {
    drafts.push(...list(rule.statement?.(statement, subject)));
    for (const principal of rule.principal ? statement.principals : [])
      drafts.push(...list(rule.principal!(principal, subject)));
    for (const item of rule.action ? (statement.action?.items ?? []) : [])
      drafts.push(...list(rule.action!(item, statement, subject)));
    for (const item of rule.resource ? (statement.resource?.items ?? []) : [])
      drafts.push(...list(rule.resource!(item, statement, subject)));
    for (const test of rule.test ? statement.tests : []) drafts.push(...list(rule.test!(test, subject)));
  }
  return drafts;
}

interface Around {
  readonly subject: Subject;
  readonly spanOf: ReturnType<typeof spanIn>;
  readonly seen: Map<string, number>;
}

function finish(rule: Rule, draft: Draft, { subject, spanOf, seen }: Around): Finding {
  const { text, settings } = subject;
  const { path: steps, at, message, label, secondary = [], notes = [], witness, fix } = draft;
  const statement =
    typeof steps[1] === 'number'
      ? subject.statements[steps[1]]
      : steps[0] === 'Statement'
        ? subject.statements[0]
        : undefined;
  const changed = severityOf(rule, settings);
  const explicit = Object.keys(settings.rules ?? {}).some((beginning) => rule.code.startsWith(beginning));
  const own = explicit && changed !== 'off' ? changed : (draft.severity ?? rule.severity);
  const { path } = placeAt(text, { start: at.start, end: at.end }, steps);
  return {
    code: rule.code,
    name: rule.name,
    severity: own,
    message,
    path,
    steps,
    span: spanOf({ start: at.start, end: at.end }),
    ...(label === undefined ? {} : { label }),
    ...(statement?.sid === undefined ? {} : { sid: statement.sid }),
    secondary: secondary.map((mark) => ({
      span: spanOf({ start: mark.at.start, end: mark.at.end }),
      message: mark.message,
    })),
    notes,
    ...(witness ? { witness } : {}),
    // while the text is no JSON, nobody knows where a member would go
    ...(fix && (subject.faults.length === 0 || rule.mendsText) ? { fix } : {}),
    fingerprint: fingerprintOf(rule, { statement, text, at: text.slice(at.start, at.end), seen }),
  };
}

interface Printed {
  readonly statement: StatementView | undefined;
  readonly text: string;
  readonly at: string;
  readonly seen: Map<string, number>;
}

/** Rule, Sid, the statement however it is laid out, and what is pointed at; a number where that is all the same. */
function fingerprintOf({ code }: Rule, { statement, text, at, seen }: Printed): string {
  const body = statement ? canonicalOf(text.slice(statement.node.start, statement.node.end)) : '';
  const print = createHash('sha256')
    .update([code, statement?.sid ?? '', body, at.replaceAll(/\s+/g, '')].join('\n'))
    .digest('hex')
    .slice(0, 20);
  const count = seen.get(print) ?? 0;
  seen.set(print, count + 1);
  return count === 0 ? print : `${print}-${count + 1}`;
}

function canonicalOf(text: string): string {
  try {
    return canonicalText(JSON.parse(text));
  } catch {
    return text.replaceAll(/\s+/g, '');
  }
}
