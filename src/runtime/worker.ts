/** A thread of a worker pool (worker-pool.ts). It does one task after the other, and wipes what it was sent. */
import { parentPort } from 'node:worker_threads';
import { computeHere } from '../crypto/task.ts';
import { withoutValues } from '../model/error.ts';
import { bytesOf, ownBytes, type WorkerAnswer, type WorkerTask } from './worker-message.ts';

async function answerTo({ name, input }: WorkerTask): Promise<WorkerAnswer> {
  try {
    return { output: ownBytes(await computeHere(name, input), 'wiped') };
  } catch (error) {
    return { error: withoutValues(error instanceof Error ? error : new Error('not an error')) };
  } finally {
    for (const bytes of bytesOf(input)) bytes.fill(0);
  }
}

parentPort!.on('message', (task: WorkerTask) => {
  void answerTo(task).then((answer) => {
    const moved = bytesOf(answer.output).map(({ buffer }) => buffer);
    parentPort!.postMessage(answer, moved);
  });
});
