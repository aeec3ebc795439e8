/** A seed: the desired content of a keyring. */
import { KEY_ID } from '../../../model/arn.ts';
import { description, tags } from '../../../model/members.ts';
import { customerMasterKeySpec, keySpec, keyUsage } from '../../../model/enumeration.ts';
import {
  blob,
  boolean,
  document,
  integer,
  list,
  map,
  oneOf,
  required,
  string,
  structure,
  type ValueOf,
} from '../../../model/shape.ts';
import { constraints, parties } from '../../../operations/grants/grant-members.ts';

/** As the API names them; policies are JSON, as text or as they are. */
const grant = structure({
  ...parties,
  Name: required(string({ min: 1, max: 256 })),
  Operations: required(list(string())), // CreateGrant itself checks them
  Constraints: constraints,
});

const key = structure({
  KeyId: required(string({ pattern: KEY_ID })),
  Region: string(),
  Description: description,
  KeySpec: keySpec,
  CustomerMasterKeySpec: customerMasterKeySpec,
  KeyUsage: keyUsage,
  Origin: oneOf(['AWS_KMS', 'EXTERNAL']),
  Enabled: boolean,
  EnableKeyRotation: boolean,
  RotationPeriodInDays: integer(90, 2560),
  Policy: document,
  BypassPolicyLockoutSafetyCheck: boolean,
  Tags: tags,
  /** The bytes of a symmetric or HMAC key, or a private key as DER; random if it is absent. */
  KeyMaterial: blob({ sensitive: true }),
  /** What the key was rotated from, oldest first. */
  PreviousKeyMaterial: list(blob({ sensitive: true })),
  /** A private key in PEM, in place of KeyMaterial; the key spec is derived from it if it is absent. */
  PrivateKeyPem: string({ sensitive: true }),
  /** A replica: the Region of its primary key. */
  PrimaryRegion: string(),
  Aliases: list(string()),
  Grants: list(grant),
});

const alias = structure({
  AliasName: required(string()),
  /** A key ID, or an ARN. */
  TargetKeyId: required(string()),
  Region: string(),
});

/** A policy that principals name by its ARN. */
const managedPolicy = structure({ Arn: required(string()), PolicyDocument: required(document) });

const principal = structure({
  Arn: required(string()),
  UniqueId: string(),
  Tags: map(),
  /** Of a user: the names of the groups that it is in. */
  Groups: list(string()),
  /** Of a role: who may assume it. */
  TrustPolicy: document,
  Policies: list(structure({ PolicyName: required(string()), PolicyDocument: required(document) })),
  ManagedPolicyArns: list(string()),
  /** A policy, or the ARN of a managed policy. */
  PermissionsBoundary: document,
});

/** An access key with given values. */
const accessKey = structure({
  PrincipalArn: required(string()),
  AccessKeyId: required(string()),
  SecretAccessKey: required(string({ sensitive: true })),
});

export const seed = structure({
  Keys: list(key),
  Aliases: list(alias),
  ManagedPolicies: list(managedPolicy),
  Principals: list(principal),
  AccessKeys: list(accessKey),
});

export type Seed = ValueOf<typeof seed>;
export type SeedKey = ValueOf<typeof key>;
export type SeedAlias = ValueOf<typeof alias>;
export type SeedAccessKey = ValueOf<typeof accessKey>;
export type SeedPrincipal = ValueOf<typeof principal>;
