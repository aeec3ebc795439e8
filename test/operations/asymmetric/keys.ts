/** KMS keys of every spec and usage for the tests here: each is made when it is first asked for, where it can exist. */
import { randomBytes } from 'node:crypto';
import { KEY_SPECS, type KeySpec } from '../../../src/crypto/key-spec.ts';
import type { KeySpecName, KeyUsage } from '../../../src/model/enumeration.ts';
import { findKey } from '../../../src/keyring/kms-key.ts';
import { callerOf } from '../../../src/policy/principal.ts';
import { ACCOUNT, newKey, REGION, type Fixture, type TestKey } from '../../support/fixture.ts';

export interface Key extends TestKey {
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  /** With this key as KeyId, in its Region. */
  readonly call: (operation: string, input?: object) => Promise<Record<string, unknown>>;
}

export type KeyOf = (spec: KeySpecName, usage: KeyUsage) => Promise<Key>;

const CHINA = { region: 'cn-north-1', caller: callerOf(`arn:aws-cn:iam::${ACCOUNT}:root`) };

/** SM2 exists in China Regions alone. */
const placeOf = (spec: KeySpecName): Partial<typeof CHINA> => (spec === 'SM2' ? CHINA : {});

export async function freshKey(home: Fixture, spec: KeySpecName, usage: KeyUsage): Promise<Key> {
  const place = placeOf(spec);
  const call = (operation: string, input: object = {}) => home.call(operation, input, place);
  const made = await newKey({ call }, { KeySpec: spec, KeyUsage: usage });
  const withKey: Key['call'] = (operation, input = {}) => call(operation, { KeyId: made.id, ...input });
  return { ...made, spec: KEY_SPECS[spec], usage, call: withKey };
}

export function keysOf(home: Fixture): KeyOf {
  const keys = new Map<string, Promise<Key>>();
  return async (spec, usage) => {
    const name = `${spec} ${usage}`;
    const key = keys.get(name) ?? freshKey(home, spec, usage);
    keys.set(name, key);
    return key;
  };
}

/** What never leaves the keyring but here: openssl is to open what the service made. PKCS #8, DER. */
export const privateKeyOf = (home: Fixture, { id, spec }: Key): Promise<Uint8Array> =>
  home.keyring.transact(async (tx) => {
    const region = placeOf(spec.name).region ?? REGION;
    return (await findKey(tx, { account: ACCOUNT, region }, id))!.backingKeys.at(-1)!.secret!.expose();
  });

export const publicKeyOf = async (key: Key): Promise<Uint8Array> =>
  bytesOf(await key.call('GetPublicKey'), 'PublicKey');

export const bytesOf = (answer: { readonly [member: string]: unknown }, member: string): Uint8Array =>
  Uint8Array.from(answer[member] as Uint8Array);

export const bytes = (length: number): Uint8Array => Uint8Array.from(randomBytes(length));

interface SpecAndUsage {
  readonly spec: KeySpecName;
  readonly usage: KeyUsage;
}

/** Every pair that can be created, in the order of the table. */
export const PAIRS: readonly SpecAndUsage[] = (Object.keys(KEY_SPECS) as KeySpecName[]).flatMap((spec) =>
  (Object.keys(KEY_SPECS[spec].algorithms) as KeyUsage[]).map((usage) => ({ spec, usage })),
);
