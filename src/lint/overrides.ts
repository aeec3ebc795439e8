/** Overrides: findings that the configuration suppresses, and problems of the overrides themselves. */
import { matchesPattern } from '../policy/glob.ts';
import type { JsonPath, Range } from '../policy/text-place.ts';
import type { Override, ReadConfig } from './config.ts';
import { spanIn, type FileReport, type Finding, type Suppressed } from './core/finding.ts';
import { readTolerantly } from './core/tolerant.ts';
import { CONFIG_RULES, EVERY_RULE } from './every-rule.ts';

export interface Applied {
  readonly files: readonly FileReport[];
  /** About the configuration itself. */
  readonly config: readonly Finding[];
}

/** `named`: those of the files that are checked. A configuration is for more files, and with --select for more rules. */
export type NeededOverrides = 'all' | 'named' | 'none';

interface OverrideDeps {
  /** As `2026-01-31`. */
  readonly today: string;
  readonly neededOverrides?: NeededOverrides;
}

export function applyOverrides(
  files: readonly FileReport[],
  config: ReadConfig,
  { today, neededOverrides: needed = 'all' }: OverrideDeps,
): Applied {
  const overrides = config.value.overrides ?? [];
  const used = new Set<Override>();
  const covering = (file: FileReport, finding: Finding): Override | undefined => {
    const fitting = overrides.filter((override) => fits(override, file, finding));
    for (const override of fitting) used.add(override);
    return fitting.find((override) => !isExpired(override, today));
  };
  const isNeeded = ({ file }: Override): boolean =>
    needed === 'all' || (needed === 'named' && file !== undefined && files.some(({ name }) => isOfFile(file, name)));
  const kept = files.map((file): FileReport => {
    const suppressed: Suppressed[] = [...file.suppressed];
    const findings = file.findings.filter((finding) => {
      const override = covering(file, finding);
      if (override) suppressed.push({ finding, reason: override.reason });
      return !override;
    });
    return { ...file, findings, suppressed };
  });
  return { files: kept, config: [...aboutOverrides(config, { used, today, isNeeded }), ...unknownCodes(config)] };
}

const isExpired = ({ expires }: Override, today: string): boolean => expires !== undefined && expires < today;

const isOfFile = (file: string, name: string): boolean => matchesPattern(file, name) || name.endsWith(`/${file}`);

function fits({ file, sid, pointer, rules }: Override, { name }: FileReport, finding: Finding): boolean {
  const place = pointerOf(finding.steps);
  return (
    rules.some((beginning) => finding.code.startsWith(beginning)) &&
    (file === undefined || isOfFile(file, name)) &&
    (sid === undefined || finding.sid === sid) &&
    (pointer === undefined || place === pointer || place.startsWith(`${pointer.replace(/\/$/, '')}/`))
  );
}

/** RFC 6901. */
const pointerOf = (steps: JsonPath): string =>
  steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

function aboutOverrides(
  config: ReadConfig,
  { used, today, isNeeded }: { used: ReadonlySet<Override>; today: string; isNeeded: (override: Override) => boolean },
): readonly Finding[] {
  return (config.value.overrides ?? []).flatMap((override, index): readonly Finding[] => {
    const at = config.places[index]!;
    const steps = ['overrides', index];
    if (isExpired(override, today))
      return [
        configFinding('KP801', {
          config,
          at,
          steps,
          message: `the override for ${override.rules.join(', ')} expired on ${override.expires}`,
        }),
      ];
    if (used.has(override) || !isNeeded(override)) return [];
    return [
      configFinding('KP802', {
        config,
        at,
        steps,
        message: `the override for ${override.rules.join(', ')} matches no finding`,
      }),
    ];
  });
}

function unknownCodes(config: ReadConfig): readonly Finding[] {
  const root = readTolerantly(config.text, { comments: true }).root;
  const places: { readonly code: string; readonly at: Range; readonly steps: JsonPath }[] = [];
  for (const { name, value } of root?.members ?? []) {
    if (name === 'rules')
      for (const member of value.members ?? [])
        places.push({ code: member.name, at: member, steps: [name, member.name] });
    if (name !== 'overrides') continue;
    for (const [index, item] of (value.items ?? []).entries()) {
      const rules = item.members?.find((member) => member.name === 'rules')?.value.items ?? [];
      for (const code of rules) places.push({ code: String(code.value), at: code, steps: [name, index, 'rules'] });
    }
  }
  return places
    .filter(({ code }) => !EVERY_RULE.some((rule) => rule.code.startsWith(code)))
    .map(({ code, at, steps }) => configFinding('KP803', { config, at, steps, message: `unknown rule code ${code}` }));
}

interface ConfigProblem {
  readonly config: ReadConfig;
  readonly at: Range;
  readonly steps: JsonPath;
  readonly message: string;
}

function configFinding(code: string, { config, at, steps, message }: ConfigProblem): Finding {
  const { name, severity } = CONFIG_RULES.find((rule) => rule.code === code)!;
  const span = spanIn(config.text)({
    start: at.start,
    end: Math.min(at.end, at.start + (code === 'KP803' ? at.end - at.start : 1)),
  });
  const path = steps.join('.');
  return { code, name, severity, message, path, steps, span, secondary: [], notes: [], fingerprint: `${code}-${path}` };
}
