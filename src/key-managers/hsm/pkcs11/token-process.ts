/** A process that calls the token of a cluster, until its parent has no more calls or is gone. */
import { withoutValues } from '../../../model/error.ts';
import { HsmError } from '../hsm.ts';
import { GRACE, type ProcessAnswer, type ProcessCall } from './process-message.ts';
import { tokensHere } from './tokens-here.ts';

const tokens = tokensHere();

async function answerTo({ id, entry, name, input }: ProcessCall): Promise<ProcessAnswer> {
  try {
    return { id, output: await tokens.call(entry, name, input) };
  } catch (error) {
    if (error instanceof HsmError) return { id, error: { code: error.code, message: error.message } };
    const message = withoutValues(error instanceof Error ? error : new Error('not an error'));
    return { id, error: { code: 'INTERNAL_ERROR', message } };
  }
}

process.on('message', (call: ProcessCall) => {
  void answerTo(call).then((answer) => process.send?.(answer, undefined, undefined, () => undefined));
});
// the parent decides: a server that is stopped on its terminal answers the calls that it has
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => {
  // process.exit() would wait for the threads, and so for ever for a call that hangs
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE);
  void tokens.close().finally(() => process.exit());
});
