/** AWS's own samples: what the linter finds in them is argued finding by finding, and everything else is a false positive. */
import { describe, expect, test } from 'vitest';
import { readPolicy } from '../../src/policy/document.ts';
import { kindOf, lint } from '../../src/lint/lint.ts';
import type { LintKind } from '../../src/lint/core/settings.ts';
import { readTolerantly } from '../../src/lint/core/tolerant.ts';
import { prover } from '../support/prover.ts';
import { policyProblems } from '../../src/policy/write-check.ts';
import endpointPolicies from '../vectors/lint-samples/endpoint-policies.json' with { type: 'json' };
import identityPolicies from '../vectors/lint-samples/identity-policies.json' with { type: 'json' };
import keyPolicies from '../vectors/lint-samples/key-policies.json' with { type: 'json' };

interface Sample {
  readonly from: string;
  readonly kind: string;
  readonly statementOnly?: boolean;
  readonly account?: string;
  readonly document?: { readonly Statement: unknown };
  /** Instead of a document: a sample that is no JSON. */
  readonly text?: string;
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly times?: number;
    readonly why: string;
  }[];
}

const samples: readonly Sample[] = [...keyPolicies, ...identityPolicies, ...endpointPolicies];
const documents = samples.filter(({ document }) => document !== undefined);
const textOf = ({ document, text }: Sample): string => text ?? JSON.stringify(document, null, 2);

const rows = (codes: readonly string[]): string[] => codes.toSorted((a, b) => (a < b ? -1 : 1));

describe('the samples of the developer guide', () => {
  test.each(samples)('$from', (sample) => {
    const { kind, account = '111122223333' } = sample;
    const found = lint({ text: textOf(sample), kind: kind as LintKind, settings: { account, prover } });
    const expected = sample.findings.flatMap(({ code, severity, times = 1 }) =>
      Array.from({ length: times }, () => `${code} ${severity}`),
    );
    expect(rows(found.map(({ code, severity }) => `${code} ${severity}`))).toEqual(rows(expected));
  });

  test.each(documents)('$from is read as a policy', (sample) => {
    const { statements } = readPolicy(textOf(sample));
    expect(statements).toHaveLength([sample.document!.Statement].flat().length);
    for (const { effect, actions, resources, principals } of statements) {
      expect(effect).toBeDefined();
      expect(actions!.length).toBeGreaterThan(0);
      expect(resources!.length).toBeGreaterThan(0);
      if (sample.kind === 'key') expect(principals!.length).toBeGreaterThan(0);
    }
  });

  test('an error of the linter and a refusal when the policy is written go together', () => {
    const rules = new Set(['KP306', 'KP414', 'KP602']); // what can be written, and does not do what it should
    for (const sample of samples.filter(({ kind }) => kind !== 'endpoint')) {
      const errors = sample.findings.filter(({ code, severity }) => severity === 'error' && !rules.has(code));
      const problems = policyProblems(textOf(sample), { kind: sample.kind as 'key' | 'identity' });
      expect({ from: sample.from, refused: problems.length > 0 }).toEqual({
        from: sample.from,
        refused: errors.length > 0,
      });
    }
  });

  test('the linter detects what they are without options', () => {
    for (const sample of samples.filter(({ kind }) => kind !== 'endpoint')) {
      expect([sample.from, kindOf(readTolerantly(textOf(sample)))]).toEqual([sample.from, sample.kind]);
    }
  });

  test('every finding is argued, and no sample is there twice', () => {
    for (const { findings, from } of samples) {
      for (const { code, why } of findings) expect(why.length, `${from} ${code}`).toBeGreaterThan(10);
    }
    const texts = samples.map((sample) => textOf(sample).replaceAll(/\s+/g, ''));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
