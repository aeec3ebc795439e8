/** Why the folder of agents cannot be used. */
import { explainFileError } from '../../files/private-file.ts';
import { EnvironmentError } from '../../model/error.ts';

export function unusable(folder: string, error: unknown): unknown {
  const explained = explainFileError(error, `the folder ${folder} for the socket of the agent`);
  if (!(explained instanceof EnvironmentError) || explained === error) return explained;
  return new EnvironmentError(explained.message, ['XDG_RUNTIME_DIR names a folder that this user can write to'], {
    cause: error,
  });
}
