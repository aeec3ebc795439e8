/** Session tags on the command line: `Department=IT,Project=X`. */

type Tags = { readonly [key: string]: string };

export const TAG_FORM = 'pairs, such as Department=IT,Project=X';

/** A value may have `=`, but no comma. @returns undefined for what is not of the form */
export function readTags(text: string): Tags | undefined {
  const pairs = text.split(',').flatMap((pair) => {
    const [, key, value] = /^([^=]+)=([^]*)$/.exec(pair) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return pairs.length === text.split(',').length ? Object.fromEntries(pairs) : undefined;
}

export const printTags = (tags: Tags): string =>
  Object.entries(tags)
    .map((pair) => pair.join('='))
    .join(',');
