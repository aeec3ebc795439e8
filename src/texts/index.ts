/** The table of texts. It knows operations that the table of commands may not have yet: ask it only for commands. */
import { agent } from './commands/agent.ts';
import { keyring } from './commands/keyring.ts';
import { keysForPeople } from './commands/keys.ts';
import { audit } from './commands/audit.ts';
import { configure } from './commands/configure.ts';
import { identities } from './commands/identities.ts';
import { attestation } from './commands/attestation.ts';
import { organizations } from './commands/organizations.ts';
import { access } from './commands/access.ts';
import { keyManagers } from './commands/key-managers.ts';
import { lint } from './commands/lint.ts';
import { serve } from './commands/serve.ts';
import { xksProxy } from './commands/xks-proxy.ts';
import { apply } from './commands/apply.ts';
import { wait } from './commands/wait.ts';
import { shim } from './commands/shim.ts';
import { env } from './commands/env.ts';
import { envelope } from './commands/envelope.ts';
import { batch } from './commands/batch.ts';
import { quickstart } from './commands/quickstart.ts';
import { grants } from './operations/grants.ts';
import { keyPolicies } from './operations/key-policies.ts';
import { aliases } from './operations/aliases.ts';
import { dataKeys } from './operations/data-keys.ts';
import { encryption } from './operations/encryption.ts';
import { keyMaterial } from './operations/key-material.ts';
import { keyStores } from './operations/key-stores.ts';
import { keys } from './operations/keys.ts';
import { sharedSecrets } from './operations/shared-secrets.ts';
import { signatures } from './operations/signatures.ts';
import type { CommandText, CommandTexts } from './command-text/command-text.ts';

export const COMMAND_TEXTS: CommandTexts = {
  ...encryption,
  ...dataKeys,
  ...keys,
  ...aliases,
  ...keyPolicies,
  ...grants,
  ...signatures,
  ...sharedSecrets,
  ...keyMaterial,
  ...keyStores,
  ...keyring,
  ...agent,
  ...audit,
  ...keysForPeople,
  ...configure,
  ...identities,
  ...organizations,
  ...attestation,
  ...access,
  ...keyManagers,
  ...lint,
  ...serve,
  ...xksProxy,
  ...apply,
  ...wait,
  ...shim,
  ...env,
  ...envelope,
  ...batch,
  ...quickstart,
};

/** @param operation the name of the row: `Encrypt`, `KeyringStatus` */
export function textOf(operation: string): CommandText {
  const text = COMMAND_TEXTS[operation];
  if (!text) throw new Error(`no text for ${operation}`);
  return text;
}
