/**
 * The table of condition keys: type, how many values a request can have, where they work (AWS KMS Developer Guide,
 * Condition keys for AWS KMS).
 */

export type ConditionKeyType = 'String' | 'Bool' | 'Numeric' | 'Date' | 'ARN' | 'IPAddress';

export interface ConditionKey {
  readonly name: string;
  readonly type: ConditionKeyType;
  /** A request can have several values: a set operator is needed. */
  readonly many: boolean;
  /** Not supplied when a key policy is evaluated. */
  readonly identityOnly: boolean;
  /** The name is a beginning; people choose the rest (`kms:EncryptionContext:<name>`). */
  readonly open: boolean;
  /** Of what they choose, if not everything is a name. */
  readonly names?: RegExp;
}

type Marks = Partial<Omit<ConditionKey, 'name' | 'type'>>;
const row = (
  type: ConditionKeyType,
  name: string,
  { many = false, identityOnly = false, open = false, names }: Marks = {},
): ConditionKey => ({ name, type, many, identityOnly, open, ...(names ? { names } : {}) });
const rows = (type: ConditionKeyType, names: string, marks: Marks = {}): ConditionKey[] =>
  names.split(' ').map((name) => row(type, name, marks));

export const CONDITION_KEYS: readonly ConditionKey[] = [
  ...rows(
    'String',
    'kms:CallerAccount kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage kms:DataKeyPairSpec kms:EncryptionAlgorithm kms:ExpirationModel kms:GranteePrincipal kms:GranteeServicePrincipal kms:GrantConstraintType kms:KeyAgreementAlgorithm kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MacAlgorithm kms:MessageType kms:MultiRegionKeyType kms:PrimaryRegion kms:ReplicaRegion kms:RequestAlias kms:RetiringPrincipal kms:RetiringServicePrincipal kms:SigningAlgorithm kms:ViaService kms:WrappingAlgorithm kms:WrappingKeySpec kms:RecipientAttestation:ImageSha384',
  ),
  ...rows('String', 'kms:EncryptionContext: aws:PrincipalTag/ aws:RequestTag/', { open: true }),
  // platform configuration registers: an enclave has 16, NitroTPM 24
  row('String', 'kms:RecipientAttestation:PCR', { open: true, names: /^(?:\d|1[0-5])$/ }),
  row('String', 'kms:RecipientAttestation:NitroTPMPCR', { open: true, names: /^(?:1?\d|2[0-3])$/ }),
  row('String', 'aws:ResourceTag/', { open: true, identityOnly: true }),
  ...rows('String', 'kms:EncryptionContextKeys kms:GrantOperations aws:TagKeys', { many: true }),
  row('String', 'kms:ResourceAliases', { many: true, identityOnly: true }),
  ...rows(
    'Bool',
    'kms:BypassPolicyLockoutSafetyCheck kms:GrantIsForAWSResource kms:MultiRegion kms:ReEncryptOnSameKey',
  ),
  ...rows(
    'Numeric',
    'kms:RotationPeriodInDays kms:ScheduleKeyDeletionPendingWindowInDays kms:TrailingDaysWithoutKeyUsage',
  ),
  row('Date', 'kms:ValidTo'),
  row('ARN', 'kms:GrantConstraintSourceArn'),
  ...rows(
    'String',
    'aws:CalledViaFirst aws:CalledViaLast aws:FederatedProvider aws:PrincipalAccount aws:PrincipalOrgID aws:PrincipalServiceName aws:PrincipalType aws:Referer aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:SourceAccount aws:SourceIdentity aws:SourceOrgID aws:SourceVpc aws:SourceVpce aws:UserAgent aws:userid aws:username aws:VpceAccount aws:VpceOrgID aws:Ec2InstanceSourceVpc',
  ),
  ...rows(
    'String',
    'aws:CalledVia aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:ResourceOrgPaths aws:SourceOrgPaths aws:VpceOrgPaths',
    { many: true },
  ),
  ...rows('ARN', 'aws:PrincipalArn aws:SourceArn aws:SourceVpcArn'),
  ...rows(
    'Bool',
    'aws:AssumedRoot aws:MultiFactorAuthPresent aws:PrincipalIsAWSService aws:SecureTransport aws:ViaAWSService',
  ),
  row('Numeric', 'aws:MultiFactorAuthAge'),
  ...rows('Date', 'aws:CurrentTime aws:EpochTime aws:TokenIssueTime'),
  ...rows('IPAddress', 'aws:SourceIp aws:VpcSourceIp aws:Ec2InstanceSourcePrivateIPv4'),
];

/** By lower-cased name; made when a condition is first looked at, which most calls never do. */
let byName: ReadonlyMap<string, ConditionKey> | undefined;

/** @param name lower-cased: names of condition keys are not case-sensitive */
export function conditionKey(name: string): ConditionKey | undefined {
  byName ??= new Map(CONDITION_KEYS.map((key) => [key.name.toLowerCase(), key]));
  const exact = byName.get(name);
  if (exact && !exact.names) return exact;
  return CONDITION_KEYS.find(({ open, name: beginning, names }) => {
    if (!open || !name.startsWith(beginning.toLowerCase())) return false;
    return names?.test(name.slice(beginning.length)) ?? true;
  });
}
