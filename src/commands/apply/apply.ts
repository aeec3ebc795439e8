/** `kms apply`: applies a seed to a keyring. */
import type { Meter } from '../../model/progress.ts';
import { fileName } from '../../model/members.ts';
import { boolean, list, oneOf, required, string, structure } from '../../model/shape.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
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
  async run({ File, DryRun }, session: KeyringAccess & SeedDeps & Progress) {
    const { applyFile } = await import('./seed/apply.ts');
    const keyring = await session.open();
    const apply = (meter: Meter) => applyFile(keyring, File, { session, dryRun: DryRun, meter });
    return { Changes: await session.progress('resources', apply) };
  },
});
