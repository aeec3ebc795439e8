/** `kms lint`: checks policies in files or in the keyring. */
import { EnvironmentError } from '../../model/error.ts';
import { fileName, namedKey } from '../../model/members.ts';
import { boolean, integer, list, oneOf, string, structure, type ValueOf } from '../../model/shape.ts';
import { visible } from '../../model/visible.ts';
import type { Meter } from '../../model/progress.ts';
import { accountId } from '../../model/account.ts';
import { LINT_KINDS, SEVERITIES } from '../../lint/core/settings.ts';
import type { FormatName } from '../../lint/output/index.ts';
import type { Document, Linted, PolicyContainer } from '../../lint/run.ts';
import type { CallerChoice, Clock, KeyringAccess, RandomSource, RegionChoice } from '../../runtime/capabilities.ts';
import type { Notes, Output, Progress, ScreenAccess, PageAccess } from '../command/capabilities.ts';
import { CommandError } from '../command/command-error.ts';
import { localCommand } from '../command/local-command.ts';
import { STATUS } from './exit-status.ts';
import { lintOptionsOf, type LintCommandInput } from './lint-options.ts';
import { writeTo } from './policy-file.ts';

const FORMAT_NAMES: readonly FormatName[] = [
  'pretty',
  'concise',
  'json',
  'sarif',
  'github',
  'junit',
  'access-analyzer',
];

interface LintDeps
  extends
    KeyringAccess,
    CallerChoice,
    RegionChoice,
    Clock,
    RandomSource,
    Notes,
    ScreenAccess,
    Pick<PageAccess, 'asksData'>,
    Progress,
    Pick<Output, 'printData' | 'printStyled'> {}

/** What --output or --query asks for. */
const output = structure({
  Findings: list(
    structure({
      File: string(),
      Line: integer(),
      Column: integer(),
      Code: string(),
      Name: string(),
      Severity: oneOf(SEVERITIES),
      Message: string(),
      Statement: string(),
      Fingerprint: string(),
    }),
  ),
});

type LintOutput = ValueOf<typeof output>;

export const lintCommand = localCommand({
  name: 'Lint',
  command: 'lint',
  input: structure({
    Files: list(fileName),
    KeyId: namedKey,
    All: boolean,
    PolicyType: oneOf(LINT_KINDS),
    AccountId: accountId,
    Format: oneOf(FORMAT_NAMES),
    FailOn: oneOf(SEVERITIES),
    Select: list(string({ min: 2, max: 5 })),
    Ignore: list(string({ min: 2, max: 5 })),
    Fix: boolean,
    UnsafeFixes: boolean,
    Diff: boolean,
    Config: fileName,
    Baseline: fileName,
    KnownFindings: fileName,
    WriteKnownFindings: fileName,
    Explain: string({ min: 1 }),
    ListRules: boolean,
  }),
  output,
  positionals: ['Files'],
  async run(input: LintCommandInput, session: LintDeps): Promise<LintAnswer> {
    const tells = input.ListRules || input.Explain !== undefined;
    return tells ? { status: await tellRules(input, session) } : lintAll(input, session);
  },
  failure: STATUS.failed,
  exit: ({ status }) => status,
});

async function tellRules({ Explain: code }: LintCommandInput, session: Pick<Output, 'printData'>): Promise<number> {
  const { rulePage, ruleList } = await import('../../lint/output/rule-page.ts');
  const { EVERY_RULE } = await import('../../lint/every-rule.ts');
  if (code === undefined) {
    session.printData(ruleList().trimEnd());
    return STATUS.clean;
  }
  const rule = EVERY_RULE.find((row) => row.code === code.toUpperCase() || row.name === code);
  if (!rule) throw new EnvironmentError(`unknown rule ${code}`, ['kms lint --list-rules lists them']);
  session.printData(rulePage(rule).trimEnd());
  return STATUS.clean;
}

type LintAnswer = LintOutput & { readonly status: number };

async function lintAll(input: LintCommandInput, session: LintDeps): Promise<LintAnswer> {
  const { Files: paths = [], KeyId: key, All: all = false, PolicyType: kind } = input;
  if (paths.length === 0 && key === undefined && !all) {
    throw new EnvironmentError('nothing to check', [
      'kms lint FILE..., kms lint -, kms lint --key-id KEY, or kms lint --all',
    ]);
  }
  const { asksData } = session;
  if (asksData && (input.Format !== undefined || input.Diff)) {
    const option = input.Diff ? '--diff' : '--format';
    throw new CommandError('usage', `--output and --query cannot be combined with ${option}`);
  }
  const known = input.WriteKnownFindings === undefined ? undefined : await writeTo(input.WriteKnownFindings, session);
  const { readFiles } = await import('./lint-files.ts');
  const { readKeyring } = await import('./lint-documents.ts');
  const files = readFiles(paths, { kind, say: session.say });
  const documents =
    key === undefined && !all ? files : await readKeyring(session, { key, all, files: all ? [] : files });
  if (documents.length === 0) session.say('no policies found');
  for (const { name, container } of files) if (container) sayUnchecked(name, container, session);
  const { linted, fails } = await session.progress('documents', (meter) =>
    lintByConfig(documents, { input, session, meter }),
  );
  if (!input.Diff) await saveAll(linted, files, session);
  await known?.(await knownFindings(linted));
  if (input.Diff) {
    const { unifiedDiff } = await import('../../lint/core/diff.ts');
    for (const { name, before, text } of linted)
      if (before !== text) session.printData(unifiedDiff(name, before, text).trimEnd());
  } else {
    if (!asksData) await show(input.Format ?? 'pretty', linted, session);
    const fixed = linted.reduce((sum, one) => sum + one.fixed, 0);
    if (fixed > 0) session.say(`fixed ${fixed} finding${fixed > 1 ? 's' : ''}`);
    if (input.Fix || input.UnsafeFixes) await sayUnfixed(linted, session);
  }
  const status = fails && input.WriteKnownFindings === undefined ? STATUS.findings : STATUS.clean;
  return asksData ? { status, Findings: await findingsIn(linted) } : { status };
}

function sayUnchecked(name: string, { count, elsewhere }: PolicyContainer, session: Notes): void {
  if (elsewhere.length > 0) {
    const lines = elsewhere.map((line) => `${visible(name)}:${line}`).join(', ');
    session.say(`key policies that are expressions are not checked: ${lines}`);
  } else if (count === 0) session.say(`${visible(name)} has no policies about AWS KMS`);
}

/** Of files in which fixes are not applied. */
async function sayUnfixed(linted: readonly Linted[], session: Notes): Promise<void> {
  const { BY_HAND } = await import('../../lint/sources/lint-embedded.ts');
  for (const { name, findings } of linted) {
    const count = findings.filter(({ notes }) => notes.some((note) => note.startsWith(BY_HAND))).length;
    if (count > 0) session.say(`${visible(name)}: ${count} finding${count > 1 ? 's' : ''} to fix by hand`);
  }
}

/** Documents that share a configuration together, in the order in which they came; configurations at the end. */
async function lintByConfig(
  documents: readonly Document[],
  { input, session, meter }: { readonly input: LintCommandInput; readonly session: LintDeps; readonly meter: Meter },
): Promise<{ readonly linted: readonly Linted[]; readonly fails: boolean }> {
  const { lintDocuments, isAtLeast } = await import('../../lint/run.ts');
  const { configSearch } = await import('./config-search.ts');
  const search = configSearch(session);
  const configOf = ({ name, isFile }: Document): string | undefined =>
    input.Config === undefined && isFile ? search(name) : undefined;
  meter.expect(documents.length);
  const groups = Map.groupBy(documents, configOf);
  const reports = new Map<Document, Linted>();
  const others: Linted[] = [];
  let fails = false;
  for (const [config, own] of groups) {
    const options = await lintOptionsOf(input, session, config);
    const linted = lintDocuments(own, options, meter);
    for (const [index, document] of own.entries()) reports.set(document, linted[index]!);
    others.push(...linted.slice(own.length));
    const least = input.FailOn ?? options.config?.value.failOn ?? 'security';
    fails ||= linted.some(({ findings }) => findings.some(({ severity }) => isAtLeast(severity, least)));
  }
  return { linted: [...documents.map((document) => reports.get(document)!), ...others], fails };
}

async function findingsIn(files: readonly Linted[]): Promise<LintOutput['Findings']> {
  const { allFindings } = await import('../../lint/output/report.ts');
  return allFindings({ files }).map(({ file, finding }) => ({
    File: file.name,
    Line: finding.span.line,
    Column: finding.span.column,
    Code: finding.code,
    Name: finding.name,
    Severity: finding.severity,
    Message: finding.message,
    Statement: finding.sid,
    Fingerprint: finding.fingerprint,
  }));
}

async function show(
  format: FormatName,
  files: readonly Linted[],
  { screen, printStyled }: ScreenAccess & Pick<Output, 'printStyled'>,
): Promise<void> {
  const { FORMATS } = await import('../../lint/output/index.ts');
  printStyled(FORMATS[format]({ files, ...(await screen()) }).replace(/\n$/, ''));
}

/** Only files are written; for other documents use --diff. */
async function saveAll(linted: readonly Linted[], files: readonly Document[], session: RandomSource): Promise<void> {
  for (const { name, text, fixed } of linted) {
    if (fixed === 0) continue;
    if (!files.some((file) => file.name === name && file.isFile))
      throw new EnvironmentError(`${name} is not a file and cannot be fixed`, ['--diff shows the changes']);
    await (
      await writeTo(name, session)
    )(text);
  }
}

const knownFindings = async (linted: readonly Linted[]): Promise<string> =>
  (await import('../../lint/core/suppress.ts')).writeKnown(linted);
