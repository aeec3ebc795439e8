/**
 * Makes what is written down elsewhere already: manual pages, and documents made from the tables. With
 * `--check` it writes nothing, names what is not current, and exits 1 if there is any.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { everyCommand } from '../src/frontends/cli/table/commands.ts';
import { helpLayout } from '../src/frontends/cli/help/layout.ts';
import { pageOf, type HelpPage } from '../src/frontends/cli/help/page.ts';
import { findCommand, register, type Registry } from '../src/frontends/cli/help/register.ts';
import { DIFFERENCES, GENERAL_DIFFERENCES, IMPOSSIBLE_ERRORS, IMPOSSIBLE_ERRORS_OF } from '../src/texts/differences.ts';
import { CONFIG_SCHEMA } from '../src/lint/config-schema.ts';
import { rulesDocument } from '../src/lint/output/rule-page.ts';
import { manualName, roff } from './roff.ts';
import { root } from './root.ts';

const commands = await everyCommand();
const registry: Registry = register(commands, (command, helper) => helpLayout(pageOf(registry, command), helper));
const pages: readonly HelpPage[] = [[], ...commands.map(({ name }) => name.split(' '))].map((path) =>
  pageOf(registry, findCommand(registry, path)!),
);

const { name, version } = JSON.parse(readFileSync(root('package.json'), 'utf8')) as { name: string; version: string };
const manual = { source: `${name} ${version}`, title: 'Pocket KMS' };

function commandTable(): string {
  const row = (command: (typeof commands)[number]): string =>
    `| [\`kms ${command.name}\`](../man/${manualName({ name: `kms ${command.name}` })}.1) | ${pages.find((page) => page.name === `kms ${command.name}`)!.summary} |`;
  const table = (kind: (typeof commands)[number]['kind']): string =>
    ['| command | what it does |', '|---|---|', ...commands.filter((command) => command.kind === kind).map(row)].join(
      '\n',
    );
  const count = commands.filter(({ kind }) => kind === 'operation').length;
  return `<!-- Made by scripts/generate.ts: changes here are lost. -->

# Commands

Every command has its own help: \`kms COMMAND help\`, or \`man kms-COMMAND\`.

## Operations of AWS KMS

${count} operations, named and answered as \`aws kms\` does.

${table('operation')}

## Keyring, audit log and profiles

Our own commands, with the same options for output and input as all other commands.

${table('local')}
`;
}

function compatibilityTable(): string {
  const rows = commands.flatMap(({ kind, operation }) =>
    kind === 'operation' ? [`| ${operation} | yes | ${(DIFFERENCES[operation] ?? []).join(' ')} |`] : [],
  );
  return `<!-- Made by scripts/generate.ts from src/texts/differences.ts: changes here are lost. -->

# Compatibility with AWS KMS

All operations of the current public model are answered, with its members, key states, messages and audit events. Where
an answer differs, it stands here with its reason.

## Everywhere

${GENERAL_DIFFERENCES.map((difference) => `- ${difference}`).join('\n')}

## Errors of the model that cannot occur

${Object.entries(IMPOSSIBLE_ERRORS)
  .map(([error, reason]) => `- \`${error}\`: ${reason}`)
  .join('\n')}

Some can, but not of every operation that the model declares them of:

${Object.entries(IMPOSSIBLE_ERRORS_OF)
  .flatMap(([operation, errors]) =>
    Object.entries(errors).map(([error, reason]) => `- ${operation}, \`${error}\`: ${reason}`),
  )
  .join('\n')}

## By operation

| operation | supported | differences |
|---|---|---|
${rows.join('\n')}
`;
}

const files = new Map<string, string>([
  ...pages.map((page) => [`man/${manualName(page)}.1`, roff(page, manual)] as const),
  ['docs/commands.md', commandTable()],
  ['docs/compatibility.md', compatibilityTable()],
  ['docs/lint-rules.md', rulesDocument()],
  ['docs/policylint.schema.json', `${JSON.stringify(CONFIG_SCHEMA, undefined, 2)}\n`],
]);

/** Pages of commands that are gone. */
const stale = (existsSync(root('man')) ? readdirSync(root('man')) : [])
  .map((file) => `man/${file}`)
  .filter((path) => !files.has(path));
const changed = [...files.keys()].filter(
  (path) => !existsSync(root(path)) || readFileSync(root(path), 'utf8') !== files.get(path),
);

if (process.argv.includes('--check')) {
  for (const path of [...changed, ...stale]) process.stderr.write(`generate: ${path} is not current\n`);
  if (changed.length + stale.length > 0) process.exitCode = 1;
} else {
  for (const path of changed) {
    mkdirSync(dirname(root(path)), { recursive: true });
    writeFileSync(root(path), files.get(path)!);
  }
  for (const path of stale) rmSync(root(path));
  process.stdout.write(`${files.size} files, ${changed.length} changed, ${stale.length} removed\n`);
}
