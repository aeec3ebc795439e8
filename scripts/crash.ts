/**
 * Kills commands at every system call that writes, and cuts the power after every one of them:
 *
 *     npm run crash -- [kill] [power] [--seed N] [--subsets N] [--most N] [WORDS OF A SCENARIO'S NAME ...]
 *
 * Prints a line for each scenario, what went wrong, and the sums; exits 1 if anything did.
 */
import { parseArgs } from 'node:util';
import { killEverywhere } from '../test/support/crash/kill.ts';
import { cutPower, type Report } from '../test/support/crash/power.ts';
import { SCENARIOS } from '../test/support/crash/scenarios.ts';
import { buildCheck, Stage } from '../test/support/crash/stage.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    subsets: { type: 'string', default: '3' },
    most: { type: 'string' },
  },
});
const kinds = ['kill', 'power'].filter((kind) => positionals.includes(kind));
const words = positionals.filter((word) => word !== 'kill' && word !== 'power');
const chosen = SCENARIOS.filter(({ name }) => words.every((word) => name.includes(word)));
if (chosen.length === 0) throw new Error('there is no such scenario');
const [seed, subsets] = [Number(values.seed), Number(values.subsets)];
const most = values.most === undefined ? undefined : Number(values.most);

const check = await buildCheck();
console.log(`seed ${seed}`);
const reports: Report[] = [];
const begun = Date.now();
for (const kind of kinds.length > 0 ? kinds : ['kill', 'power']) {
  const waiting = [...chosen];
  const worker = async (): Promise<void> => {
    const stage = new Stage(check);
    try {
      for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
        const report =
          kind === 'kill'
            ? await killEverywhere(stage, scenario, { max: most })
            : await cutPower(stage, scenario, { seed, subsets, max: most });
        reports.push(report);
        const { name, calls, states, checked, problems } = report;
        console.log(
          `${kind} ${name}: ${calls} calls, ${states} states, ${checked} checked, ${problems.length} problems`,
        );
        for (const problem of problems) console.log(`  ${problem}`);
      }
    } finally {
      stage.remove();
    }
  };
  await Promise.all([worker(), worker()]);
}
check.remove();
const sum = (count: (report: Report) => number): number => reports.reduce((total, report) => total + count(report), 0);
console.log(
  `${reports.length} runs, ${sum(({ states }) => states)} states, ${sum(({ checked }) => checked)} checked, ` +
    `${sum(({ problems }) => problems.length)} problems, ${Math.round((Date.now() - begun) / 1000)} s`,
);
process.exitCode = sum(({ problems }) => problems.length) > 0 ? 1 : 0;
