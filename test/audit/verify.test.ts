import { expect, test } from 'vitest';
import { CHAIN_START, link, type ChainHead } from '../../src/audit/chain.ts';
import { verifyLog } from '../../src/audit/verify.ts';
import { Secret } from '../../src/crypto/secret.ts';

const key = new Secret(new Uint8Array(32).fill(1));

test('generations never fall: a line of an earlier keyring is reported, though its MAC is right', () => {
  let head: ChainHead = CHAIN_START;
  const lines = [3, 3, 5, 4, 5].map((generation, at) => {
    const linked = link({ eventName: `Event${at}` }, generation, { key, head });
    ({ head } = linked);
    return linked.line;
  });
  expect(verifyLog(lines, { key, start: CHAIN_START, head })).toEqual({
    events: 5,
    problems: [
      {
        line: 4,
        kind: 'rolled back',
        message: 'line 4 (event 4) was written with an earlier version of the keyring than the line before',
      },
    ],
  });
});
