/** Findings for people: each with its lines and marks below them. */
import type { FileReport, Finding, Span } from '../core/finding.ts';
import { printWitness, summary, type ReportFormat, type LintReport } from './report.ts';
import { textLines } from '../../model/lines.ts';
import { HIDDEN, visible } from '../../model/visible.ts';

/** One unit for one unit, so that what stands below stays below. */
const sameWidth = (text: string): string => text.replaceAll(HIDDEN, (unit) => (unit === '\t' ? ' ' : '\u00b7'));

export const pretty: ReportFormat = (report) => {
  const blocks = report.files.flatMap((file) => {
    const lines = textLines(file.text);
    return file.findings.map((finding) => block(finding, { file, lines, report }));
  });
  return `${[...blocks, summary(report)].join('\n\n')}\n`;
};

interface PrettyDeps {
  readonly file: FileReport;
  readonly lines: readonly string[];
  readonly report: LintReport;
}

function block(finding: Finding, deps: PrettyDeps): string {
  const { paint } = deps.report;
  const { severity, code, message, span, sid } = finding;
  const gutter = String(Math.max(span.line, ...finding.secondary.map((note) => note.span.line))).length;
  const pad = ' '.repeat(gutter);
  const where = `${visible(deps.file.name)}:${span.line}:${span.column}`;
  const statement = sid === undefined ? '' : `   statement ${visible(JSON.stringify(sid))}`;
  const note = (text: string): string => `${pad} ${paint('frame', '=')} ${text}`;
  const witness = printWitness(finding);
  const { fix } = finding;
  return [
    `${paint(severity, `${severity}[${code}]`)}: ${paint('strong', visible(message))}`,
    `${pad}${paint('frame', '-->')} ${where}${statement}`,
    ...frame(finding, { ...deps, gutter }),
    ...(witness === undefined ? [] : [note(`witness: ${witness}`)]),
    ...finding.notes.map((text) => note(visible(text))),
    ...(fix ? [note(`fix (${fix.safe ? 'safe' : 'unsafe'}): ${visible(fix.title)}`)] : []),
    note(`docs: kms lint --explain ${code}`),
  ].join('\n');
}

interface Underline {
  readonly span: Span;
  readonly sign: '^' | '-';
  readonly label: string;
}

/** The lines of the finding and of its notes, in the order of the text; what lies between is left out. */
function frame(
  finding: Finding,
  { lines, report, gutter }: PrettyDeps & { readonly gutter: number },
): readonly string[] {
  const { paint, columns } = report;
  const marks: Underline[] = [
    { span: finding.span, sign: '^', label: finding.label ?? '' },
    ...finding.secondary.map(({ span, message }): Underline => ({ span, sign: '-', label: message })),
  ].toSorted((a, b) => a.span.start - b.span.start) as Underline[];
  const bar = paint('frame', '|');
  const empty = `${' '.repeat(gutter)} ${bar}`;
  const result = [empty];
  let last: number | undefined;
  for (const { span, sign, label } of marks) {
    const { line } = span;
    const source = lines[line - 1] ?? '';
    const space = Math.max(columns - gutter - 3, 20);
    const end = span.endLine === line ? span.endColumn : source.length + 1;
    const view = crop(source, { from: span.column - 1, space });
    if (last !== undefined && line > last + 1) result.push(paint('frame', '...'));
    if (line !== last || view.cut) {
      result.push(`${paint('frame', String(line).padStart(gutter))} ${bar} ${sameWidth(view.text)}`);
    }
    last = line;
    const length = Math.max(1, Math.min(end - span.column, view.text.length - view.offset));
    const style = sign === '^' ? finding.severity : 'frame';
    const under = `${' '.repeat(view.offset)}${paint(style, `${sign.repeat(length)}${label === '' ? '' : ` ${visible(label)}`}`)}`;
    result.push(`${' '.repeat(gutter)} ${bar} ${under}`);
  }
  return [...result, empty];
}

interface View {
  readonly text: string;
  /** Where the mark begins in it. */
  readonly offset: number;
  readonly cut: boolean;
}

/** Of a line that is too long (a policy on one line) only the neighborhood of the mark. */
function crop(line: string, { from, space }: { readonly from: number; readonly space: number }): View {
  if (line.length <= space) return { text: line, offset: from, cut: false };
  const start = Math.max(0, Math.min(from - Math.floor(space / 4), line.length - space));
  const head = start > 0 ? '\u2026' : '';
  const tail = start + space < line.length ? '\u2026' : '';
  const body = line.slice(start + head.length, start + space - tail.length);
  return { text: `${head}${body}${tail}`, offset: Math.max(from - start, head.length), cut: true };
}
