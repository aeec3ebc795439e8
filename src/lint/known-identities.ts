/** Identities that are known to exist, as the configuration or the keyring lists them. */
import { isAccountId } from '../model/account.ts';
import { readPrincipalArn } from '../model/principal-arn.ts';
import type { NamedPrincipal } from '../policy/document.ts';

/** What lint() asks of known identities. An account counts as known if one of it is. */
export function knownBy(identities: readonly { readonly arn: string; readonly id?: string | undefined }[]) {
  const arns = new Set(identities.map(({ arn }) => arn));
  const known = identities.flatMap(({ arn }) => readPrincipalArn(arn) ?? []);
  const accounts = new Set(known.map(({ account }) => account));
  const byId = new Map(identities.flatMap(({ arn, id }) => (id === undefined ? [] : [[id, arn] as const])));
  const principalExists = ({ text }: NamedPrincipal): boolean => {
    if (arns.has(text)) return true;
    if (isAccountId(text)) return accounts.has(text);
    const named = readPrincipalArn(text);
    if (named?.form === 'root') return accounts.has(named.account);
    if (!named || !accounts.has(named.account) || named.form === 'federated-user') return true;
    // a session is of a role whose path it does not tell
    return (
      named.form === 'assumed-role' &&
      known.some(({ form, account, name }) => form === 'role' && account === named.account && name === named.name)
    );
  };
  return { principalExists, arnOf: (id: string) => byId.get(id) };
}
