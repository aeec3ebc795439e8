/**
 * The condition keys of a recipient: the registers of the attestation document that a call was sent with. They come from
 * a document that was verified, never from the input as it was sent.
 */
import type { Input, InputCondition, KeyValues, OptionsAsked } from './input-condition.ts';

export type RecipientPlatform = 'NITRO_ENCLAVE' | 'NITRO_TPM';

const BEGINNING = 'kms:RecipientAttestation:';
const IMAGE = 'ImageSha384';

/** What the names of the registers begin with, and how many there are (AWS KMS Developer Guide, "Condition keys for attested platforms"). */
const REGISTERS: {
  readonly [platform in RecipientPlatform]: { readonly beginning: string; readonly count: number };
} = {
  NITRO_ENCLAVE: { beginning: 'PCR', count: 16 },
  NITRO_TPM: { beginning: 'NitroTPMPCR', count: 24 },
};

/** Registers by their numbers, in lower-case hex. */
type Registers = { readonly [index: string]: string };

/** Of a verified document, or supposed by an explanation. */
export class Measurements {
  readonly platform: RecipientPlatform;
  readonly pcrs: Registers;
  constructor(platform: RecipientPlatform, pcrs: Registers) {
    this.platform = platform;
    this.pcrs = pcrs;
  }

  values(): KeyValues {
    const { beginning, count } = REGISTERS[this.platform];
    const image = this.platform === 'NITRO_ENCLAVE' ? this.pcrs['0'] : undefined;
    return [
      ...(image === undefined ? [] : [[BEGINNING + IMAGE, [image]] as const]),
      ...Object.entries(this.pcrs)
        .filter(([index]) => Number(index) < count)
        .map(([index, value]) => [`${BEGINNING}${beginning}${index}`, [value]] as const),
    ];
  }
}

/** Of calls with a Recipient: the pipeline puts the measurements in its place. */
export const recipientAttestation: InputCondition = {
  keys: [(BEGINNING + IMAGE).toLowerCase(), BEGINNING.toLowerCase()],
  members: ['Recipient'],
  values({ Recipient: given }) {
    return given instanceof Measurements ? given.values() : [];
  },
  options: (asked) => [{}, ...optionsOf('NITRO_ENCLAVE', asked), ...optionsOf('NITRO_TPM', asked)],
};

const MAX_OPTIONS = 256;
/** What the registers of a document can be: SHA-384, and lengths that the process of attestation allows besides. */
const DIGEST = /^(?:[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/;
const DIGITS = 96;

/** Documents that have, in the registers that are tested, each of the values that are tested or another one. */
function optionsOf(platform: RecipientPlatform, { namesBelow, valuesOf }: OptionsAsked): readonly Input[] {
  const tested = new Map<number, readonly string[]>();
  for (const name of namesBelow(BEGINNING)) {
    const index = registerOf(platform, name);
    if (index === undefined) continue;
    const values = valuesOf((BEGINNING + name).toLowerCase()).map((value) => value.toLowerCase());
    tested.set(index, [...(tested.get(index) ?? []), ...values]);
  }
  if (tested.size === 0) return [];
  let sets: readonly (readonly (readonly [number, string])[])[] = [[]];
  for (const [index, written] of tested) {
    const digests = new Set(written.flatMap(digestsLike));
    const values = [...digests, otherThan(digests)];
    sets = values.flatMap((value) => sets.map((set) => set.concat([[index, value]]))).slice(0, MAX_OPTIONS);
  }
  return sets.map((set) => ({ Recipient: new Measurements(platform, Object.fromEntries(set)) }));
}

/** @param name behind the beginning, in any case */
function registerOf(platform: RecipientPlatform, name: string): number | undefined {
  const { beginning, count } = REGISTERS[platform];
  if (platform === 'NITRO_ENCLAVE' && name.toLowerCase() === IMAGE.toLowerCase()) return 0;
  const [, digits] = new RegExp(`^${beginning}(0|[1-9]\\d?)$`, 'i').exec(name) ?? [];
  return digits !== undefined && Number(digits) < count ? Number(digits) : undefined;
}

/** A text that patterns tell from others is a digest, or the beginning or the end of one. */
function digestsLike(text: string): readonly string[] {
  if (DIGEST.test(text)) return [text];
  const isPart = text.length < DIGITS && /^[0-9a-f]*$/.test(text);
  return isPart ? [text.padEnd(DIGITS, '0'), text.padStart(DIGITS, '0')] : [];
}

function otherThan(digests: ReadonlySet<string>): string {
  for (let digit = 1; ; digit += 1) {
    const value = digit.toString(16).padStart(DIGITS, '0');
    if (!digests.has(value)) return value;
  }
}
