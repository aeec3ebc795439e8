/** `kms apply`: makes what a file declares. */
import type { Meter } from '../../model/progress.ts';
import { fileName } from '../../model/members.ts';
import { boolean, list, oneOf, required, string, structure } from '../../model/shape.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import type { ApplyDeps } from './apply-file.ts';
import { applyMembers, fileOptions } from './apply-options.ts';

export const apply = localCommand({
  name: 'Apply',
  command: 'apply',
  input: structure({
    File: required(fileName),
    ...applyMembers,
    DryRun: boolean,
  }),
  output: structure({
    Changes: list(
      structure({
        Action: oneOf(['create', 'update', 'unchanged', 'skipped']),
        Resource: string(),
        Detail: string(),
      }),
    ),
  }),
  positionals: ['File'],
  async run(input, session: KeyringAccess & ApplyDeps & Progress) {
    const { applyFile } = await import('./apply-file.ts');
    const options = { ...fileOptions(input), dryRun: input.DryRun };
    const keyring = await session.open();
    const work = (meter: Meter) => applyFile(keyring, input.File, { session, options, meter });
    return { Changes: await session.progress('resources', work) };
  },
});
