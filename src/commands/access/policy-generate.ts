/** `kms policy generate`: the smallest key policy that allows the calls in the audit log. */
import { namedKey } from '../../model/members.ts';
import { rootArn } from '../../model/principal-arn.ts';
import { parseArn } from '../../model/arn.ts';
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, required, string, structure } from '../../model/shape.ts';
import { usageOf } from '../../audit/usage.ts';
import { actionRow } from '../../policy/actions.ts';
import { policyForUse } from '../../analysis/policy-for-use.ts';
import type { KeyringAccess, LogAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Notes } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { everyRecord } from '../audit/records.ts';
import { scopeOfKey } from './policy-scope.ts';

export const policyGenerate = localCommand({
  name: 'PolicyGenerate',
  command: 'policy generate',
  input: structure({ KeyId: required(namedKey), KeepAdministration: boolean }),
  output: structure({ Policy: string(), Statements: integer(), Uses: integer() }),
  async run({ KeyId, KeepAdministration = false }, session: KeyringAccess & RegionChoice & LogAccess & Notes) {
    const { account, keyArn: arn } = await scopeOfKey(session, KeyId);
    const uses = (await usageOf(everyRecord(session.auditLog()), arn)).filter(
      ({ action }) => actionRow(action.toLowerCase())?.keyPolicy,
    );
    if (uses.length === 0 && !KeepAdministration) {
      throw new EnvironmentError('the audit log contains no successful calls for this key', [
        'kms audit lookup-events lists the events',
      ]);
    }
    const owner = rootArn(account, parseArn(arn)?.region);
    const policy = policyForUse(uses, KeepAdministration ? owner : undefined);
    if (!KeepAdministration && !uses.some(({ action }) => action === 'kms:PutKeyPolicy')) {
      session.say(
        'no principal can change this policy: --keep-administration adds a statement that allows it to the account',
      );
    }
    return { Policy: JSON.stringify(policy, null, 2), Statements: policy.Statement.length, Uses: uses.length };
  },
});
