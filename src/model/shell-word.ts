/** A word as a shell reads it back: what has a meaning there (brackets are a pattern for zsh) is quoted. */
export const shellWord = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
