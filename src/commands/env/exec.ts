/** `kms env exec`: decrypts an env file into the environment of one program; plaintext is never written. */
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { integer, structure } from '../../model/shape.ts';
import type { CallSeries } from '../../runtime/capabilities.ts';
import type { Environment, Notes, ProgramWords } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { DEFAULT_FILE, valuesIn } from './env-values.ts';
import { NOT_FOUND, runProgram } from './run-program.ts';

export const envExec = localCommand({
  name: 'EnvExec',
  command: 'env exec',
  input: structure({ File: fileName }),
  output: structure({ ExitStatus: integer() }),
  passthroughArgs: true,
  silent: true,
  async run({ File = DEFAULT_FILE }, session: ProgramWords & Environment & CallSeries & Notes) {
    const [program, ...args] = session.passthroughArgs;
    if (program === undefined) {
      throw new EnvironmentError('no program to run', ['kms env exec [--file FILE] -- PROGRAM [WORD]...']);
    }
    const status = await runProgram({ program, args, values: await valuesIn(File, session), env: session.env });
    if (status === NOT_FOUND) session.say(`${program}: not found`);
    return { ExitStatus: status };
  },
  exit: ({ ExitStatus }) => ExitStatus ?? 0,
});
