/** Fn::Cidr: the blocks that an IPv4 block is split into (AWS CloudFormation Template Reference, "Fn::Cidr"). */
import { isIPv4 } from 'node:net';
import { refuse, type TemplatePlace } from './place.ts';

const [WIDTH, MAX_BLOCKS] = [32, 256];

/** @param bits of an address that differ within a block: 8 for blocks of /24 */
export function cidrBlocks(
  { block, count, bits }: { readonly block: string; readonly count: number; readonly bits: number },
  at: TemplatePlace,
): readonly string[] {
  const [address = '', prefix = '', ...more] = block.split('/');
  if (!isIPv4(address) || more.length > 0 || !/^\d{1,2}$/.test(prefix) || Number(prefix) > WIDTH) {
    return refuse(at, 'expected an IPv4 block, such as 192.168.0.0/24');
  }
  if (!isWithin(count, 1, MAX_BLOCKS)) return refuse(at, `expected 1 to ${MAX_BLOCKS} as number of blocks`);
  if (!isWithin(bits, 1, WIDTH)) return refuse(at, `expected 1 to ${WIDTH} as subnet bits`);
  const [whole, size] = [2 ** (WIDTH - Number(prefix)), 2 ** bits];
  if (size * count > whole) return refuse(at, `${block} has no space for ${count} blocks of ${bits} subnet bits`);
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = number - (number % whole);
  return Array.from({ length: count }, (_, index) => `${addressOf(first + size * index)}/${WIDTH - bits}`);
}

const isWithin = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

const addressOf = (number: number): string =>
  [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(number / unit) % 256).join('.');
