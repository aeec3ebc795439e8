/**
 * References that a reader of the repository cannot open (files, paths, links, npm scripts, ADRs, codes of rules), and
 * words for the architecture that docs/architecture.md does not use. scripts/check-references.ts applies them to every
 * tracked file.
 */

import { posix } from 'node:path';

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const CODE = String.raw`(?!UTF-|MD-|AES-|GB-)(?:[A-Z]{2}-\d{1,3}|[A-Z]-\d{2})\b`;
/** Codes of one letter are also names: of the services and engines S3 and V8, and of the control characters C0 and C1. */
const SHORT = String.raw`(?!S3\b|V8\b|C0\b|C1\b)[A-Z]\d{1,2}\b`;
/** Names of things that say nothing in this field, in the singular. */
const METAPHORS = 'House|Road|Mouth|Room|Circle|Surrounding|Circumstance|Wish(?:e)?|Outlet|Clockwork|Landlord|Stranger';
const anyCase = (words: string): string =>
  words.replaceAll(/(?<![a-z])[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`);

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
    name: 'a text outside the repository',
    pattern: /\((?:see )?(?:the )?(?:design|brief|issue)(?: #?\d[\d.]*|: [a-z][a-z ]+)\)/,
    instead: 'what the text says',
  },
  {
    name: 'a text outside the repository',
    pattern: /\b(?:of|in|see|by|per) the (?:brief|issue)\b(?! tracker)|\b[Ii]ssues? #?\d+\b/,
    instead: 'what the text says',
  },
  {
    name: 'a path of one machine',
    pattern: /(?<![\w.~}])\/work\/(?!\.\.\.)\w/,
    instead: 'a path from the root, or nothing',
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
    pattern: new RegExp(String.raw`\b(?:${anyCase(METAPHORS)})s?(?![a-z])|(?<=[a-z])(?:${METAPHORS})s?(?![a-z])`),
    instead: 'session, pipeline, frontend, layer or folder, call context, options or attributes, sink',
  },
];

/** Declarations are made by the build. */
const FILE = /(?<![\w./-])(?:\.{1,2}\/)*([\w-][\w./-]*(?<!\.d)\.(?:md|ts))\b/g;

/** A file or folder, from the root of the repository. */
const PATH = /(?<![\w./@~}-])((?:bench|docs|examples|scripts|src|test)\/[\w-][\w./-]*[\w-])/g;

/** A link of a document to another one, to a heading, or both. */
const LINK = /\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g;

export interface Repository {
  /** Every path, from the root. */
  readonly files: readonly string[];
  /** The names of the scripts in package.json. */
  readonly scripts: readonly string[];
  /** @returns the anchors of the headings of a document */
  anchorsOf(document: string): readonly string[];
}

/** @returns what is wrong with the text of a file, a line each */
export function problemsIn(text: string, path: string, repository: Repository): readonly string[] {
  const { files, scripts } = repository;
  const problems: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const add = (name: string, found: string, instead: string): void => {
      problems.push(`${index + 1}: ${name}: ${found} (write ${instead})`);
    };
    for (const { name, pattern, instead } of RULES) {
      const found = pattern.exec(line);
      if (found) add(name, found[0], instead);
    }
    const named = [...line.matchAll(FILE)].map(([, file = '']) => file);
    for (const file of named) {
      if (files.some((known) => known === file || known.endsWith(`/${file}`))) continue;
      add('a file that is not in the repository', file, 'the title of a public page, or nothing');
    }
    for (const [, place = ''] of line.matchAll(PATH)) {
      if (named.includes(place) || files.some((known) => known.startsWith(place))) continue;
      add('a path that is not in the repository', place, 'a path that is, from the root');
    }
    for (const [found, number = ''] of line.matchAll(/\bADR (\d+)\b/g)) {
      if (files.some((known) => known.startsWith(`docs/adr/${number.padStart(4, '0')}-`))) continue;
      add('a decision that is not in the repository', found, 'the number of a file in docs/adr');
    }
    for (const [found, script = ''] of line.matchAll(/\bnpm run (?:--silent )?([a-z][\w:-]*)/g)) {
      if (!scripts.includes(script)) add('a script that package.json does not have', found, 'one that it has');
    }
    if (path.endsWith('.md')) {
      for (const [found, file = '', anchor] of line.matchAll(LINK)) {
        const target = file === '' ? path : posix.join(posix.dirname(path), file);
        if (!files.some((known) => known === target || known.startsWith(`${target}/`))) {
          add('a link to nothing', found, 'a path from the folder of the document');
        } else if (anchor !== undefined && !repository.anchorsOf(target).includes(anchor)) {
          add('a link to no heading', found, 'the anchor of a heading');
        }
      }
    }
  }
  return problems;
}

/** @returns the anchors that GitHub gives to the headings of a document */
export function anchorsIn(document: string): readonly string[] {
  return [...document.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
