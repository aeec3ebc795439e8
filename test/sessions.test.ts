/**
 * Replays every golden session in test/sessions, and the `$ ` blocks of the README and the docs.
 * `UPDATE_SESSIONS=1 npx vitest run test/sessions.test.ts` writes what really came; read the difference before you keep it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSession, printSession, runSession } from './support/session.ts';

const root = join(import.meta.dirname, '..');
const update = process.env['UPDATE_SESSIONS'] === '1';

describe('sessions', () => {
  const folder = join(root, 'test/sessions');
  const filesIn = (name: string) =>
    Object.fromEntries(
      readdirSync(join(root, name)).map((file) => [file, readFileSync(join(root, name, file), 'utf8')]),
    );
  /** Files that a session finds in its folder; examples.txt runs what users are given to copy. */
  const files: { readonly [session: string]: { readonly [file: string]: string } } = {
    'examples.txt': filesIn('examples'),
    'apply.txt': filesIn('test/vectors/templates'),
    'xks-proxy.txt': filesIn('test/vectors/xks-proxy'),
  };
  test.concurrent.each(readdirSync(folder).filter((name) => name.endsWith('.txt')))('%s', (name) => {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const ran = printSession(runSession(parseSession(text), files[name]));
    if (update) writeFileSync(path, ran);
    else expect(ran).toBe(text);
  });
  test.skipIf(update).concurrent.each(readdirSync(folder).filter((name) => name.endsWith('.txt')))(
    '%s, through an agent',
    (name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      expect(printSession(runSession(parseSession(text), files[name], { agent: true }))).toBe(text);
    },
  );
});

/** Fenced blocks marked `console`; all of one document are one session, in order. */
const BLOCK = /^```console\n([\s\S]*?)^```$/gm;

describe('documents', () => {
  const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
    name.endsWith('.md'),
  );
  const withBlocks = documents.filter((name) => new RegExp(BLOCK).test(readFileSync(join(root, name), 'utf8')));
  test.concurrent.each(withBlocks)('%s', (name) => {
    const path = join(root, name);
    const text = readFileSync(path, 'utf8');
    const blocks = Array.from(text.matchAll(BLOCK), (match) => match[1]!);
    const parsed = blocks.map(parseSession);
    const ran = runSession(parsed.flat());
    let from = 0;
    let block = 0;
    const printed = text.replace(BLOCK, () => {
      const parts = ran.slice(from, from + parsed[block]!.length);
      from += parsed[block]!.length;
      block += 1;
      return `\`\`\`console\n${printSession(parts)}\`\`\``;
    });
    if (update) writeFileSync(path, printed);
    else expect(printed).toBe(text);
  });
});
