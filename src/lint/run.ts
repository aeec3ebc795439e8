/** Lints several documents under one configuration: findings, fixes, suppression, and exit status. */
import { noMeter, type Meter } from '../model/progress.ts';
import { settingsOf, type ReadConfig } from './config.ts';
import { applyOverrides, type NeededOverrides } from './overrides.ts';
import type { FileReport, Finding } from './core/finding.ts';
import { fixText, type Fixed } from './fix.ts';
import { kindOf, lint, type LintInput } from './lint.ts';
import { SEVERITIES, type LintKind, type LintSettings, type Severity } from './core/settings.ts';
import { applyComments, applyKnown } from './core/suppress.ts';
import { readTolerantly } from './core/tolerant.ts';

export interface Document {
  readonly name: string;
  readonly text: string;
  /** It is a file of that name. */
  readonly isFile?: boolean;
  readonly kind?: LintKind | undefined;
  /** Settings of this document only: its key, the caller. Documents that share the object are checked once per text. */
  readonly settings?: LintSettings;
  /** The policies of a file that holds other things too. Absent: the text is a policy, or a list of grants. */
  readonly container?: PolicyContainer;
}

interface ContainerText {
  readonly text: string;
  readonly settings: LintSettings;
}

export interface ContainerFix extends ContainerText {
  readonly unsafe: boolean;
  readonly wanted: (finding: Finding) => boolean;
}

/** How a file with policies among other things is linted, with places in the file. */
export interface PolicyContainer {
  /** None: there is no policy in it. */
  readonly count: number;
  /** Lines in which there is an expression in place of a key policy, which is not checked. */
  readonly elsewhere: readonly number[];
  readonly lint: (input: ContainerText) => readonly Finding[];
  /** What it cannot write it leaves as it is. */
  readonly fix: (input: ContainerFix) => Fixed;
}

export interface LintOptions {
  readonly config?: ReadConfig | undefined;
  /** Which overrides of the configuration must match a finding. Default: all. */
  readonly neededOverrides?: NeededOverrides;
  /** For all documents, over the configuration. */
  readonly settings: LintSettings;
  /** Fingerprints of findings that were there before. */
  readonly known?: ReadonlySet<string> | undefined;
  readonly fix?: 'safe' | 'unsafe' | undefined;
  /** `2026-01-31` */
  readonly today: string;
}

export interface Linted extends FileReport {
  /** As it was read; `text` is as it is after fixing. */
  readonly before: string;
  readonly fixed: number;
}

/** The configuration comes last, if there is something wrong with it. */
export function lintDocuments(
  documents: readonly Document[],
  options: LintOptions,
  meter: Meter = noMeter,
): readonly Linted[] {
  const { config, settings, known, fix } = options;
  const base: LintSettings = { ...(config ? settingsOf(config) : {}), ...settings };
  const merged = (own: LintSettings = {}): LintSettings => ({
    ...base,
    ...own,
    rules: { ...base.rules, ...own.rules },
  });
  const check = checkOnce((own, input) => lint({ ...input, settings: merged(own) }));
  const report = (document: Document, text: string): FileReport => {
    const comments = document.name.endsWith('.jsonc');
    const findings = document.container
      ? document.container.lint({ text, settings: merged(document.settings) })
      : check(document.settings, { text, comments, ...kindIn(document) });
    const file: FileReport = { name: document.name, text, findings, suppressed: [] };
    const commented = comments ? applyComments(file) : file;
    return known ? applyKnown(commented, known) : commented;
  };
  const repaired = documents.map((document) => {
    const { text } = document;
    if (!fix) return { document, text, count: 0 };
    meter.advance(1);
    // suppressed findings are not fixed
    const [answered] = config
      ? applyOverrides([report(document, text)], config, options).files
      : [report(document, text)];
    const left = new Set(answered!.suppressed.map(({ finding }) => finding.code));
    const wanted = ({ code }: Finding): boolean => !left.has(code);
    const comments = document.name.endsWith('.jsonc');
    const own = { text, settings: merged(document.settings), unsafe: fix === 'unsafe', wanted };
    if (document.container) return { document, ...document.container.fix(own) };
    return {
      document,
      ...fixText({
        ...own,
        comments,
        ...kindIn(document),
      }),
    };
  });
  const files = repaired.map(({ document, text }) => {
    const file = report(document, text);
    if (!fix) meter.advance(1);
    return file;
  });
  const applied = config ? applyOverrides(files, config, options) : { files, config: [] };
  const own: readonly Linted[] =
    config && applied.config.length > 0
      ? [
          {
            name: config.name,
            text: config.text,
            before: config.text,
            fixed: 0,
            findings: applied.config,
            suppressed: [],
          },
        ]
      : [];
  return [
    ...applied.files.map((file, index) =>
      Object.assign({ before: documents[index]!.text, fixed: repaired[index]!.count }, file),
    ),
    ...own,
  ];
}

type CheckedText = Required<Pick<LintInput, 'text' | 'comments' | 'kind'>>;
type Check = (settings: LintSettings | undefined, input: CheckedText) => readonly Finding[];

/** The same text under the same settings is checked once: a keyring has many keys with the same policy. */
function checkOnce(check: Check): Check {
  const known = new Map<LintSettings | undefined, Map<string, readonly Finding[]>>();
  return (settings, input) => {
    let checked = known.get(settings);
    if (!checked) known.set(settings, (checked = new Map()));
    const name = `${input.kind} ${input.comments} ${input.text}`;
    let findings = checked.get(name);
    if (!findings) checked.set(name, (findings = check(settings, input)));
    return findings;
  };
}

/** By what the document was before it was fixed: a fix must not make another kind of it. */
function kindIn({ kind, text, name }: Document): { readonly kind: LintKind } {
  return { kind: kind ?? kindOf(readTolerantly(text, { comments: name.endsWith('.jsonc') })) };
}

/** Whether a finding is as bad as that or worse. */
export const isAtLeast = (severity: Severity, least: Severity): boolean =>
  SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
