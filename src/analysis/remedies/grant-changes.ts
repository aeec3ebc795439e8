/** Candidate grants. */
import { actionRow } from '../../policy/actions.ts';
import type { Decision } from '../../policy/decision.ts';
import type { Grant } from '../../policy/grant.ts';
import { principalText } from '../prover/ask.ts';
import type { CandidateChange } from './remedy.ts';
import { grantCommand } from './remedy-command.ts';

export function grantChanges({ request }: Decision): readonly CandidateChange[] {
  const { caller, action, resource, encryptionContext } = request;
  const row = actionRow(action.toLowerCase());
  if (!row?.grantable || resource.kind !== 'key' || resource.awsManaged || row.name === 'RetireGrant') return [];
  const pairs =
    row.encryptionContext && encryptionContext && Object.keys(encryptionContext).length > 0
      ? encryptionContext
      : undefined;
  // a service needs a source and a retiring principal: there is more to decide than a remedy can
  if (caller.kind === 'service') return [];
  const grantee = principalText(caller);
  const grant: Grant = {
    id: 'new',
    granteePrincipal: grantee,
    operations:
      row.name === 'CreateGrant' ? [...new Set(['CreateGrant', ...(request.newGrant?.operations ?? [])])] : [row.name],
    ...(pairs ? { constraints: { encryptionContextSubset: pairs } } : {}),
  };
  const bound = pairs ? ' with this encryption context' : '';
  return [
    {
      kind: 'grant',
      text: `grant: ${grant.operations.join(', ')}${bound} to ${grantee}`,
      apply: (before) =>
        before.resource.arn === resource.arn ? { ...before, grants: [...(before.grants ?? []), grant] } : before,
      means: () => ({ command: grantCommand(resource.arn, grant) }),
    },
  ];
}
