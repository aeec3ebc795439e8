/** A seed: the desired content of a keyring, as a JSON or YAML document, or as KMS resources of a CloudFormation template. */
import { isObject } from '../../../model/json-object.ts';
import { KEY_ID } from '../../../model/arn.ts';
import type { Home } from '../../../model/arn.ts';
import { check } from '../../../model/check.ts';
import { EnvironmentError, KmsError } from '../../../model/error.ts';
import { fromWire } from '../../../model/json-wire.ts';
import { description, tags } from '../../../model/members.ts';
import { customerMasterKeySpec, keySpec, keyUsage } from '../../../model/enumeration.ts';
import {
  blob,
  boolean,
  document,
  integer,
  list,
  map,
  required,
  string,
  structure,
  type ValueOf,
} from '../../../model/shape.ts';

/** As the API names them; policies are JSON, as text or as they are. */
const grant = structure({
  Name: required(string({ min: 1, max: 256 })),
  GranteePrincipal: required(string()),
  RetiringPrincipal: string(),
  Operations: required(list(string())),
  Constraints: document,
});

const key = structure({
  KeyId: required(string({ pattern: KEY_ID })),
  Region: string(),
  Description: description,
  KeySpec: keySpec,
  CustomerMasterKeySpec: customerMasterKeySpec,
  KeyUsage: keyUsage,
  Enabled: boolean,
  EnableKeyRotation: boolean,
  RotationPeriodInDays: integer(90, 2560),
  Policy: document,
  Tags: tags,
  /** The bytes of a symmetric or HMAC key, or a private key as PKCS #8 DER; random if it is absent. */
  KeyMaterial: blob({ sensitive: true }),
  /** A replica: the Region of its primary key. */
  PrimaryRegion: string(),
  Aliases: list(string()),
  Grants: list(grant),
});

const principal = structure({
  Arn: required(string()),
  Tags: map(),
  /** Of a user: the names of the groups that it is in. */
  Groups: list(string()),
  /** Of a role: who may assume it. */
  TrustPolicy: document,
  Policies: list(structure({ PolicyName: required(string()), PolicyDocument: required(document) })),
});

/** An access key with given values. */
const accessKey = structure({
  PrincipalArn: required(string()),
  AccessKeyId: required(string()),
  SecretAccessKey: required(string({ sensitive: true })),
});

const seed = structure({ Keys: list(key), Principals: list(principal), AccessKeys: list(accessKey) });

export type Seed = ValueOf<typeof seed>;
export type SeedKey = ValueOf<typeof key>;
export type SeedAccessKey = ValueOf<typeof accessKey>;
export type SeedPrincipal = ValueOf<typeof principal>;

/** @throws EnvironmentError if the text is not a valid seed */
export async function readSeed(text: string, name: string, place: Home): Promise<Seed> {
  const value = await parse(text, name);
  const isTemplate = isObject(value) && isObject(value['Resources']);
  const given = isTemplate ? (await import('./template.ts')).seedOfTemplate(value, place) : value;
  const unknown = isObject(given) ? Object.keys(given).filter((member) => !(member in seed.members)) : [];
  if (unknown.length > 0) throw new EnvironmentError(`${name}: unknown member ${unknown.join(', ')}`);
  try {
    return check(seed, fromWire(seed, given));
  } catch (error) {
    if (error instanceof KmsError) throw new EnvironmentError(`${name}: ${error.message || 'a blob is not base64'}`);
    throw error;
  }
}

/** Limit of the expansion of YAML aliases: a few lines can expand to more than fits into memory. */
const MAX_ALIASES = 100;

/** JSON is YAML; a template's short functions are YAML tags. */
async function parse(text: string, name: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const functions = ['Ref', 'GetAtt', 'Sub', 'Join'] as const;
  const long = (tag: (typeof functions)[number]): string => (tag === 'Ref' ? tag : `Fn::${tag}`);
  const parsed = parseDocument(text, {
    customTags: functions.flatMap((tag) => [
      { tag: `!${tag}`, resolve: (value: string) => ({ [long(tag)]: value }) },
      {
        tag: `!${tag}`,
        collection: 'seq' as const,
        resolve: (value: { toJSON(): unknown }) => ({ [long(tag)]: value.toJSON() }),
      },
    ]),
  });
  const [problem] = parsed.errors;
  if (problem) throw new EnvironmentError(`${name}: ${problem.message.split('\n', 1)[0]!.replace(/:$/, '')}`);
  try {
    return parsed.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    throw new EnvironmentError(`${name}: too many aliases, or nested too deeply`, [], { cause: error });
  }
}
