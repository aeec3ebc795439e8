/** Writing a profile with `conf`, which loads other packages: only `kms configure` does. */
import { dirname } from 'node:path';
import { CONFIG_NAME, type Profile } from '../../commands/configure/profiles.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder, syncFolder } from '../../files/folder.ts';
import { whileLocked } from '../../files/lock.ts';
import { configFolder, type UserFolders } from '../../runtime/user-folders.ts';

/** @param changes what is undefined in them is removed; other settings of the profile stay as they are */
export async function writeProfile(folders: UserFolders, name: string, changes: Profile): Promise<void> {
  const { default: Conf } = await import('conf');
  const store = new Conf<{ profiles: { [name: string]: Profile } }>({
    cwd: configFolder(folders),
    configName: CONFIG_NAME,
    accessPropertiesByDotNotation: false,
    configFileMode: 0o600,
  });
  const folder = dirname(store.path);
  try {
    makeFolder(folder, 0o700);
    await whileLocked(store.path, () => {
      const profiles = store.get('profiles', {});
      const changed = Object.entries({ ...profiles[name], ...changes }).filter(([, value]) => value !== undefined);
      store.set('profiles', { ...profiles, [name]: Object.fromEntries(changed) });
    });
    syncFolder(folder); // conf has moved the new file into its place
  } catch (error) {
    throw fileError(error, `the configuration ${store.path}`);
  }
}
