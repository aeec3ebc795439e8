/** The shape of a command's help text; loaded only by help and by documents generated from it. */

export interface Example {
  readonly title: string;
  /** Lines as they are typed, without a prompt. */
  readonly lines: readonly string[];
}

export interface CommandText {
  /** One line, at most 80 characters, no period. */
  readonly summary: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  /** One to four sentences for every member of the input; lengths and ranges are added from the shape. */
  readonly members: { readonly [member: string]: string };
  /** The errors that the model of AWS KMS names for the operation; local commands have none. */
  readonly errors: readonly string[];
  readonly examples: readonly Example[];
  /** Names of related rows: `Decrypt`, `KeyringStatus`. */
  readonly seeAlso: readonly string[];
  /** What is printed, where that is not an answer in the output format. */
  readonly output?: string;
}

/** By the name of the operation or local command: `Encrypt`, `KeyringStatus`. */
export interface CommandTexts {
  readonly [name: string]: CommandText;
}
