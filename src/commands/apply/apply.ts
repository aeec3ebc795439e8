/** `kms apply`: makes what a file declares. */
import type { Meter } from '../../model/progress.ts';
import { fileName } from '../../model/members.ts';
import { boolean, list, map, oneOf, required, string, structure } from '../../model/shape.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import type { ApplyDeps } from './apply-file.ts';

export const apply = localCommand({
  name: 'Apply',
  command: 'apply',
  input: structure({
    File: required(fileName),
    StackName: string({ min: 1, max: 128 }),
    Parameters: map(),
    Imports: map(),
    ManagedPolicies: fileName,
    LocalstackTags: boolean,
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
    const options = {
      stackName: input.StackName,
      parameters: input.Parameters,
      imports: input.Imports,
      managedPolicies: input.ManagedPolicies,
      localstackTags: input.LocalstackTags,
      dryRun: input.DryRun,
    };
    const keyring = await session.open();
    const work = (meter: Meter) => applyFile(keyring, input.File, { session, options, meter });
    return { Changes: await session.progress('resources', work) };
  },
});
