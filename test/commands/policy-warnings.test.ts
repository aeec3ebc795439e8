import { expect, test } from 'vitest';
import { policyWarnings } from '../../src/commands/lint/policy-warnings.ts';
import { hostilePolicies, policyText } from '../support/hostile-policies.ts';

test('twenty lines at most, the worst of them, and none that is long', async () => {
  const services = Array.from({ length: 30 }, (_, index) => `service${index}.amazonaws.com`);
  const allow = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' };
  const lines = await policyWarnings(
    policyText([
      { ...allow, Principal: { Service: services } },
      { ...allow, Principal: { AWS: 'x'.repeat(20_000) } },
    ]),
  );
  expect(lines).toHaveLength(21);
  expect(lines[0]).toMatch(/^error\[KP101\] "x{1023}\.\.\.\(\d+ characters cut\) \(policy:1:\d+\)$/);
  expect(lines.slice(1, -1).every((line) => line.startsWith('security['))).toBe(true);
  expect(lines.at(-1)).toMatch(/^\d+ more findings: kms lint shows all of them$/);
  for (const { text } of hostilePolicies(32_768)) {
    const warnings = await policyWarnings(text);
    expect(warnings.length).toBeLessThanOrEqual(21);
    expect(Math.max(0, ...warnings.map(({ length }) => length))).toBeLessThan(1_200);
  }
});

test('what is refused for its size is not linted', async () => {
  const open = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
  const sized = (bytes: number): string => policyText([open]).padEnd(bytes);
  expect((await policyWarnings(sized(32_768))).length).toBeGreaterThan(0);
  expect(await policyWarnings(sized(32_769))).toEqual([]);
});
