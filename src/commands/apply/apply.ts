/** `kms apply`: applies a seed to a keyring. */
import { fileName } from '../../model/members.ts';
import { boolean, list, oneOf, required, string, structure } from '../../model/shape.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import type { SeedDeps } from './seed/apply.ts';

export const apply = localCommand({
  name: 'Apply',
  command: 'apply',
  input: structure({ File: required(fileName), DryRun: boolean }),
  output: structure({
    Changes: list(
      structure({ Action: oneOf(['create', 'update', 'unchanged']), Resource: string(), Detail: string() }),
    ),
  }),
  positionals: ['File'],
  async run({ File, DryRun }, session: KeyringAccess & SeedDeps) {
    const { applyFile } = await import('./seed/apply.ts');
    return { Changes: await applyFile(await session.open(), File, { session, dryRun: DryRun }) };
  },
});
