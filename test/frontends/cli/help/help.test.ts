/** Help as it is printed: layout, width, color, and that it covers the whole table. */
import { describe, expect, test } from 'vitest';
import { everyCommand } from '../../../../src/frontends/cli/table/commands.ts';
import { helpOverview, helpText } from '../../../../src/frontends/cli/help/help.ts';
import { memberOptions } from '../../../../src/frontends/cli/input/option.ts';

const commands = await everyCommand();
const help = (path: readonly string[], columns = 80, color = false): string | undefined =>
  helpText(path, { columns, color: color, commands });

const headingsOf = (text: string): readonly string[] => text.split('\n').filter((line) => /^[A-Z]/.test(line));

describe.each(commands.map((command) => [command.name, command] as const))('kms %s help', (name, command) => {
  const text = help(name.split(' '))!;

  test('has the sections of the AWS CLI, in its order', () => {
    expect(text.startsWith(`NAME\n       kms ${name} - `)).toBe(true);
    const expected = ['NAME', 'DESCRIPTION', 'SYNOPSIS', 'OPTIONS', 'GLOBAL OPTIONS', 'EXAMPLES', 'OUTPUT'];
    expect(headingsOf(text).slice(0, expected.length)).toEqual(expected);
  });

  test('describes every option', () => {
    for (const { name: option, required } of memberOptions(command.input)) {
      if (option.startsWith('--no-')) expect(text.replaceAll(/\s+/g, ' ')).toContain(` | ${option} (boolean)`);
      else expect(text).toMatch(new RegExp(`^ {7}${option} (?:.*\\)|\\|)${required ? ' \\[required\\]' : ''}$`, 'm'));
    }
  });

  test('stays within 80 columns, but for lines that are to be copied', () => {
    const prose = text.split('\n').filter((line) => line.length > 80 && !/^ {11,}\S*(?:kms|\S+=|\S+ |--|")/.test(line));
    expect(prose).toEqual([]);
  });
});

describe('the overview', () => {
  const text = helpOverview({ columns: 80, color: false, commands });

  test('names every first word once, local commands apart from operations', () => {
    const words = new Set(commands.map(({ name }) => name.split(' ')[0]!));
    for (const word of words) expect(text.match(new RegExp(`^       ${word}(?: |$)`, 'gm'))).toHaveLength(1);
    const [operations, locals] = text.split('KEYRING, AUDIT LOG AND PROFILES');
    expect(operations).toMatch(/^ {7}encrypt /m);
    expect(locals).toMatch(/^ {7}keyring /m);
  });

  test('is what no words at all lead to', () => expect(help([])).toBe(text));
});

test('a group lists its commands', () => {
  const text = help(['keyring'])!;
  expect(headingsOf(text)).toEqual(['NAME', 'DESCRIPTION', 'SYNOPSIS', 'AVAILABLE COMMANDS']);
  expect(text).toMatch(/^ {7}remove-slot +\S/m);
});

test('a command that is a group too does both', () => {
  expect(help(['configure'])).toMatch(/AVAILABLE COMMANDS\n {7}get +\S/);
});

test.each([[['nonsense']], [['keyring', 'nonsense']], [['encrypt', 'nonsense']]])('%j is unknown', (path) => {
  expect(help(path)).toBeUndefined();
});

test('lines grow with the terminal up to 100 columns', () => {
  const widest = (columns: number): number =>
    Math.max(...headed(help(['decrypt'], columns)!, 'DESCRIPTION').map((line) => line.length));
  expect(widest(80)).toBeLessThanOrEqual(80);
  expect(widest(100)).toBeGreaterThan(90);
  expect(widest(300)).toBe(widest(100));
});

const headed = (text: string, heading: string): readonly string[] => {
  const lines = text.split('\n');
  const from = lines.indexOf(heading) + 1;
  return lines.slice(
    from,
    lines.findIndex((line, at) => at > from && /^[A-Z]/.test(line)),
  );
};

test('headings are bold only where color is wanted', () => {
  expect(help(['encrypt'], 80, true)).toContain('\u001B[1mNAME\u001B[22m\n');
  expect(help(['encrypt'], 80, false)).not.toContain('\u001B');
});

test('a list says how its values are typed', () => {
  const text = help(['tag-resource'])!;
  expect(text).toContain('TagKey=string,TagValue=string ...');
  expect(text).toContain('"TagKey": "string"');
});

test('values of an enumeration, outside and inside a structure', () => {
  expect(help(['generate-data-key'])).toContain('Possible values: AES_256, AES_128.');
  expect(help(['audit', 'lookup-events'])).toMatch(/Possible values of AttributeKey: EventId,/);
});

test('paging members are described, but not in the synopsis', () => {
  const text = help(['list-keys'])!;
  expect(headed(text, 'SYNOPSIS').join('\n')).not.toContain('--limit');
  expect(headed(text, 'OPTIONS').join('\n')).toContain('--limit (integer)');
});
