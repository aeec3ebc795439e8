/** Writing a profile with `conf`, which loads other packages: only `kms configure` does. */
import { dirname } from 'node:path';
import { CONFIG_NAME, type Profile } from '../../commands/configure/profiles.ts';
import { fileError } from '../../files/file-error.ts';
import { makeFolder, syncFolder } from '../../files/folder.ts';
import { configFolder, type UserFolders } from '../../runtime/user-folders.ts';

export async function writeProfile(folders: UserFolders, name: string, profile: Profile): Promise<void> {
  const { default: Conf } = await import('conf');
  const store = new Conf<{ profiles: { [name: string]: Profile } }>({
    cwd: configFolder(folders),
    configName: CONFIG_NAME,
    accessPropertiesByDotNotation: false,
    configFileMode: 0o600,
  });
  const kept = Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== undefined));
  const folder = dirname(store.path);
  try {
    makeFolder(folder, 0o700);
    store.set('profiles', { ...store.get('profiles', {}), [name]: kept });
    syncFolder(folder); // conf has moved the new file into its place
  } catch (error) {
    throw fileError(error, `the configuration ${store.path}`);
  }
}
