/** lint(): checks the text of a document with all rules for its kind. It has no side effects and does not throw. */
import { createHash, hash, type Hash } from 'node:crypto';
import type { JsonNode } from '../policy/json-tree.ts';
import { printPath } from '../policy/text-place.ts';
import { canonicalText } from './core/canonical.ts';
import { spanIn, type Finding } from './core/finding.ts';
import { canProve, proofSubject } from './core/proof-subject.ts';
import type { FindingDraft, Drafts, LintRule } from './core/rule.ts';
import { RULES } from './rules/index.ts';
import { SEVERITIES, type LintKind, type LintSettings, type Severity } from './core/settings.ts';
import { readSubject, type StatementView, type Subject } from './core/subject.ts';
import { readTolerantly, withoutComments, type TolerantText } from './core/tolerant.ts';

export interface LintInput {
  readonly text: string;
  /** Absent: inferred from the document. */
  readonly kind?: LintKind;
  readonly settings?: LintSettings;
  /** Comments may stand in the text. */
  readonly comments?: boolean;
}

/** In the order of the text. */
export function lint({ text: written, kind, settings = {}, comments = false }: LintInput): readonly Finding[] {
  const text = comments ? withoutComments(written, readTolerantly(written, { comments }).comments) : written;
  const parsed = readTolerantly(text);
  const subject = readSubject(text, parsed, { kind: kind ?? kindOf(parsed), settings });
  const rules = RULES.filter((rule) => rule.scopes.includes(subject.kind) && isOn(rule, subject));
  const found = [...plainDrafts(rules, subject), ...(canProve(subject) ? provedDrafts(rules, subject) : [])];
  const fingerprint = fingerprints(text);
  const spanOf = spanIn(text);
  return found
    .map(({ rule, draft }) => finish(rule, draft, { subject, spanOf, fingerprint }))
    .toSorted((a, b) => a.span.start - b.span.start || (a.code < b.code ? -1 : 1));
}

/** Grants by their list; a trust policy by its actions; without any principal it is an identity policy. */
export function kindOf({ root }: Pick<TolerantText, 'root'>): LintKind {
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
  if (!named('resource') && named('principal') && statements.every(isOfTrust)) return 'trust';
  return named('principal') || named('notprincipal') || !named('resource') ? 'key' : 'identity';
}

const isOfTrust = ({ members }: JsonNode): boolean => {
  const action = members?.findLast(({ name }) => name === 'Action')?.value;
  const items = action?.items ?? (action ? [action] : []);
  return items.length > 0 && items.every(({ value }) => /^sts:/i.test(String(value)));
};

/** The severity of a rule: its own, or that of the settings for its code or a prefix of it. */
function severityOf(rule: LintRule, settings: LintSettings): Severity | 'off' {
  const set = Object.entries(settings.rules ?? {})
    .filter(([beginning]) => rule.code.startsWith(beginning))
    .toSorted(([a], [b]) => b.length - a.length)[0];
  if (set) return set[1];
  return rule.optional ? 'off' : rule.severity;
}

const isOn = (rule: LintRule, { settings }: Subject): boolean => severityOf(rule, settings) !== 'off';

const isOne = (drafts: FindingDraft | readonly FindingDraft[]): drafts is FindingDraft => !Array.isArray(drafts);
const list = (drafts: Drafts): readonly FindingDraft[] =>
  drafts === undefined ? [] : isOne(drafts) ? [drafts] : drafts;

interface Drafted {
  readonly rule: LintRule;
  readonly draft: FindingDraft;
}

const draftedBy = (rule: LintRule, drafts: Drafts): readonly Drafted[] =>
  list(drafts).map((draft) => ({ rule, draft }));

const plainDrafts = (rules: readonly LintRule[], subject: Subject): readonly Drafted[] =>
  rules.flatMap((rule) => draftedBy(rule, draftsOf(rule, subject)));

/** All proofs share one budget; the most severe rules run first. */
function provedDrafts(rules: readonly LintRule[], subject: Subject): readonly Drafted[] {
  const provable = proofSubject(subject);
  const unproved: LintRule[] = [];
  const proved = rules
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .flatMap((rule) => {
      const answer = rule.prove?.(subject, provable);
      if (answer && !answer.finished) unproved.push(rule);
      return draftedBy(rule, answer?.found);
    });
  if (unproved.length === 0) return proved;
  return [...proved, ...rules.flatMap((rule) => draftedBy(rule, rule.unproved?.(unproved, provable, subject)))];
}

function draftsOf(rule: LintRule, subject: Subject): readonly FindingDraft[] {
  const drafts = [...list(rule.document?.(subject))];
  for (const statement of subject.statements) {
    if (statement.node.kind !== 'object') continue; // KP004 has it
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

/** Characters from which on a hash is worth keeping. */
const LONG = 4_096;

interface LintDeps {
  readonly subject: Subject;
  readonly spanOf: ReturnType<typeof spanIn>;
  readonly fingerprint: ReturnType<typeof fingerprints>;
}

function finish(rule: LintRule, draft: FindingDraft, { subject, spanOf, fingerprint }: LintDeps): Finding {
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
  return {
    code: rule.code,
    name: rule.name,
    severity: own,
    message,
    path: printPath(steps),
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
    // while the text is not JSON, places for new members are unknown
    ...(fix && (subject.faults.length === 0 || rule.mendsText) ? { fix } : {}),
    fingerprint: fingerprint(rule, statement, text.slice(at.start, at.end)),
  };
}

/** Rule, Sid, the statement however it is laid out, and what is pointed at; a number where that is all the same. */
function fingerprints(text: string) {
  const seen = new Map<string, number>();
  /** By statement: one with many findings is read once. */
  const bodies = new Map<StatementView | undefined, string>([[undefined, '']]);
  /** By rule and long body: hashed as far as that goes. */
  const begun = new Map<string, Hash>();
  const bodyOf = (statement: StatementView): string => {
    let body = bodies.get(statement);
    if (body === undefined) {
      const { start, end } = statement.node;
      bodies.set(statement, (body = canonicalOf(text.slice(start, end))));
    }
    return body;
  };
  const hashOf = ({ code }: LintRule, statement: StatementView | undefined, at: string): string => {
    const beginning = [code, statement?.sid ?? '', statement ? bodyOf(statement) : '', ''].join('\n');
    if (beginning.length < LONG) return hash('sha256', beginning + at);
    const name = `${code} ${statement!.index}`;
    let hashed = begun.get(name);
    if (!hashed) begun.set(name, (hashed = createHash('sha256').update(beginning)));
    return hashed.copy().update(at).digest('hex');
  };
  return (rule: LintRule, statement: StatementView | undefined, at: string): string => {
    const print = hashOf(rule, statement, at.replaceAll(/\s+/g, '')).slice(0, 20);
    const count = seen.get(print) ?? 0;
    seen.set(print, count + 1);
    return count === 0 ? print : `${print}-${count + 1}`;
  };
}

function canonicalOf(text: string): string {
  try {
    return canonicalText(JSON.parse(text));
  } catch {
    return text.replaceAll(/\s+/g, '');
  }
}
