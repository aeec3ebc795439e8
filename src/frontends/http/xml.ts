/** XML of answers. */

export const element = (tag: string, content: string): string => `<${tag}>${content}</${tag.split(' ')[0]}>`;

const ENTITIES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** XML 1.0 has no place for control characters, even escaped. */
export const text = (value: string): string =>
  value.replace(/[&<>]/g, (character) => ENTITIES[character]!).replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, '?');
