/** The table of texts. It knows operations that the table of commands may not have yet: ask it only for commands. */
import { access } from './access.ts';
import { aliases } from './aliases.ts';
import { callers } from './callers.ts';
import { dataKeys } from './data-keys.ts';
import { encryption } from './encryption.ts';
import { keyMaterial } from './key-material.ts';
import { keyStores } from './key-stores.ts';
import { keys } from './keys.ts';
import { linting } from './linting.ts';
import { serving } from './serving.ts';
import { sharedSecrets } from './shared-secrets.ts';
import { signatures } from './signatures.ts';
import type { CommandText, CommandTexts } from './text.ts';
import { localCommands } from './local-commands.ts';

export const COMMAND_TEXTS: CommandTexts = {
  ...encryption,
  ...dataKeys,
  ...keys,
  ...aliases,
  ...access,
  ...signatures,
  ...sharedSecrets,
  ...keyMaterial,
  ...keyStores,
  ...localCommands,
  ...callers,
  ...linting,
  ...serving,
};

/** @param operation the name of the row: `Encrypt`, `KeyringStatus` */
export function textOf(operation: string): CommandText {
  const text = COMMAND_TEXTS[operation];
  if (!text) throw new Error(`no text for ${operation}`);
  return text;
}
