import { expect, test } from 'vitest';
import { validateParameters } from '../../../../src/frontends/cli/input/param-validation.ts';
import { parseJson } from '../../../../src/frontends/cli/input/python-json.ts';
import { inputOf } from './test-deps.ts';
import { vectors } from './vectors.ts';

test('reports what botocore reports, in its order', () => {
  for (const { command, text, report } of vectors<{ command: string; text: string; report: string }>('validation')) {
    const problems = validateParameters(inputOf(command), parseJson(text, 'dict'));
    expect([text, problems.join('\n')]).toEqual([text, report]);
  }
});

test('lengths count characters, not code units', () => {
  const shape = {
    type: 'structure',
    members: { Name: { shape: { type: 'string', min: 2 }, required: false } },
  } as const;
  expect(validateParameters(shape, parseJson('{"Name":"\u{1f511}"}', 'dict'))).toEqual([
    'Invalid length for parameter Name, value: 1, valid min length: 2',
  ]);
});
