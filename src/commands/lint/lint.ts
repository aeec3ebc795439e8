/** Tools that look at policies as texts: the linter, and the canonical form. */
import { accountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { boolean, list, oneOf, string, structure } from '../../model/shape.ts';
import type { ReadConfig } from '../../lint/config.ts';
import type { FormatName } from '../../lint/output/index.ts';
import type { Linted, LintOptions } from '../../lint/run.ts';
import { LINT_KINDS, SEVERITIES, type LintSettings, type Severity } from '../../lint/core/settings.ts';
import { localCommand, type CommandDeps } from '../command/local-command.ts';
import { readPolicyText } from './policy-file.ts';

const FORMAT_NAMES: readonly FormatName[] = [
  'pretty',
  'concise',
  'json',
  'sarif',
  'github',
  'junit',
  'access-analyzer',
];
const file = string({ min: 1 });

/** No finding at or above the threshold; some; the linter could not run. */
const STATUS = { clean: 0, findings: 1, failed: 2 } as const;

interface LintInput {
  readonly Files?: readonly string[] | undefined;
  readonly Key?: string | undefined;
  readonly All?: boolean | undefined;
  readonly PolicyType?: (typeof LINT_KINDS)[number] | undefined;
  readonly AccountId?: string | undefined;
  readonly Format?: FormatName | undefined;
  readonly FailOn?: Severity | undefined;
  readonly Select?: readonly string[] | undefined;
  readonly Ignore?: readonly string[] | undefined;
  readonly Fix?: boolean | undefined;
  readonly UnsafeFixes?: boolean | undefined;
  readonly Diff?: boolean | undefined;
  readonly Config?: string | undefined;
  readonly Baseline?: string | undefined;
  readonly KnownFindings?: string | undefined;
  readonly WriteKnownFindings?: string | undefined;
  readonly Explain?: string | undefined;
  readonly ListRules?: boolean | undefined;
}

export const lintTool = localCommand({
  name: 'Lint',
  command: 'lint',
  input: structure({
    Files: list(file),
    Key: string({ min: 1, max: 2048 }),
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
    Config: file,
    Baseline: file,
    KnownFindings: file,
    WriteKnownFindings: file,
    Explain: string({ min: 1 }),
    ListRules: boolean,
  }),
  output: structure({}),
  positionals: ['Files'],
  async run(input: LintInput, session) {
    const tells = input.ListRules || input.Explain !== undefined;
    return { status: await (tells ? tellRules : lintAll)(input, session) };
  },
  failure: STATUS.failed,
  exit: (answer) => (answer as { readonly status?: number }).status ?? STATUS.failed,
});

async function tellRules({ Explain: code }: LintInput, session: CommandDeps): Promise<number> {
  const { rulePage, ruleList } = await import('../../lint/output/rule-page.ts');
  const { EVERY_RULE } = await import('../../lint/config.ts');
  if (code === undefined) {
    session.printData(ruleList().trimEnd());
    return STATUS.clean;
  }
  const rule = EVERY_RULE.find((row) => row.code === code.toUpperCase() || row.name === code);
  if (!rule) throw new EnvironmentError(`there is no rule ${code}`, ['kms lint --list-rules lists them']);
  session.printData(rulePage(rule).trimEnd());
  return STATUS.clean;
}

async function lintAll(input: LintInput, session: CommandDeps): Promise<number> {
  const { Files: paths = [], Key: key, All: all = false, PolicyType: kind } = input;
  if (paths.length === 0 && key === undefined && !all) {
    throw new EnvironmentError('there is nothing to look at', [
      'kms lint FILE..., kms lint -, kms lint --key KEY, or kms lint --all',
    ]);
  }
  const known = input.WriteKnownFindings === undefined ? undefined : await writeTo(input.WriteKnownFindings, session);
  const { readFiles, readKeyring } = await import('./lint-documents.ts');
  const { lintDocuments, isAtLeast } = await import('../../lint/run.ts');
  const files = readFiles(paths, kind);
  const documents =
    key === undefined && !all ? files : await readKeyring(session, { key, all, files: all ? [] : files });
  const wishes = await wishesOf(input, session);
  const linted = lintDocuments(documents, wishes);
  if (!input.Diff) await saveAll(linted, paths, session);
  await known?.(await knownFindings(linted));
  if (input.Diff) {
    const { unifiedDiff } = await import('../../lint/core/diff.ts');
    for (const { name, before, text } of linted)
      if (before !== text) session.printData(unifiedDiff(name, before, text).trimEnd());
  } else {
    await show(input.Format ?? 'pretty', linted, session);
    const fixed = linted.reduce((sum, one) => sum + one.fixed, 0);
    if (fixed > 0) session.say(`fixed ${fixed} finding${fixed > 1 ? 's' : ''}`);
  }
  if (input.WriteKnownFindings !== undefined) return STATUS.clean;
  const least = input.FailOn ?? wishes.config?.value.failOn ?? 'security';
  return linted.some(({ findings }) => findings.some(({ severity }) => isAtLeast(severity, least)))
    ? STATUS.findings
    : STATUS.clean;
}

async function wishesOf(input: LintInput, session: CommandDeps): Promise<LintOptions> {
  const { readText } = await import('../../files/limited-read.ts');
  const { prover } = await import('../../analysis/prover/prover.ts');
  const { readKnown } = await import('../../lint/core/suppress.ts');
  const config = input.Config === undefined ? undefined : await configAt(input.Config);
  const baseline = input.Baseline === undefined ? undefined : readPolicyText(input.Baseline);
  if (baseline !== undefined && !isJson(baseline)) throw new EnvironmentError(`${input.Baseline} is not a policy`);
  const known = input.KnownFindings === undefined ? undefined : readKnown(readText(input.KnownFindings));
  if (input.KnownFindings !== undefined && !known)
    throw new EnvironmentError(`${input.KnownFindings} has no known findings`);
  const settings: LintSettings = {
    prover,
    ...(input.AccountId === undefined ? {} : { account: input.AccountId }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(await chosen(input, config)),
  };
  const fix = input.UnsafeFixes ? 'unsafe' : input.Fix || input.Diff ? 'safe' : undefined;
  return { config, settings, known, fix, today: new Date(session.clock()).toISOString().slice(0, 10) };
}

const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

async function configAt(path: string): Promise<ReadConfig> {
  const { readText } = await import('../../files/limited-read.ts');
  const { readConfig } = await import('../../lint/config.ts');
  const config = readConfig(path, readText(path));
  if ('problems' in config) throw new EnvironmentError(config.problems.join('; '));
  return config;
}

/** `--select` alone leaves everything else out; `--ignore` takes out of what is left. */
async function chosen(
  { Select: select = [], Ignore: ignore = [] }: LintInput,
  config: ReadConfig | undefined,
): Promise<Pick<LintSettings, 'rules'>> {
  if (select.length + ignore.length === 0) return {};
  const { RULES } = await import('../../lint/rules/index.ts');
  for (const code of [...select, ...ignore]) {
    if (!RULES.some((rule) => rule.code.startsWith(code.toUpperCase())))
      throw new EnvironmentError(`no rule has the code ${code}`);
  }
  const named = (codes: readonly string[], code: string): boolean =>
    codes.some((beginning) => code.startsWith(beginning.toUpperCase()));
  const rules: { [code: string]: Severity | 'off' } = { ...config?.value.rules };
  for (const { code, severity, optional } of RULES) {
    if (named(ignore, code) || (select.length > 0 && !named(select, code))) rules[code] = 'off';
    else if (optional && named(select, code)) rules[code] = severity;
  }
  return { rules };
}

async function show(format: FormatName, files: readonly Linted[], session: CommandDeps): Promise<void> {
  const { FORMATS } = await import('../../lint/output/index.ts');
  const { columns = 80, paint, version = '' } = (await session.screen?.()) ?? {};
  const plain = (_: string, text: string): string => text;
  session.printStyled(FORMATS[format]({ files, columns, paint: paint ?? plain, version }).replace(/\n$/, ''));
}

/** Only files are written; what came from elsewhere is shown with --diff. */
async function saveAll(linted: readonly Linted[], paths: readonly string[], session: CommandDeps): Promise<void> {
  for (const { name, text, fixed } of linted) {
    if (fixed === 0) continue;
    if (!paths.includes(name))
      throw new EnvironmentError(`${name} is no file that could be fixed`, ['--diff shows the changes']);
    await (
      await writeTo(name, session)
    )(text);
  }
}

/** Refuses at once what cannot be written. */
async function writeTo(path: string, { random }: CommandDeps): Promise<(text: string) => Promise<unknown>> {
  const { outputTo } = await import('../../files/output.ts');
  const output = outputTo(path, { random, mode: 0o666, existing: 'replace' });
  return (text) => output.write([Buffer.from(text)]);
}

const knownFindings = async (linted: readonly Linted[]): Promise<string> =>
  (await import('../../lint/core/suppress.ts')).writeKnown(linted);

export const policyFormat = localCommand({
  name: 'PolicyFormat',
  command: 'policy format',
  input: structure({ File: file, Write: boolean, Check: boolean }),
  output: structure({}),
  positionals: ['File'],
  async run({ File: path = '-', Write: write = false, Check: check = false }, session) {
    const { formatPolicy } = await import('../../lint/core/canonical.ts');
    const { policyProblems } = await import('../../policy/write-check.ts');
    const text = readPolicyText(path);
    const problems = policyProblems(text, { kind: 'resource' });
    const broken = problems.find(({ code }) => code === 'json-syntax' || code === 'duplicate-json-key');
    if (broken) throw new EnvironmentError(`${path}:${broken.place.line}:${broken.place.column}: ${broken.message}`);
    const formatted = formatPolicy(text);
    if (check) return { status: text === formatted ? STATUS.clean : STATUS.findings };
    if (write && path !== '-') await (await writeTo(path, session))(formatted);
    else session.printData(formatted.trimEnd());
    return { status: STATUS.clean };
  },
  failure: STATUS.failed,
  exit: (answer) => (answer as { readonly status?: number }).status ?? STATUS.failed,
});
