/**
 * AWS managed keys: one per service, account and Region, with an alias that exists before the key. The key is created at its
 * first use, has a policy that allows only its service to use it, and cannot be managed by callers (AWS KMS
 * Developer Guide, AWS KMS keys: AWS managed keys).
 */
import { rootArn } from '../../model/principal-arn.ts';
import type { Home } from '../../model/arn.ts';
import { keyMaterialId } from '../../crypto/backing-key.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import type { RandomBytes } from '../../crypto/seal.ts';
import { uuid } from '../../crypto/uuid.ts';
import { findAlias, putAlias, type Alias } from '../../keyring/alias.ts';
import { schedule } from '../../keyring/key-jobs.ts';
import { putKey, type KmsKey } from '../../keyring/kms-key.ts';
import { DAY } from '../../keyring/time.ts';
import type { Transaction } from '../../keyring/transaction.ts';

interface ManagedKey {
  /** `alias/aws/s3` */
  readonly alias: string;
  /** As in kms:ViaService, before the Region. */
  readonly host: string;
  readonly service: string;
  /** The resource that it protects, for the key's description. */
  readonly data: string;
}

const row = (name: string, service: string, data: string, host = name): ManagedKey => ({
  alias: `alias/aws/${name}`,
  host,
  service,
  data,
});

/** The services that have a default key, in the order of their aliases. */
const MANAGED_KEYS: readonly ManagedKey[] = [
  row('dynamodb', 'DynamoDB', 'DynamoDB data'),
  row('ebs', 'EBS', 'EBS volumes', 'ec2'),
  row('rds', 'RDS', 'RDS database volumes'),
  row('redshift', 'Redshift', 'Redshift clusters'),
  row('s3', 'S3', 'S3 objects'),
  row('secretsmanager', 'Secrets Manager', 'Secrets Manager data'),
  row('ses', 'SES', 'SES data'),
  row('ssm', 'SSM', 'SSM parameters'),
  row('workmail', 'WorkMail', 'WorkMail data'),
  row('workspaces', 'WorkSpaces', 'WorkSpaces volumes'),
];

export const findManagedKey = (alias: string): ManagedKey | undefined =>
  MANAGED_KEYS.find((managed) => managed.alias === alias);

const hostIn = ({ host }: ManagedKey, { region }: Home): string => `${host}.${region}.amazonaws.com`;

/** Whether a call through this service is a call of the key's own service. */
export const isOwnService = (managed: ManagedKey, home: Home, viaService: string | undefined): boolean =>
  viaService === hostIn(managed, home);

/** Aliases that have no key yet. */
export async function unusedAliases(tx: Transaction, home: Home): Promise<readonly string[]> {
  const found = await Promise.all(MANAGED_KEYS.map(({ alias }) => findAlias(tx, home, alias)));
  return MANAGED_KEYS.filter((_, index) => !found[index]).map(({ alias }) => alias);
}

const policyOf = (managed: ManagedKey, home: Home): string => `{
  "Version" : "2012-10-17",
  "Id" : "auto-${managed.alias.slice('alias/aws/'.length)}-2",
  "Statement" : [ {
    "Sid" : "Allow access through ${managed.service} for all principals in the account that are authorized to use ${managed.service}",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "${home.account}",
        "kms:ViaService" : "${hostIn(managed, home)}"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "${rootArn(home.account, home.region)}"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
}`;

const DAYS_A_YEAR = 365;

export interface FirstUse {
  readonly home: Home;
  readonly now: number;
  readonly random: RandomBytes;
}

/** Its ID is derived from account, Region and service, so refused and allowed calls name the same key. */
function idOf(tx: Transaction, { alias }: ManagedKey, { account, region }: Home): string {
  const digits = tx.keyedHash(`managed-key/${account}/${region}/${alias}`);
  return uuid(() => new Uint8Array(Buffer.from(digits, 'hex')));
}

export async function makeManagedKey(
  tx: Transaction,
  managed: ManagedKey,
  { home, now, random }: FirstUse,
): Promise<Alias> {
  const { account, region } = home;
  const keyId = idOf(tx, managed, home);
  const { generateKeyMaterial } = await import('../../crypto/key-material.ts');
  const material = await generateKeyMaterial(KEY_SPECS.SYMMETRIC_DEFAULT, random);
  const key: KmsKey = {
    account,
    region,
    keyId,
    created: now,
    description: `Default key that protects my ${managed.data} when no other key is defined`,
    state: 'Enabled',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    manager: 'AWS',
    multiRegion: false,
    policy: policyOf(managed, home),
    tags: [],
    backingKeys: [{ id: keyMaterialId(keyId, material.secret), created: now, ...material }],
    rotation: { periodInDays: DAYS_A_YEAR, next: now + DAYS_A_YEAR * DAY },
  };
  putKey(tx, key); // not addKey: it does not count against the account's quota
  schedule(tx, undefined, key);
  const alias: Alias = { account, region, name: managed.alias, targetKeyId: keyId, created: now, updated: now };
  putAlias(tx, alias);
  return alias;
}
