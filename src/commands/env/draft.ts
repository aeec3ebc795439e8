/** Drafts for an editor: a text in a private folder, which is removed however the edit ends. */
import { lstatSync } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import { undoneBySignals } from '../../files/interruption.ts';
import { readLimited, utf8 } from '../../files/limited-read.ts';
import { makePrivateFolder, type PrivateFolder } from '../../files/private-folder.ts';
import type { RandomSource } from '../../runtime/capabilities.ts';
import type { Environment, Notes, StandardStreams } from '../command/capabilities.ts';
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

export type EditorDeps = Environment & Notes & RandomSource & StandardStreams;

/** The text as the editor leaves it. @throws if the editor fails */
export async function edited(draft: Draft, session: EditorDeps): Promise<string> {
  const editor = editorOf(session);
  // as system(3): a terminal sends them to the editor too, which may go on
  const ignore = (): void => {};
  process.on('SIGINT', ignore).on('SIGQUIT', ignore);
  try {
    return await editedInPrivate(draft, editor, session);
  } finally {
    process.off('SIGINT', ignore).off('SIGQUIT', ignore);
  }
}

async function editedInPrivate({ text, name, limit }: Draft, editor: string, session: EditorDeps): Promise<string> {
  let folder: PrivateFolder | undefined;
  const remove = (): void => folder?.remove();
  const work = async (): Promise<string> => {
    folder = makePrivateFolder([session.env['XDG_RUNTIME_DIR'], '/dev/shm'], session.random);
    try {
      const file = folder.write(name, text);
      if (!folder.isInMemory) session.say(`the draft is stored on a disk: ${file}`);
      await runEditor(editor, file, session.env);
      return draftIn(file, limit);
    } finally {
      remove();
    }
  };
  return undoneBySignals(remove, work, ['SIGTERM', 'SIGHUP']);
}

/** A pipe in its place would be waited for, in a read that no signal ends while signals have listeners. */
function draftIn(file: string, limit: number): string {
  if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false) {
    throw new EnvironmentError(`${SUBJECT} is no longer a regular file`, ['nothing was changed']);
  }
  return utf8(readLimited(file, { subject: SUBJECT, limit }), SUBJECT);
}

/** The default one can only be used on a terminal. */
function editorOf({ env, isTerminal }: Environment & StandardStreams): string {
  const editor = env['VISUAL'] || env['EDITOR'];
  if (editor) return editor;
  if (isTerminal('stdin') && isTerminal('stdout')) return DEFAULT_EDITOR;
  throw new EnvironmentError(`there is no terminal for the editor ${DEFAULT_EDITOR}`, [
    'VISUAL or EDITOR in the environment selects the editor',
  ]);
}

/** As git runs it: by a shell, because the variable may hold options. */
async function runEditor(editor: string, file: string, env: Environment['env']): Promise<void> {
  const args = ['-c', `${editor} "$@"`, editor, file];
  const status = await runProgram({ program: '/bin/sh', args, values: new Map(), env });
  if (status === 0) return;
  throw new EnvironmentError(`the editor ${editor} ended with exit status ${status}`, [
    'nothing was changed; VISUAL or EDITOR in the environment selects the editor',
  ]);
}
