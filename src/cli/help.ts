/** Help. */
export function helpText(_path: readonly string[], _o: object): string | undefined {
  return 'help';
}
