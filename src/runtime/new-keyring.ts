/** The settings of a new keyring. */

/** How a new slot is to be unlocked; one of them. */
export interface NewUnlocking {
  /** A key file to be made. */
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
  readonly passphraseFd?: number | undefined;
  /** Asked twice on the terminal. */
  readonly askPassphrase?: boolean | undefined;
}

export interface NewKeyring {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly unlocking: NewUnlocking;
}
