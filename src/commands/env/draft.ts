/** Drafts for an editor: a text in a private folder, which is removed however the edit ends. */
import { EnvironmentError } from '../../model/error.ts';
import { undoneBySignals } from '../../files/interruption.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { makePrivateFolder, type PrivateFolder } from '../../files/private-folder.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import type { Environment, Notes } from '../command/capabilities.ts';
import { runProgram } from './run-program.ts';

const SUBJECT = 'the draft';
const DEFAULT_EDITOR = 'vi';

interface Draft {
  readonly text: string;
  /** Of its file, for editors that know files by their names. */
  readonly name: string;
  /** In bytes. */
  readonly limit: number;
}

/** The text as the editor leaves it. @throws if the editor fails */
export async function edited(draft: Draft, session: Environment & Notes & RandomSource): Promise<string> {
  // as system(3): a terminal sends them to the editor too, which may go on
  const ignore = (): void => {};
  process.on('SIGINT', ignore).on('SIGQUIT', ignore);
  try {
    return await editedInPrivate(draft, session);
  } finally {
    process.off('SIGINT', ignore).off('SIGQUIT', ignore);
  }
}

async function editedInPrivate(
  { text, name, limit }: Draft,
  session: Environment & Notes & RandomSource,
): Promise<string> {
  let folder: PrivateFolder | undefined;
  const remove = (): void => folder?.remove();
  const work = async (): Promise<string> => {
    folder = makePrivateFolder([session.env['XDG_RUNTIME_DIR'], '/dev/shm'], session.random);
    try {
      const file = folder.write(name, text);
      if (!folder.isInMemory) session.say(`the draft is stored on a disk: ${file}`);
      await runEditor(file, session.env);
      return utf8(readLimited(file, { subject: SUBJECT, limit }), SUBJECT);
    } finally {
      remove();
    }
  };
  return undoneBySignals(remove, work, ['SIGTERM', 'SIGHUP']);
}

/** As git runs it: by a shell, because the variable may hold options. */
async function runEditor(file: string, env: Environment['env']): Promise<void> {
  const editor = env['VISUAL'] || env['EDITOR'] || DEFAULT_EDITOR;
  const args = ['-c', `${editor} "$@"`, editor, file];
  const status = await runProgram({ program: '/bin/sh', args, values: new Map(), env });
  if (status === 0) return;
  throw new EnvironmentError(`the editor ${editor} ended with exit status ${status}`, [
    'nothing was changed; VISUAL or EDITOR in the environment selects the editor',
  ]);
}
