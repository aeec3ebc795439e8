/** The table of output formats. */
import { accessAnalyzer } from './access-analyzer.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { concise, github } from './lines.ts';
import { pretty } from './pretty.ts';
import type { ReportFormat } from './report.ts';
import { sarif } from './sarif.ts';

export const FORMATS = {
  pretty,
  concise,
  json,
  sarif,
  github,
  junit,
  'access-analyzer': accessAnalyzer,
} as const satisfies Readonly<Record<string, ReportFormat>>;
export type FormatName = keyof typeof FORMATS;
