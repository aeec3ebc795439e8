/** Strangers: what somebody of nowhere in particular cannot have, though a condition would let it pass. */
import { inRange, readRange } from '../operands.ts';
import type { Text } from './world.ts';

/** What strangers cannot choose: the organization, network or resource that they act from. */
const BELONGINGS = new Set(
  'aws:PrincipalOrgID aws:PrincipalOrgPaths aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpce aws:SourceAccount aws:SourceArn aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths'
    .toLowerCase()
    .split(' '),
);
/** Smaller networks belong to somebody; bigger ones are the internet. */
const NETWORK_BITS = { 4: 8, 16: 16 } as const;

/** A value that a policy names in full is somebody's; one that a wildcard lets through may be anybody's. */
export function closedToStrangers({ rules }: Text): (key: string, value: string) => boolean {
  const named = new Map<string, Set<string>>();
  const networks: string[] = [];
  for (const { key, wanted } of rules.flatMap(({ tests = [] }) => tests)) {
    if (BELONGINGS.has(key)) named.set(key, new Set([...(named.get(key) ?? []), ...wanted]));
    if (key === 'aws:sourceip') networks.push(...wanted);
  }
  const small = networks.flatMap((text) => {
    const range = readRange(text);
    return range && range.bits >= NETWORK_BITS[range.bytes.length as 4 | 16] ? [range] : [];
  });
  const isOwned = (value: string, accounts: ReadonlySet<string>): boolean =>
    [...accounts].some(
      (pattern) =>
        pattern === value || ((value.split(':')[4] ?? '') !== '' && value.split(':')[4] === pattern.split(':')[4]),
    );
  return (key, value) => {
    const names = named.get(key);
    if (names) return isOwned(value, names);
    if (key !== 'aws:sourceip' || small.length === 0) return false;
    const address = readRange(value);
    return address !== undefined && small.some((range) => inRange(address, range));
  };
}
