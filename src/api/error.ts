/** KmsError: a failure that the caller is told about, with AWS's name and text. */

export class KmsError extends Error {
  override readonly name = 'KmsError';
  readonly code: string;
  /** The operation that was refused, in API spelling; the road says it. */
  operation?: string;
  constructor(code: string, message = '') {
    super(message);
    this.code = code;
  }
}

/**
 * A failure of the surroundings: no keyring, locked, wrong passphrase, damaged file, full disk. It has no AWS name;
 * the command line prints it with its `hint:` lines and exits 253.
 */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly hints: readonly string[];
  constructor(message: string, hints: readonly string[] = [], options?: ErrorOptions) {
    super(message, options);
    this.hints = hints;
  }
}
