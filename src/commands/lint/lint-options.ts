/** The options of `kms lint` and the resulting settings: configuration, selected rules, known findings. */
import { EnvironmentError } from '../../model/error.ts';
import type { ReadConfig } from '../../lint/config.ts';
import type { LINT_KINDS, LintSettings, Severity } from '../../lint/core/settings.ts';
import type { FormatName } from '../../lint/output/index.ts';
import type { LintOptions } from '../../lint/run.ts';
import type { Clock } from '../../runtime/capabilities.ts';
import { readPolicyText } from './policy-file.ts';

export interface LintCommandInput {
  readonly Files?: readonly string[] | undefined;
  readonly KeyId?: string | undefined;
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

/** @param found the configuration that belongs to the documents, where the input names none */
export async function lintOptionsOf(input: LintCommandInput, { clock }: Clock, found?: string): Promise<LintOptions> {
  const { readText } = await import('../../files/limited-read.ts');
  const { proverWith } = await import('../../analysis/prover/prover.ts');
  const { actionRules } = await import('../../pipeline/action-rules.ts');
  const { readKnown } = await import('../../lint/core/suppress.ts');
  const selects = (input.Select ?? input.Ignore) !== undefined;
  const neededOverrides = input.Config !== undefined ? 'all' : selects ? 'none' : 'named';
  const path = input.Config ?? found;
  const config = path === undefined ? undefined : await configAt(path);
  const baseline = input.Baseline === undefined ? undefined : readPolicyText(input.Baseline);
  if (baseline !== undefined && !isJson(baseline)) throw new EnvironmentError(`${input.Baseline} is not a policy`);
  const known = input.KnownFindings === undefined ? undefined : readKnown(readText(input.KnownFindings));
  if (input.KnownFindings !== undefined && !known)
    throw new EnvironmentError(`${input.KnownFindings} is not a file of known findings`);
  const settings: LintSettings = {
    prover: proverWith(await actionRules()),
    ...(input.AccountId === undefined ? {} : { account: input.AccountId }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(await chosen(input, config)),
  };
  const fix = input.UnsafeFixes ? 'unsafe' : input.Fix || input.Diff ? 'safe' : undefined;
  return {
    config,
    neededOverrides,
    settings,
    known,
    fix,
    today: new Date(clock()).toISOString().slice(0, 10),
  };
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

/** `--select` excludes all other rules; `--ignore` excludes further ones. */
async function chosen(
  { Select: select = [], Ignore: ignore = [] }: LintCommandInput,
  config: ReadConfig | undefined,
): Promise<Pick<LintSettings, 'rules'>> {
  if (select.length + ignore.length === 0) return {};
  const { RULES } = await import('../../lint/rules/index.ts');
  for (const code of [...select, ...ignore]) {
    if (!RULES.some((rule) => rule.code.startsWith(code.toUpperCase())))
      throw new EnvironmentError(`unknown rule code ${code}`);
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
