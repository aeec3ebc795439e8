/** Where a call comes from, and the context of the call, which is derived from that. */
import type { Home } from '../model/arn.ts';
import { KmsError } from '../model/error.ts';
import { isRegion } from '../model/region.ts';
import type { Transaction } from '../keyring/transaction.ts';
import { identify } from '../operations/principals/known-callers.ts';
import type { Caller } from '../policy/principal.ts';
import type { CallContext } from './authorize.ts';

export type FindCaller = (keyringAccount: string, tx: Transaction) => Caller | Promise<Caller>;

/** The origin of a call, as the frontend knows it: caller, Region and request attributes. The context is derived from it. */
export interface CallOrigin extends Omit<CallContext, 'caller' | 'home' | 'time'> {
  /** The caller, or a function that finds the caller, which may refuse the call without an event. */
  readonly caller: Caller | FindCaller;
  /** undefined: the keyring's default Region. */
  readonly region: string | undefined;
  /** If the frontend has already sent it; undefined: a new one. */
  readonly requestId?: string | undefined;
}

/** With every member: none may be forgotten on the way. */
type WholeContext = { readonly [M in keyof Required<CallContext>]: CallContext[M] };

/** A bare key ID or alias is looked up in the caller's own account. */
export async function callContextOf(tx: Transaction, origin: CallOrigin, time: number): Promise<WholeContext> {
  const { settings } = tx;
  const { caller, region = settings.region, sourceIp, userAgent, connection, service, network } = origin;
  const known = await identify(tx, typeof caller === 'function' ? await caller(settings.account, tx) : caller);
  const home: Home = { account: known.account ?? settings.account, region };
  // a Region is part of paths and ARNs; the frontends check it too, with texts of their own
  if (!isRegion(home.region)) throw new KmsError('ValidationException', `Invalid Region '${home.region}'`);
  return { caller: known, home, time, sourceIp, userAgent, connection, service, network };
}
