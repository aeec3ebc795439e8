/** `kms policy check`: checks that a key policy does not allow certain access. */
import { accountId } from '../../model/account.ts';
import { EnvironmentError } from '../../model/error.ts';
import { fileName, namedKey } from '../../model/members.ts';
import { boolean, list, map, oneOf, string, structure } from '../../model/shape.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import type { ActionRules } from '../../policy/action-rules.ts';
import type { PolicyDocument } from '../../policy/document.ts';
import type { Access } from '../../analysis/prover/questions.ts';
import { accessTo, oneEach, publicAccessTo, type FoundAccess } from '../../analysis/prover/access.ts';
import { differenceOf } from '../../analysis/prover/difference.ts';
import { actionRules } from '../../pipeline/action-rules.ts';
import type { KeyringAccess, RegionChoice } from '../../runtime/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { actionNamed } from '../command/named.ts';
import { type PolicyScope, policyFrom, scopeOfKey, scopeWithoutKey } from './policy-scope.ts';

const CHECKS = ['not-public', 'not-more-than', 'not-granted'] as const;

type Outcome = 'PASS' | 'FAIL' | 'UNKNOWN';

export const policyCheck = localCommand({
  name: 'PolicyCheck',
  command: 'policy check',
  input: structure({
    Policy: fileName,
    KeyId: namedKey,
    AccountId: accountId,
    NotPublic: boolean,
    TrustedAccounts: list(accountId),
    NotMoreThan: fileName,
    NotGranted: list(string({ min: 1 })),
  }),
  output: structure({
    Result: oneOf(['PASS', 'FAIL', 'UNKNOWN']),
    Findings: list(
      structure({ Check: oneOf(CHECKS), Statement: string(), Principal: string(), Action: string(), Context: map() }),
    ),
    Unproved: list(oneOf(CHECKS)),
  }),
  positionals: ['Policy'],
  async run(input, session: KeyringAccess & RegionChoice) {
    const given = input.Policy === undefined ? undefined : policyFrom(input.Policy);
    const { current, ...owner } =
      input.KeyId === undefined ? scopeWithoutKey(input.AccountId, given) : await scopeOfKey(session, input.KeyId);
    const document = given ?? current;
    if (!document)
      throw new EnvironmentError('which policy?', ['kms policy check FILE, or kms policy check --key-id KEY']);
    const { TrustedAccounts: trusted = [], NotMoreThan: baseline, NotGranted: actions } = input;
    const scope = { ...owner, actionRules: await actionRules(), budget: new Budget() };
    const asked: { readonly [check in (typeof CHECKS)[number]]: (() => FoundAccess) | undefined } = {
      'not-public': input.NotPublic ? () => publicAccessTo(document, { ...scope, trusted }) : undefined,
      'not-more-than': baseline === undefined ? undefined : () => newAccessIn(document, policyFrom(baseline), scope),
      'not-granted': actions && (() => accessTo(document, { ...scope, actions: actions.map(actionNamed) })),
    };
    const results = CHECKS.flatMap((check) => {
      const found = asked[check]?.();
      return found ? [{ check, ...found }] : [];
    });
    if (results.length === 0) {
      throw new EnvironmentError('nothing to check', ['--not-public, --not-more-than OLD, --not-granted ACTION']);
    }
    const findings = results.flatMap(({ check, found }) =>
      found.map((access) => shownFinding(check, access, document)),
    );
    const unproved = results.filter(({ finished }) => !finished).map(({ check }) => check);
    const outcome: Outcome = findings.length > 0 ? 'FAIL' : unproved.length > 0 ? 'UNKNOWN' : 'PASS';
    return { Result: outcome, Findings: findings, Unproved: unproved };
  },
  exit: ({ Result }) => (Result === 'PASS' ? 0 : 1),
});

interface ComparisonScope extends Pick<PolicyScope, 'account' | 'keyArn'> {
  readonly actionRules: ActionRules;
  readonly budget: Budget;
}

function newAccessIn(newer: PolicyDocument, older: PolicyDocument, scope: ComparisonScope): FoundAccess {
  const { gains, undecided, complete, finished } = differenceOf({ newer, older, ...scope });
  return { found: oneEach(gains), finished: finished && complete && undecided.length === 0 };
}

const shownFinding = (
  check: (typeof CHECKS)[number],
  { statement, witness }: Access,
  { statements }: PolicyDocument,
) => ({
  Check: check,
  Statement: statements.find(({ index }) => index === statement)?.sid ?? `statement ${statement + 1}`,
  Principal: witness.principal,
  Action: witness.action,
  Context: Object.fromEntries(Object.entries(witness.context).map(([key, values]) => [key, values.join(',')])),
});
