import { expect, test } from 'vitest';
import type { GrantConstraints } from '../../src/model/grant-terms.ts';
import { mayGive } from '../../src/policy/grant.ts';

const subset = (pairs: Record<string, string>): GrantConstraints => ({ encryptionContextSubset: pairs });
const equals = (pairs: Record<string, string>): GrantConstraints => ({ encryptionContextEquals: pairs });
const [S1, S2, E1, E2] = [
  subset({ a: '1' }),
  subset({ a: '1', b: '2' }),
  equals({ a: '1' }),
  equals({ a: '1', b: '2' }),
];

// how strict a child grant's constraints must be beside its parent's
test.each<[string, GrantConstraints, GrantConstraints, boolean]>([
  ['none, none', {}, {}, true],
  ['none, Subset', {}, S1, true],
  ['none, Equals', {}, E1, true],
  ['Subset, none', S1, {}, false],
  ['Subset, the same', S1, S1, true],
  ['Subset, a pair more', S1, S2, true],
  ['Subset, a pair fewer', S2, S1, false],
  ['Subset, another value', S1, subset({ a: '2' }), false],
  ['Subset, Equals with its pairs', S1, E2, true],
  ['Subset, Equals without its pairs', S2, E1, false],
  ['Equals, none', E1, {}, false],
  ['Equals, Subset', E1, S1, false],
  ['Equals, the same', E1, E1, true],
  ['Equals, the key in another case', E1, equals({ A: '1' }), true],
  ['Equals, a pair more', E1, E2, false],
  ['Equals, a pair fewer', E2, E1, false],
  ['source, none', { sourceArn: 'arn:aws:s3:::b' }, {}, false],
  ['source, the same', { sourceArn: 'arn:aws:s3:::b' }, { sourceArn: 'arn:aws:s3:::b' }, true],
  ['source, another', { sourceArn: 'arn:aws:s3:::b' }, { sourceArn: 'arn:aws:s3:::c' }, false],
])('parent, child: %s', (_, parent, child, allowed) => {
  const operations = ['Decrypt'];
  expect(mayGive({ operations, constraints: parent }, { operations, constraints: child })).toBe(allowed);
});
