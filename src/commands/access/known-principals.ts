/** The principals whose access to a key can be explained. */
import { isAccountId } from '../../model/account.ts';
import { rootArn } from '../../model/principal-arn.ts';
import { identities } from '../../keyring/identity.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { everyPrincipal } from '../../analysis/prover/callers.ts';
import { principalText } from '../../analysis/prover/ask.ts';
import { callerOf, readPrincipal, type Caller } from '../../policy/principal.ts';
import type { AccessQuestions } from '../../runtime/capabilities.ts';

interface AskedCaller {
  readonly caller: Caller;
  readonly label: string;
}

/** All principals that the keyring, the policies of the keys or their grants name, and one that none of them names. */
export async function everyone(
  session: AccessQuestions,
  tx: Transaction,
  keys: readonly KmsKey[],
): Promise<readonly AskedCaller[]> {
  const root = callerOf(rootArn(tx.settings.account));
  const named: string[] = [];
  for (const key of keys) named.push(...(await principalsOn(key, { session, tx, root })));
  const arns = [root.arn, ...(await identities(tx)).map(({ arn }) => arn), ...named];
  const known = [...new Set(arns)].filter((arn) => {
    const { class: kind, byId } = readPrincipal({ type: 'AWS', text: arn });
    const isService = readPrincipal({ type: 'Service', text: arn }).class === 'service';
    return isService || (!['star', 'invalid'].includes(kind) && !byId);
  });
  const callers = known.map((arn) => withSession(session, isAccountId(arn) ? rootArn(arn) : arn));
  const labeled = new Map(callers.map((caller) => [caller.arn, { caller, label: principalText(caller) }]));
  return [...labeled.values(), ...anyoneElse(session, tx.settings.account, arns)];
}

async function principalsOn(
  key: KmsKey,
  { session, tx, root }: { readonly session: AccessQuestions; readonly tx: Transaction; readonly root: Caller },
): Promise<readonly string[]> {
  const request = await session.question(tx, { caller: root, action: 'kms:DescribeKey', key, allGrants: true });
  return [
    ...everyPrincipal(request.keyPolicy!.document).map(({ text }) => text),
    ...(request.grants ?? []).flatMap((grant) =>
      [
        grant.granteePrincipal ?? grant.granteeServicePrincipal ?? [],
        grant.retiringPrincipal ?? grant.retiringServicePrincipal ?? [],
      ].flat(),
    ),
  ];
}

/** As a question about one principal has it: with the session policy and the session tags of the options. */
function withSession({ callerAs }: AccessQuestions, arn: string): Caller {
  const caller = callerOf(arn);
  return caller.kind === 'root' || caller.kind === 'service' ? caller : callerAs(arn);
}

/** The policies of other accounts are unknown. */
function anyoneElse(session: AccessQuestions, account: string, arns: readonly string[]): readonly AskedCaller[] {
  const name = nameApartFrom(arns);
  const elsewhere = ['999999999999', '888888888888', '777777777777'].find(
    (other) => other !== account && !arns.some((arn) => arn.includes(other)),
  );
  return [
    {
      caller: withSession(session, `arn:aws:iam::${account}:user/${name}`),
      label: `any other principal in account ${account}`,
    },
    ...(elsewhere === undefined
      ? []
      : [
          {
            caller: withSession(session, `arn:aws:iam::${elsewhere}:user/${name}`),
            label: 'any principal in another account',
          },
        ]),
  ];
}

function nameApartFrom(arns: readonly string[]): string {
  let name = 'anyone';
  while (arns.some((arn) => arn.endsWith(`/${name}`))) name += '-else';
  return name;
}
