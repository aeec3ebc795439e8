/** Names of operations and members as the API, messages and events, and command lines spell them. */

/** `KeyId` -> `keyId`: AWS's messages and audit events name members in lower camel case. */
export const camel = (name: string): string => name[0]!.toLowerCase() + name.slice(1);

/** `CloudHsmClusterId` -> `cloud-hsm-cluster-id`; a run of capitals is one word. */
export const hyphenate = (name: string): string =>
  name
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase();

/** `encrypt` -> `Encrypt`; API names are what hyphenate() makes commands of. */
export const operationName = (command: string): string =>
  command.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
