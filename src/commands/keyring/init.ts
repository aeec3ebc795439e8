/** `kms init`: creates a keyring at the default location or for a project. */
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { accountId } from '../../model/account.ts';
import { boolean, structure } from '../../model/shape.ts';
import { utf8 } from '../../crypto/bytes.ts';
import { createPrivateFolder } from '../../files/private-file.ts';
import { closePlace, isKeyringAt } from '../../keyring/place.ts';
import type { RandomSource, RegionChoice, KeyringLocation, KeyringCreation } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { describeKeyring, keyringShape } from './description.ts';

export const init = localCommand({
  name: 'Init',
  command: 'init',
  input: structure({
    AccountId: accountId,
    Passphrase: boolean,
    Project: boolean,
  }),
  output: structure(keyringShape),
  async run(
    { AccountId, Passphrase, Project = false },
    session: KeyringCreation & KeyringLocation & RegionChoice & RandomSource,
  ) {
    const settings = {
      account: AccountId,
      region: session.region,
      unlocking: { askPassphrase: Passphrase },
    };
    if (!Project) return describeKeyring(await session.create(settings), session.place);
    const place = session.projectPlace;
    return describeKeyring(await inProject(session, () => session.create({ ...settings, place })), place);
  },
});

/** Only the keyring file belongs into a repository: not its log, journals or backups. */
const IGNORED = `# Created by kms init --project
*
!.gitignore
!keyring.db
`;

/** The keyring is made last: without it there is a folder to make it in, and nothing to lose. */
async function inProject<T>(
  { projectPlace, random }: Pick<KeyringCreation, 'projectPlace'> & RandomSource,
  create: () => Promise<T>,
): Promise<T> {
  const { outputTo } = await import('../../files/output.ts');
  const { folder } = projectPlace;
  const file = `${folder}/.gitignore`;
  const isNew = !existsSync(folder);
  createPrivateFolder(folder);
  closePlace(projectPlace);
  const isIgnoring = existsSync(file);
  try {
    if (!isIgnoring) await outputTo(file, { random, mode: 0o644, existing: 'replace' }).write([utf8(IGNORED)]);
    return await create();
  } catch (error) {
    if (isKeyringAt(projectPlace)) throw error; // another process created it meanwhile
    if (!isIgnoring) rmSync(file, { force: true });
    if (isNew) removeIfEmpty(folder);
    throw error;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // it is in use
  }
}
