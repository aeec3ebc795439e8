/** The caller of a request: the principal of its access key, or the default caller where no signature is required. */
import { asksForSignatures, type KeyPair } from '../../keyring/access-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { findCredentials, unrecognized, type Credentials, type Presented } from '../../runtime/credentials.ts';
import type { FindCaller } from '../../pipeline/call-origin.ts';
import type { HttpRequest } from './request.ts';
import { verifySignature, type Authorization } from './signature.ts';
import { SigningKeys } from './signing-keys.ts';

export interface CallerVerification {
  /**
   * Whether requests without a signature of a known access key are refused: always, by the current setting of the keyring,
   * or never. A known access key is verified in any case.
   */
  readonly required: 'always' | 'by the keyring' | 'never';
  /** The caller of other requests, and of those that are signed with the access key of this process. */
  readonly defaultCaller: FindCaller;
  /** It is valid as long as the process runs, and is not stored. */
  readonly processKey: KeyPair | undefined;
  /** Of the real clock, in milliseconds since 1970. */
  readonly clock: () => number;
}

interface Signer {
  readonly request: HttpRequest;
  readonly authorization: Authorization;
  readonly service: 'kms' | 'sts';
}

export const signerOf =
  (verification: CallerVerification, { request, authorization, service }: Signer): FindCaller =>
  async (account, tx) => {
    const now = verification.clock();
    const credentials =
      (await processCredentials(verification, { presented: authorization, account, tx })) ??
      (await findCredentials(tx, authorization, now));
    if (credentials) {
      const { caller, secret } = credentials;
      // forgotten with the record of the access key, when it is deleted or changed
      const keys = tx.memoize(secret, () => new SigningKeys(secret));
      verifySignature({ request, authorization, keys, now, service });
      return caller;
    }
    if (await isRequired(verification, tx)) throw unrecognized();
    return verification.defaultCaller(account, tx);
  };

async function processCredentials(
  { processKey, defaultCaller }: CallerVerification,
  { presented, account, tx }: { readonly presented: Presented; readonly account: string; readonly tx: Transaction },
): Promise<Credentials | undefined> {
  if (!processKey || presented.accessKeyId !== processKey.id || presented.sessionToken !== undefined) return undefined;
  return { caller: await defaultCaller(account, tx), secret: processKey.secret };
}

const isRequired = async ({ required }: CallerVerification, tx: Transaction): Promise<boolean> =>
  required === 'by the keyring' ? asksForSignatures(tx) : required === 'always';
