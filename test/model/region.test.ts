/** Names of Regions and account IDs: what is one. */
import { describe, expect, test } from 'vitest';
import { isAccountId } from '../../src/model/account.ts';
import { isRegion, isRegionName } from '../../src/model/region.ts';

describe('a Region', () => {
  test.each([
    ['us-east-1', true, true],
    ['us-gov-west-1', true, true],
    ['eusc-de-east-1', true, true],
    ['EU-CENTRAL-1', true, false],
    ['somewhere', true, false],
    ['a'.repeat(63), true, false],
    ['a'.repeat(64), false, false],
    ['', false, false],
    ['eu/central-1', false, false],
    ['eu:central-1', false, false],
    ['us-east-1\n', false, false],
  ])('%j: a label %s, a name of AWS %s', (text, label, name) => {
    expect([isRegion(text), isRegionName(text)]).toEqual([label, name]);
  });
});

test.each([
  ['000000000000', true],
  ['111122223333', true],
  ['11112222333', false],
  ['1111222233334', false],
  ['11112222333a', false],
  ['١١١١٢٢٢٢٣٣٣٣', false],
  ['111122223333\n', false],
  ['', false],
])('%j is an account ID: %s', (text, is) => expect(isAccountId(text)).toBe(is));
