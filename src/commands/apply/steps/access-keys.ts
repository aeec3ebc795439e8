/** Steps for the access keys of a seed. */
import { EnvironmentError } from '../../../model/error.ts';
import { addAccessKey, checkOwner, chosenKeyPair, findAccessKey } from '../../../keyring/access-key.ts';
import { keyringTime } from '../../../keyring/root.ts';
import { logCommand } from '../../command/local-command.ts';
import type { SeedAccessKey } from '../seed/document.ts';
import { unchanged, type SeedStep, type StepDeps } from './step.ts';

/** An existing access key cannot be changed, as clients use it. */
export async function planAccessKey(
  { AccessKeyId: id, SecretAccessKey, PrincipalArn: principal }: SeedAccessKey,
  { unit: { tx }, events }: StepDeps,
): Promise<readonly SeedStep[]> {
  const pair = chosenKeyPair({ id, secret: SecretAccessKey });
  const known = await findAccessKey(tx, id);
  if (known && (known.principal !== principal || !known.secret.equals(pair.secret))) {
    const what = known.principal === principal ? 'secret' : 'principal';
    throw new EnvironmentError(`access key ${id} exists with another ${what}`, [
      `kms identity delete-access-key ${id}, or give the new one another ID`,
    ]);
  }
  if (known) return [unchanged(id)];
  checkOwner(principal);
  const run = async (): Promise<void> => {
    await addAccessKey(tx, { ...pair, principal, created: keyringTime(tx.settings, events.clock()) });
    logCommand(tx, events, { eventName: 'CreateAccessKey', details: { principalArn: principal, accessKeyId: id } });
  };
  return [{ Action: 'create', Resource: id, Detail: `access key of ${principal}`, run }];
}
