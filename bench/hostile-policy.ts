/**
 * One policy, linted with its proofs in a process of its own, as a command does: how long that takes the first time, how
 * long once the code is warm, and how much memory it takes more than a small policy. bench/policy.ts runs it.
 */
import { lint } from '../src/lint/lint.ts';
import { prover } from '../test/support/prover.ts';
import { hostilePolicies, policyText } from '../test/support/hostile-policies.ts';
import { median } from './measure.ts';

const [name = '', bytes = '32768'] = process.argv.slice(2);
const hostile = hostilePolicies(Number(bytes)).find((policy) => policy.name === name);
const work = (text: string): number => {
  const start = performance.now();
  lint({ text, kind: 'key', settings: { account: '111122223333', prover } });
  return performance.now() - start;
};
/** KiB. */
const resident = (): number => process.resourceUsage().maxRSS;

work(policyText([]));
const before = resident();
const first = work(hostile!.text);
const memory = (resident() - before) / 1024;
const warm = median(Array.from({ length: 7 }, () => work(hostile!.text)));
process.stdout.write(JSON.stringify({ bytes: hostile!.text.length, first, warm, memory }));
