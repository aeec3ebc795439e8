/** Manual pages: what the macros would misread is escaped, and groff has nothing to say about any page. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { everyCommand } from '../../src/frontends/cli/table/commands.ts';
import { pageOf, type HelpPage } from '../../src/frontends/cli/help/page.ts';
import { findCommand, register } from '../../src/frontends/cli/help/register.ts';
import { manualName, roff } from '../../scripts/roff.ts';

const MANUAL = { source: 'pocket-kms 0', title: 'Pocket KMS' };
const page: HelpPage = {
  name: 'kms some thing',
  summary: 'Does "it"',
  sections: [
    { heading: 'DESCRIPTION', blocks: [{ kind: 'text', text: ".kms isn't a request" }] },
    { heading: 'EXAMPLES', blocks: [{ kind: 'code', lines: ["'quoted' \\", '.dot', '--long ^~`'] }] },
    {
      heading: 'OPTIONS',
      blocks: [
        {
          kind: 'entry',
          term: '--a (list)',
          blocks: [
            { kind: 'text', text: 'One.' },
            { kind: 'code', lines: ['x'] },
          ],
        },
        { kind: 'table', rows: [['--b', 'Two.']] },
      ],
    },
  ],
};

test('every kind of block', () => {
  expect(roff(page, MANUAL).split('\n').slice(1)).toEqual([
    '.TH KMS\\-SOME\\-THING 1 "" "pocket\\-kms 0" "Pocket KMS"',
    '.nh',
    '.ad l',
    '.SH NAME',
    'kms\\-some\\-thing \\- Does \\(dqit\\(dq',
    '.SH DESCRIPTION',
    '.PP',
    '\\&.kms isn\\(aqt a request',
    '.SH EXAMPLES',
    '.PP',
    '.RS 4',
    '.nf',
    '\\(aqquoted\\(aq \\e',
    '\\&.dot',
    '\\-\\-long \\(ha\\(ti\\(ga',
    '.fi',
    '.RE',
    '.SH OPTIONS',
    '.TP',
    '\\fB\\-\\-a (list)\\fR',
    'One.',
    '.IP',
    '.nf',
    'x',
    '.fi',
    '.TP',
    '\\fB\\-\\-b\\fR',
    'Two.',
    '',
  ]);
});

describe('groff', async () => {
  const commands = await everyCommand();
  const registry = register(commands, () => '');
  const paths = [[], ...commands.map(({ name }) => name.split(' '))];

  test.each(paths.map((path) => [path.join(' '), path] as const))('reads kms %s', (_, path) => {
    const real = pageOf(registry, findCommand(registry, path)!);
    const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-Wbreak', '-P-c'], {
      input: roff(real, MANUAL),
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.replaceAll(/.\u0008/g, '').replaceAll(/\s+/g, ' ')).toContain(
      `${manualName(real)} - ${real.summary}`,
    );
  });
});
