/**
 * References that a reader of the repository cannot open, and words for the architecture that docs/architecture.md does
 * not use. A table of patterns; scripts/check-references.ts applies it to every tracked file.
 */

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const CODE = String.raw`(?!UTF-|MD-|AES-|GB-)(?:[A-Z]{2}-\d{1,3}|[A-Z]-\d{2})\b`;
/** Codes of one letter are also names: of the services and engines S3 and V8, and of the control characters C0 and C1. */
const SHORT = String.raw`(?!S3\b|V8\b|C0\b|C1\b)[A-Z]\d{1,2}\b`;

const RULES: readonly Rule[] = [
  {
    name: 'a file outside the repository',
    pattern: /\bspec\/[\w-]+\.json\b/,
    instead: 'the title of a public page, or nothing',
  },
  {
    name: 'a line of a text outside the repository',
    pattern: /\[L ?\d{2,}[\], -]/,
    instead: 'the title of a public page, or nothing',
  },
  {
    name: 'a section of no named text',
    pattern: /(?:\/\/|\*) .* \(\d+\.\d+(?:(?:, | and )\d+\.\d+)*\)/,
    instead: 'the standard or page with its section, or nothing',
  },
  {
    name: 'the code of a rule',
    pattern: new RegExp(String.raw`\b${CODE}|\(${SHORT}(?:(?:, | to | and )${SHORT})*\)|['"\x60]${SHORT}: `),
    instead: 'what the rule says',
  },
  {
    name: 'a word that docs/architecture.md does not use',
    pattern:
      /\b(?:[Hh]ouse|[Rr]oad|[Mm]outh|[Rr]oom|[Cc]ircle)s?(?![a-z])|(?<=[a-z])(?:House|Road|Mouth|Room|Circle)s?(?![a-z])/,
    instead: 'session, pipeline, frontend, layer or folder, call context',
  },
];

/** Declarations are made by the build. */
const FILE = /(?<![\w./-])(?:\.{1,2}\/)*([\w-][\w./-]*(?<!\.d)\.(?:md|ts))\b/g;

/** @param files every path of the repository, from its root @returns what is wrong, a line each */
export function problemsIn(text: string, files: readonly string[]): readonly string[] {
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const add = (name: string, found: string, instead: string): void => {
      problems.push(`${index + 1}: ${name}: ${found} (write ${instead})`);
    };
    for (const { name, pattern, instead } of RULES) {
      const found = pattern.exec(line);
      if (found) add(name, found[0], instead);
    }
    for (const [, path = ''] of line.matchAll(FILE)) {
      if (files.some((file) => file === path || file.endsWith(`/${path}`))) continue;
      add('a file that is not in the repository', path, 'the title of a public page, or nothing');
    }
    for (const [found, number = ''] of line.matchAll(/\bADR (\d+)\b/g)) {
      if (files.some((file) => file.startsWith(`docs/adr/${number.padStart(4, '0')}-`))) continue;
      add('a decision that is not in the repository', found, 'the number of a file in docs/adr');
    }
  }
  return problems;
}
