/** Commands about key policies: what changes between two, and the smallest one that would have been enough. */
import { rootArn } from '../../model/principal-arn.ts';
import { accountId, DEFAULT_ACCOUNT } from '../../model/account.ts';
import { keyArn, parseArn, unknownKeyArn } from '../../model/arn.ts';
import { EnvironmentError } from '../../model/error.ts';
import { boolean, integer, list, map, oneOf, required, string, structure } from '../../model/shape.ts';
import { usageOf } from '../../audit/usage.ts';
import { actionRow } from '../../policy/actions.ts';
import { Budget } from '../../analysis/prover/budget.ts';
import { changesOf, type AccessChange } from '../../analysis/difference-text.ts';
import { readPolicy, type PolicyDocument } from '../../policy/document.ts';
import { policyForUse } from '../../analysis/policy-for-use.ts';
import { readPrincipal } from '../../policy/principal.ts';
import type { Access } from '../../analysis/prover/questions.ts';
import { accessTo, oneEach, publicAccessTo, type FoundAccess } from '../../analysis/prover/access.ts';
import { everyPrincipal } from '../../analysis/prover/callers.ts';
import { differenceOf } from '../../analysis/prover/difference.ts';
import type { KeyringAccess, LogAccess, RegionChoice } from '../../runtime/capabilities.ts';
import type { Notes, Output } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { recordsIn } from '../audit/audit.ts';
import { actionNamed, keyNamed } from '../command/named.ts';
import { checkPolicySize, readPolicyText } from '../lint/policy-file.ts';

const changeShape = list(
  structure({
    Principals: list(string()),
    Actions: list(string()),
    Statement: string(),
    WithoutIdentityPolicy: boolean,
    Example: structure({ Principal: string(), Action: string(), Context: map() }),
  }),
);

interface PolicyScope {
  readonly account: string;
  readonly keyArn: string;
  readonly current?: PolicyDocument;
}

export const policyDiff = localCommand({
  name: 'PolicyDiff',
  command: 'policy diff',
  input: structure({
    Old: required(string({ min: 1 })),
    New: string({ min: 1 }),
    Key: string({ min: 1 }),
    AccountId: accountId,
    Text: boolean,
    FailOnNewAccess: boolean,
  }),
  output: structure({ Gained: changeShape, Lost: changeShape, Unproved: list(string()), Summary: list(string()) }),
  positionals: ['Old', 'New'],
  async run(input, session: KeyringAccess & RegionChoice & Pick<Output, 'print'>) {
    const first = policyFrom(input.Old);
    const place = input.Key === undefined ? placeWithout(input.AccountId, first) : await placeOf(session, input.Key);
    const [older, newer] = sidesOf(first, input.New === undefined ? undefined : policyFrom(input.New), place.current);
    const { gained, lost, unproved, sentences } = changesOf({
      older,
      newer,
      account: place.account,
      keyArn: place.keyArn,
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

/** A document, or the path of a file with one. */
function policyFrom(text: string): PolicyDocument {
  return readPolicy(/^\s*\{/.test(text) ? checkPolicySize('the policy', text) : readPolicyText(text));
}

function sidesOf(
  first: PolicyDocument,
  second: PolicyDocument | undefined,
  current: PolicyDocument | undefined,
): readonly [PolicyDocument, PolicyDocument] {
  if (second) return [first, second];
  if (current) return [current, first];
  throw new EnvironmentError('a difference is between two policies', [
    'kms policy diff OLD NEW, or kms policy diff NEW --key KEY',
  ]);
}

async function placeOf(session: KeyringAccess & RegionChoice, identifier: string): Promise<PolicyScope> {
  const keyring = await session.open();
  return keyring.transact(async (tx) => {
    const { key } = await keyNamed(tx, identifier, session.region);
    return { account: key.account, keyArn: keyArn(key, key.keyId), current: readPolicy(key.policy) };
  });
}

/** The owner is the account that the policy delegates to, as every usual key policy does. */
function placeWithout(given: string | undefined, document: PolicyDocument | undefined): PolicyScope {
  const found = (document ? everyPrincipal(document) : []).find((named) => readPrincipal(named).class === 'account');
  const account = given ?? (found && readPrincipal(found).account) ?? DEFAULT_ACCOUNT;
  return { account, keyArn: unknownKeyArn(account) };
}

export const policyGenerate = localCommand({
  name: 'PolicyGenerate',
  command: 'policy generate',
  input: structure({ Key: required(string({ min: 1 })), KeepAdministration: boolean }),
  output: structure({ Policy: string(), Statements: integer(), Uses: integer() }),
  async run({ Key, KeepAdministration = false }, session: KeyringAccess & RegionChoice & LogAccess & Notes) {
    const { account, keyArn: arn } = await placeOf(session, Key);
    const uses = usageOf(recordsIn(session.auditLog()), arn).filter(
      ({ action }) => actionRow(action.toLowerCase())?.keyPolicy,
    );
    if (uses.length === 0 && !KeepAdministration) {
      throw new EnvironmentError('the audit log has no use of this key', ['kms audit lookup-events shows what it has']);
    }
    const owner = rootArn(account, parseArn(arn)?.region);
    const policy = policyForUse(uses, KeepAdministration ? owner : undefined);
    if (!KeepAdministration && !uses.some(({ action }) => action === 'kms:PutKeyPolicy')) {
      session.say(
        'nobody could change this policy: --keep-administration adds a statement that lets the account do so',
      );
    }
    return { Policy: JSON.stringify(policy, null, 2), Statements: policy.Statement.length, Uses: uses.length };
  },
});

const CHECKS = ['not-public', 'not-more-than', 'not-granted'] as const;

type Outcome = 'PASS' | 'FAIL' | 'UNKNOWN';

export const policyCheck = localCommand({
  name: 'PolicyCheck',
  command: 'policy check',
  input: structure({
    Policy: string({ min: 1 }),
    Key: string({ min: 1 }),
    AccountId: accountId,
    NotPublic: boolean,
    TrustedAccounts: list(accountId),
    NotMoreThan: string({ min: 1 }),
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
    const place = input.Key === undefined ? placeWithout(input.AccountId, given) : await placeOf(session, input.Key);
    const document = given ?? place.current;
    if (!document)
      throw new EnvironmentError('which policy?', ['kms policy check FILE, or kms policy check --key KEY']);
    const { TrustedAccounts: trusted = [], NotMoreThan: baseline, NotGranted: actions } = input;
    const { account, keyArn: arn } = place;
    const scope = { account, keyArn: arn, budget: new Budget() };
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

interface CheckScope extends Pick<PolicyScope, 'account' | 'keyArn'> {
  readonly budget: Budget;
}

function newAccessIn(newer: PolicyDocument, older: PolicyDocument, scope: CheckScope): FoundAccess {
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
