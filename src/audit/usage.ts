/** The allowed uses of one key according to the log: principals and actions. */
import type { Logged } from './request-parameters.ts';

export interface Usage {
  /** ARN of a user, role or root user, or the name of a service. */
  readonly principal: string;
  readonly isService: boolean;
  /** As in policies: `kms:Decrypt`. */
  readonly action: string;
}

interface Event {
  readonly eventSource?: string;
  readonly eventName?: string;
  readonly errorCode?: string;
  readonly userIdentity?: {
    readonly type?: string;
    readonly arn?: string;
    readonly invokedBy?: string;
    readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: string } };
  };
  readonly resources?: readonly { readonly ARN?: string }[];
}

/** Operations whose permissions have other names. */
const SIDES: { readonly [operation: string]: readonly string[] } = { ReEncrypt: ['ReEncryptFrom', 'ReEncryptTo'] };

/** Every pair of principal and action once, in the order of its first use. */
export async function usageOf(
  records: AsyncIterable<Logged> | Iterable<Logged>,
  keyArn: string,
): Promise<readonly Usage[]> {
  const found = new Map<string, Usage>();
  for await (const record of records) {
    const event = record as Event;
    if (event.eventSource !== 'kms.amazonaws.com' || event.errorCode !== undefined) continue;
    const who = principalOf(event);
    if (!who) continue;
    for (const action of actionsOn(event, keyArn)) {
      const name = `${who.principal} ${action}`;
      if (!found.has(name)) found.set(name, { ...who, action });
    }
  }
  return [...found.values()];
}

function actionsOn({ eventName = '', resources = [] }: Event, keyArn: string): readonly string[] {
  const sides = SIDES[eventName];
  return resources.flatMap(({ ARN }, index) => (ARN === keyArn ? [`kms:${sides?.[index] ?? eventName}`] : []));
}

/** A session counts as its role, because session names change. */
function principalOf({ userIdentity: identity }: Event): Pick<Usage, 'principal' | 'isService'> | undefined {
  if (identity?.type === 'AWSService') return { principal: identity.invokedBy ?? '', isService: true };
  const principal = identity?.sessionContext?.sessionIssuer?.arn ?? identity?.arn;
  return principal === undefined ? undefined : { principal, isService: false };
}
