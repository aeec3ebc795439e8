/** `kms policy diff`: compares the access that two key policies give. */
import { accountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { fileName, namedKey } from '../../model/members.ts';
import { boolean, list, map, required, string, structure } from '../../model/shape.ts';
import { actionRules } from '../../pipeline/action-rules.ts';
import { changesOf, type AccessChange } from '../../analysis/difference-text.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { policyFrom, scopeOfKey, scopeWithoutKey } from './policy-scope.ts';

const changeShape = list(
  structure({
    Principals: list(string()),
    Actions: list(string()),
    Statement: string(),
    WithoutIdentityPolicy: boolean,
    Example: structure({ Principal: string(), Action: string(), Context: map() }),
  }),
);

export const policyDiff = localCommand({
  name: 'PolicyDiff',
  command: 'policy diff',
  input: structure({
    Old: required(fileName),
    New: fileName,
    KeyId: namedKey,
    AccountId: accountId,
    Text: boolean,
    FailOnNewAccess: boolean,
  }),
  output: structure({ Gained: changeShape, Lost: changeShape, Unproved: list(string()), Summary: list(string()) }),
  positionals: ['Old', 'New'],
  async run(input, session: KeyringAccess & RegionChoice & Pick<Output, 'print'>) {
    const first = policyFrom(input.Old);
    const scope =
      input.KeyId === undefined ? scopeWithoutKey(input.AccountId, first) : await scopeOfKey(session, input.KeyId);
    const [older, newer] = sidesOf(first, input.New === undefined ? undefined : policyFrom(input.New), scope.current);
    const { gained, lost, unproved, sentences } = changesOf({
      older,
      newer,
      account: scope.account,
      keyArn: scope.keyArn,
      actionRules: await actionRules(),
    });
    if (input.Text) for (const sentence of sentences) session.print(sentence);
    const answer = { Gained: gained.map(shown), Lost: lost.map(shown), Unproved: unproved, Summary: sentences };
    const fails = (input.FailOnNewAccess ?? false) && (gained.length > 0 || unproved.length > 0);
    return { ...(input.Text ? {} : answer), fails };
  },
  exit: ({ fails }) => (fails ? 1 : 0),
});

const shown = ({ who, actions, statement, direct, example }: AccessChange) => ({
  Principals: who,
  Actions: actions,
  Statement: statement,
  WithoutIdentityPolicy: direct,
  Example: { Principal: example.principal, Action: example.action, Context: example.context },
});

function sidesOf(
  first: PolicyDocument,
  second: PolicyDocument | undefined,
  current: PolicyDocument | undefined,
): readonly [PolicyDocument, PolicyDocument] {
  if (second) return [first, second];
  if (current) return [current, first];
  throw new EnvironmentError('two policies are required', [
    'kms policy diff OLD NEW, or kms policy diff NEW --key-id KEY',
  ]);
}
