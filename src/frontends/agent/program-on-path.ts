/** Where a program is. */
import { accessSync, constants } from 'node:fs';

/** Entries of PATH that are relative refer to whatever folder the process is in. */
export function programOnPath(name: string, path = ''): string | undefined {
  return path
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => `${folder}/${name}`)
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
