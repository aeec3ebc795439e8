/** Who makes a request: whose access key signed it, or, where no signature is asked for, whoever calls are made as. */
import { findCredentials, unrecognized } from '../service/credentials.ts';
import type { FindCaller } from '../service/road.ts';
import type { HttpRequest } from './request.ts';
import { verifySignature, type Authorization } from './signature.ts';

export interface Trust {
  /** Whom requests are made as while the keyring has no access keys; undefined: there must be some. */
  readonly anybody: FindCaller | undefined;
  /** Of the real clock, in milliseconds since 1970. */
  readonly clock: () => number;
}

interface Signer {
  readonly request: HttpRequest;
  readonly authorization: Authorization;
  readonly service: 'kms' | 'sts';
}

export const signerOf =
  ({ anybody, clock }: Trust, { request, authorization, service }: Signer): FindCaller =>
  async (account, tx) => {
    const now = clock();
    const credentials = await findCredentials(tx, authorization, now);
    if (!credentials && !anybody) throw unrecognized();
    if (!credentials) return anybody!(account, tx);
    const { caller, secretAccessKey } = credentials;
    await verifySignature({ request, authorization, secretAccessKey, now, service });
    return caller;
  };
