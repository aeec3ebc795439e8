/** What a grant says, whoever keeps or evaluates it: its parties and its terms. */

type Pairs = { readonly [key: string]: string };

export interface GrantConstraints {
  readonly encryptionContextEquals?: Pairs;
  readonly encryptionContextSubset?: Pairs;
  readonly sourceArn?: string;
}

/** What a grant gives, which is also what CreateGrant asks for. */
export interface GrantTerms {
  /** `Encrypt`, `ReEncryptFrom` ... */
  readonly operations: readonly string[];
  readonly constraints?: GrantConstraints;
}

export interface GrantParties {
  readonly granteePrincipal?: string;
  readonly granteeServicePrincipal?: string;
  readonly retiringPrincipal?: string;
  readonly retiringServicePrincipal?: string;
  /** Unique IDs of the users and roles that it names, as they were when it was made. */
  readonly boundIds?: { readonly [arn: string]: string };
}
