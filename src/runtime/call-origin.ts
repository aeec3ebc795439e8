/** The origin of calls, from the options of a session: the caller and the request attributes. */
import { EnvironmentError } from '../model/error.ts';
import { rootArn } from '../model/principal-arn.ts';
import type { CallOrigin } from '../pipeline/call-origin.ts';
import { attachPolicy } from '../policy/document.ts';
import { callerOf, type Caller } from '../policy/principal.ts';
import type { RequestOptions } from './specified-keys.ts';

/** Texts and numbers alone, so that another process can be told them. */
export interface OriginOptions extends RequestOptions {
  /** Principal ARN, or undefined: the root user of the keyring's account. */
  readonly principal?: string | undefined;
  readonly sessionTags?: { readonly [key: string]: string } | undefined;
  /** The text of a session policy. */
  readonly sessionPolicy?: string | undefined;
  readonly region?: string | undefined;
  /** The user agent in events. */
  readonly userAgent: string;
}

const LOCAL = '127.0.0.1';

export const callOrigin = (options: OriginOptions): CallOrigin => {
  const { region, userAgent, service, network, sourceIp = LOCAL } = options;
  return { caller: (account) => callerIn(options, account), region, sourceIp, userAgent, service, network };
};

export function callerIn(
  { principal, sessionTags, sessionPolicy }: Omit<OriginOptions, 'userAgent'>,
  account: string,
): Caller {
  const caller = callerOf(principal ?? rootArn(account), sessionTags === undefined ? {} : { tags: sessionTags });
  if (sessionPolicy === undefined) return caller;
  if (caller.kind === 'root' || caller.kind === 'service') {
    throw new EnvironmentError(`--session-policy does not apply to ${caller.arn}`, [
      'specify a role, a role session, a user or a federated user with --as',
    ]);
  }
  return { ...caller, sessionPolicies: [attachPolicy('--session-policy', sessionPolicy)] };
}
