/** The options that unlock a keyring, and their environment variables. */
import type { UserFolders } from './user-folders.ts';

export interface UnlockMaterialOptions extends Pick<UserFolders, 'env'> {
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly passphraseFd?: number | undefined;
}

/** Whether a key file or a passphrase is named: it must be the one that opens the keyring. */
export const namesMaterial = ({ env, keyFile, passphraseFile, passphraseFd }: UnlockMaterialOptions): boolean =>
  [keyFile, passphraseFile, passphraseFd].some((option) => option !== undefined) ||
  Boolean(env['POCKET_KMS_KEY_FILE']) ||
  Boolean(env['POCKET_KMS_PASSPHRASE_FILE']);
