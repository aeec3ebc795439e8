/** Outsiders: values that a principal of an unrelated account cannot have, although a condition would match them. */
import { parseArnPattern } from '../../model/arn.ts';
import { inRange, readRange } from '../../policy/operands.ts';
import type { Bits } from './choices.ts';
import type { Model } from './model.ts';
import type { Text } from './rules.ts';

/** What outsiders cannot choose: the organization, network or resource that they act from. */
const BELONGINGS = new Set(
  'aws:PrincipalOrgID aws:PrincipalOrgPaths aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpcArn aws:SourceVpce aws:SourceAccount aws:SourceArn aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths aws:Ec2InstanceSourceVpc aws:userid'
    .toLowerCase()
    .split(' '),
);
/** Smaller networks count as private; larger ones as the internet. */
const NETWORK_BITS = { 4: 8, 16: 16 } as const;

/**
 * What stands for one party at the beginning of a value: the account of an ARN, the organization of a path
 * (IAM User Guide, AWS global condition context keys, aws:PrincipalOrgPaths), the role of a session's ID.
 */
function partyIn(key: string, value: string): string {
  const separator = key.endsWith('orgpaths') ? '/' : key === 'aws:userid' ? ':' : undefined;
  const party = separator === undefined ? (parseArnPattern(value)?.account ?? '') : value.split(separator, 1)[0]!;
  return /[*?$]/.test(party) ? '' : party;
}

/** A value that a policy names in full belongs to a known party; a value that matches a wildcard may be anyone's. */
export function openToOutsiders(model: Model, { rules }: Text): (key: string) => Bits {
  const wantedOn = (key: string): readonly string[] =>
    rules.flatMap(({ tests = [] }) => tests.flatMap((test) => (test.key === key ? test.wanted : [])));
  const made = new Map<string, Bits>();
  return (key) => {
    let bits = made.get(key);
    if (!bits) made.set(key, (bits = refusing(key)));
    return bits;
  };

  function refusing(key: string): Bits {
    const choices = model.choicesOf(key);
    const isClosed = BELONGINGS.has(key)
      ? ownedBy(key, wantedOn(key))
      : key === 'aws:sourceip'
        ? within(wantedOn(key))
        : undefined;
    if (!isClosed) return choices.select(() => true);
    return choices.select((found) => found === undefined || !isClosed(found));
  }

  function within(networks: readonly string[]): (value: string) => boolean {
    const small = networks.flatMap((text) => {
      const range = readRange(text);
      return range && range.bits >= NETWORK_BITS[range.bytes.length as 4 | 16] ? [range] : [];
    });
    return (value) => {
      model.scope.budget.spend(1 + small.length);
      const address = readRange(value);
      return address !== undefined && small.some((range) => inRange(address, range));
    };
  }
}

function ownedBy(key: string, names: readonly string[]): (value: string) => boolean {
  const known = new Set(names);
  const parties = new Set(names.map((name) => partyIn(key, name)).filter((party) => party !== ''));
  return (value) => known.has(value) || parties.has(partyIn(key, value));
}
