/** Why an attestation document is not trusted, as data with a text for people. AWS KMS tells callers none of this. */

export type ProblemCode =
  | 'too-large'
  | 'not-cose'
  | 'algorithm'
  | 'not-cbor'
  | 'field'
  | 'certificate'
  | 'chain'
  | 'signature'
  | 'untrusted-root'
  | 'not-yet-valid'
  | 'expired'
  | 'no-public-key'
  | 'public-key';

export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
}

export const problem = (code: ProblemCode, message: string): Problem => ({ code, message });
