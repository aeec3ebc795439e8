/** Names of OpenID Connect providers in policies. */

/** As condition keys of its tokens begin: the issuer without `https://`. */
export const providerName = (issuer: string): string => issuer.slice('https://'.length);

export const providerArn = (issuer: string, { partition, account }: { partition: string; account: string }): string =>
  `arn:${partition}:iam::${account}:oidc-provider/${providerName(issuer)}`;
