/** Which actions supply a condition key (AWS KMS Developer Guide, AWS KMS permissions and condition keys). */
import { ACTIONS, type Action } from '../../policy/actions.ts';

const names = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const DATA_KEYS =
  'GenerateDataKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext';
const ENCRYPTION = `Decrypt Encrypt ${DATA_KEYS} ReEncryptFrom ReEncryptTo`;
const CONTEXT = names(`${ENCRYPTION} CreateGrant`);
const USE = names(
  `${ENCRYPTION} Sign Verify GenerateMac VerifyMac DeriveSharedSecret Encapsulate Decapsulate DescribeKey GetPublicKey`,
);
const ATTESTED = names('Decrypt GenerateDataKey GenerateDataKeyPair GenerateRandom DeriveSharedSecret');
const GRANTS = names('CreateGrant');
const TAGGING = names('CreateKey TagResource UntagResource');
const ON_KEYS = new Set(ACTIONS.filter(({ resources }) => resources.includes('key')).map(({ name }) => name));
const KEY_FACTS = new Set([...ON_KEYS, 'CreateKey']);
const CALLER = new Set([
  ...KEY_FACTS,
  ...ACTIONS.filter(({ name }) => name.includes('CustomKeyStore')).map(({ name }) => name),
]);

/** Lower-cased; a name that ends in `:` or `/` stands for all that begin with it. Other keys are not checked. */
const SUPPLIED: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['kms:bypasspolicylockoutsafetycheck', names('CreateKey PutKeyPolicy ReplicateKey')],
  ['kms:calleraccount', CALLER],
  ['kms:customermasterkeyspec', KEY_FACTS],
  ['kms:customermasterkeyusage', KEY_FACTS],
  ['kms:datakeypairspec', names('GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext')],
  ['kms:encryptionalgorithm', names(ENCRYPTION)],
  ['kms:encryptioncontext:', CONTEXT],
  ['kms:encryptioncontextkeys', CONTEXT],
  ['kms:expirationmodel', names('ImportKeyMaterial')],
  ['kms:grantconstraintsourcearn', GRANTS],
  ['kms:grantconstrainttype', GRANTS],
  ['kms:granteeprincipal', GRANTS],
  ['kms:granteeserviceprincipal', GRANTS],
  ['kms:grantisforawsresource', names('CreateGrant ListGrants RevokeGrant')],
  ['kms:grantoperations', GRANTS],
  ['kms:keyagreementalgorithm', names('DeriveSharedSecret')],
  ['kms:keyorigin', KEY_FACTS],
  ['kms:keyspec', KEY_FACTS],
  ['kms:keyusage', KEY_FACTS],
  ['kms:macalgorithm', names('GenerateMac VerifyMac')],
  ['kms:messagetype', names('Sign Verify')],
  ['kms:multiregion', KEY_FACTS],
  ['kms:multiregionkeytype', KEY_FACTS],
  ['kms:primaryregion', names('UpdatePrimaryRegion')],
  ['kms:recipientattestation:', ATTESTED],
  ['kms:reencryptonsamekey', names('ReEncryptFrom ReEncryptTo')],
  ['kms:replicaregion', names('ReplicateKey')],
  ['kms:requestalias', USE],
  ['kms:resourcealiases', ON_KEYS],
  ['kms:retiringprincipal', GRANTS],
  ['kms:retiringserviceprincipal', GRANTS],
  ['kms:rotationperiodindays', names('EnableKeyRotation')],
  ['kms:schedulekeydeletionpendingwindowindays', names('ScheduleKeyDeletion')],
  ['kms:signingalgorithm', names('Sign Verify')],
  ['kms:validto', names('ImportKeyMaterial')],
  ['kms:viaservice', KEY_FACTS],
  ['kms:wrappingalgorithm', names('GetParametersForImport')],
  ['kms:wrappingkeyspec', names('GetParametersForImport')],
  ['aws:requesttag/', TAGGING],
  ['aws:resourcetag/', KEY_FACTS],
  ['aws:tagkeys', TAGGING],
];

/** @param key lower-cased. @returns true also where nothing is known */
export function supplies(action: Action, key: string): boolean {
  const row = SUPPLIED.find(([name]) => name === key || (/[:/]$/.test(name) && key.startsWith(name)));
  return row === undefined || row[1].has(action.name);
}
