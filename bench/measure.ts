/** Measuring whole processes side by side: rounds are interleaved, so that a noisy machine disturbs all alike. */
import { spawnSync } from 'node:child_process';
import { root } from '../scripts/root.ts';

export interface Subject {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export interface Measured {
  readonly name: string;
  /** Median wall-clock time of a whole process, in milliseconds. */
  readonly median: number;
}

export function measure(subjects: readonly Subject[], rounds: number): readonly Measured[] {
  const times = subjects.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1) {
    subjects.forEach(({ program, args, env, name }, index) => {
      const start = process.hrtime.bigint();
      const { status, stderr } = spawnSync(program, args, {
        env: env ?? process.env,
        maxBuffer: Infinity,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
      if (status !== 0) throw new Error(`${name} exited ${status}: ${stderr.toString()}`);
      if (round >= 0) times[index]!.push(elapsed); // the first round warms the caches of the file system
    });
  }
  return subjects.map(({ name }, index) => ({ name, median: median(times[index]!) }));
}

/** The largest resident set of a process, in MiB. */
export function peakMemory({ program, args, env }: Subject): number {
  const preload = `--require=${root('bench/peak-memory.cjs')}`;
  const { stderr } = spawnSync(program, args, { env: { ...env, NODE_OPTIONS: preload }, encoding: 'utf8' });
  return Number(/maxRSS (\d+)/.exec(stderr)![1]) / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Microseconds a call takes in this process: the median of five windows, after one that warms the code. */
export async function cost(call: () => unknown, milliseconds: number): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < milliseconds / 6) {
      await call();
      calls += 1;
    }
    if (round > 0) samples.push((1000 * (performance.now() - start)) / calls);
  }
  return median(samples);
}

/** Ratios against the first one. */
export function printRatios(measured: readonly Measured[]): void {
  const base = measured[0]!.median;
  for (const { name, median: time } of measured) {
    process.stdout.write(`${(time / base).toFixed(2).padStart(7)} x  ${time.toFixed(1).padStart(8)} ms  ${name}\n`);
  }
}
