/** Constructors of target requests, and how run() gets at the key that was found. */
import type { AliasRequest, Call, KeyRequest, KeyTarget, NoRequest } from './operation.ts';

/** A key that only its ID or ARN may name. */
export const key = (identifier: string, action: string): KeyRequest => ({
  kind: 'key',
  identifier,
  action: `kms:${action}`,
  alias: 'refused',
});

/** A key that an alias may name too. */
export const keyOrAlias = (identifier: string, action: string): KeyRequest => ({
  kind: 'key',
  identifier,
  action: `kms:${action}`,
  alias: 'allowed',
});

export const alias = (name: string, action: string): AliasRequest => ({ kind: 'alias', name, action: `kms:${action}` });

export const noTarget = (action: string): NoRequest => ({ kind: 'none', action: `kms:${action}` });

/** A custom key store, by its ID; key stores have no ARN. */
export const keyStore = (id: string, action: string): NoRequest => ({ ...noTarget(action), keyStoreId: id });

/** The key that CreateKey is about to make: tagging it needs an identity policy. */
export const newKeyResource = (action: string): NoRequest => ({
  kind: 'none',
  action: `kms:${action}`,
  newKeyResource: true,
});

/** The keys among the targets, in their order. */
export const keysOf = ({ targets }: Pick<Call<unknown>, 'targets'>): readonly KeyTarget[] =>
  targets.filter((target) => target.kind === 'key');

export const keyOf = (call: Pick<Call<unknown>, 'targets'>): KeyTarget => keysOf(call)[0]!;
