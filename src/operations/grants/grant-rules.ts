/**
 * Checks of CreateGrant: parties, and operations and constraints that fit the key (AWS KMS Developer
 * Guide, Grants in AWS KMS).
 */
import { encryptionContextOf, text, texts, type InputCondition } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import type { KeyUsage } from '../../model/enumeration.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { GrantTerms } from '../../model/grant-terms.ts';
import type { Constraints, GrantOperation } from './grant-members.ts';
import { checkParty } from './grant-party.ts';

export interface GrantInput {
  readonly GranteePrincipal?: string | undefined;
  readonly GranteeServicePrincipal?: string | undefined;
  readonly RetiringPrincipal?: string | undefined;
  readonly RetiringServicePrincipal?: string | undefined;
  readonly Operations: readonly GrantOperation[];
  readonly Constraints?: Constraints | undefined;
}

/** AWS's own texts for this and what follows are not known. */
export function checkGrantId({ GrantId: id }: { readonly GrantId?: string | undefined }): void {
  if (id !== undefined && !/^[0-9a-f]{64}$/.test(id)) {
    throw new KmsError('InvalidGrantIdException', `Invalid grantId '${id}'`);
  }
}

const refuse = (text: string): never => {
  throw new KmsError('ValidationException', text);
};

export function oneAtMost(input: { readonly [name: string]: unknown }, one: string, other: string): void {
  if (input[one] !== undefined && input[other] !== undefined)
    refuse(`Specify either ${one} or ${other}, but not both.`);
}

export function oneOfTwo(input: { readonly [name: string]: unknown }, one: string, other: string): void {
  oneAtMost(input, one, other);
  if (input[one] === undefined && input[other] === undefined) refuse(`Specify either ${one} or ${other}.`);
}

/** Which members go together (public model, CreateGrant). */
export function checkParties(input: GrantInput): void {
  const named = { ...input };
  oneOfTwo(named, 'GranteePrincipal', 'GranteeServicePrincipal');
  oneAtMost(named, 'RetiringPrincipal', 'RetiringServicePrincipal');
  if (input.GranteeServicePrincipal === undefined) return;
  if (input.Constraints?.SourceArn === undefined) refuse('GranteeServicePrincipal needs a SourceArn constraint.');
  if (input.RetiringPrincipal === undefined && input.RetiringServicePrincipal === undefined) {
    refuse('GranteeServicePrincipal needs a RetiringPrincipal or a RetiringServicePrincipal.');
  }
}

const ANY_KEY: readonly GrantOperation[] = ['DescribeKey', 'CreateGrant', 'RetireGrant'];
const CIPHER: readonly GrantOperation[] = ['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo'];
const DATA_KEYS: readonly GrantOperation[] = ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'];
/** Keys in custom key stores do not support key pairs. */
const DATA_KEY_PAIRS: readonly GrantOperation[] = ['GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext'];

/** The operations of a key pair or an HMAC key, by its usage. */
const BY_USAGE: { readonly [U in KeyUsage]: readonly GrantOperation[] } = {
  ENCRYPT_DECRYPT: [...CIPHER, 'GetPublicKey'],
  SIGN_VERIFY: ['Sign', 'Verify', 'GetPublicKey'],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac'],
  KEY_AGREEMENT: ['DeriveSharedSecret', 'GetPublicKey'],
  ENCAPSULATE_DECAPSULATE: ['Encapsulate', 'Decapsulate', 'GetPublicKey'],
};

const isSymmetricEncryption = ({ spec }: KmsKey): boolean => KEY_SPECS[spec].type === 'symmetric';
const isInKeyStore = ({ origin }: KmsKey): boolean => origin === 'AWS_CLOUDHSM' || origin === 'EXTERNAL_KEY_STORE';

/** The operations that a grant on this key can give. */
function grantableOn(key: KmsKey): readonly GrantOperation[] {
  if (!isSymmetricEncryption(key)) return [...BY_USAGE[key.usage], ...ANY_KEY];
  return [...CIPHER, ...DATA_KEYS, ...(isInKeyStore(key) ? [] : DATA_KEY_PAIRS), ...ANY_KEY];
}

const PAIRS = { max: 8, value: 384 } as const;

/** The constraints that are there: an empty map is none (Terraform's aws_kms_grant always sends both). */
function givenConstraints({
  EncryptionContextEquals: equals = {},
  EncryptionContextSubset: subset = {},
  SourceArn,
}: Constraints = {}) {
  const given = (pairs: Pairs): Pairs | undefined => (Object.keys(pairs).length > 0 ? pairs : undefined);
  return { equals: given(equals), subset: given(subset), sourceArn: SourceArn };
}

type Pairs = { readonly [name: string]: string };

/** Checked after the call is authorized (API reference, CreateGrant). */
export function checkTerms({ Operations, Constraints, ...named }: GrantInput, key: KmsKey): void {
  if (named.GranteePrincipal !== undefined) checkParty(named.GranteePrincipal);
  if (named.RetiringPrincipal !== undefined) checkParty(named.RetiringPrincipal);
  if (Operations.length === 0) refuse('Operations must name at least one operation.');
  const grantable: readonly string[] = grantableOn(key);
  const unfit = Operations.find((operation) => !grantable.includes(operation));
  if (unfit)
    refuse(
      `Operation ${unfit} is not supported by a grant on a key with KeySpec ${key.spec}, KeyUsage ${key.usage} and Origin ${key.origin}.`,
    );
  const { equals, subset } = givenConstraints(Constraints);
  if (equals && subset) refuse('More than one constraint supplied');
  const pairs = equals ?? subset;
  if (!pairs) return;
  if (!isSymmetricEncryption(key))
    refuse(`An encryption context constraint is not supported with key spec ${key.spec}.`);
  if (Object.keys(pairs).length > PAIRS.max) refuse(`An encryption context constraint has at most ${PAIRS.max} pairs.`);
  if (Object.values(pairs).some((value) => value.length > PAIRS.value)) {
    refuse(`A value of an encryption context constraint has at most ${PAIRS.value} characters.`);
  }
}

/** Each operation once. */
export function termsOf({ Operations, Constraints }: Pick<GrantInput, 'Operations' | 'Constraints'>): GrantTerms {
  const { equals, subset, sourceArn } = givenConstraints(Constraints);
  const kept = {
    ...(equals ? { encryptionContextEquals: equals } : {}),
    ...(subset ? { encryptionContextSubset: subset } : {}),
    ...(sourceArn === undefined ? {} : { sourceArn }),
  };
  return {
    operations: [...new Set(Operations)],
    ...(Object.keys(kept).length > 0 ? { constraints: kept } : {}),
  };
}

const contextOfConstraint = encryptionContextOf('EncryptionContext');

/**
 * The constraint's pairs count as the encryption context of CreateGrant; a type is single-valued, so SourceArn is one where
 * it stands alone (our reading).
 */
const constraintCondition: InputCondition = {
  keys: ['kms:grantconstrainttype', 'kms:grantconstraintsourcearn', ...contextOfConstraint.keys],
  members: ['Constraints'],
  values({ Constraints }) {
    const { equals, subset, sourceArn: SourceArn } = givenConstraints(Constraints as Constraints | undefined);
    const type = equals ? 'EncryptionContextEquals' : subset ? 'EncryptionContextSubset' : SourceArn && 'SourceArn';
    return [
      ...(type === undefined ? [] : ([['kms:GrantConstraintType', [type]]] as const)),
      ...(SourceArn === undefined ? [] : ([['kms:GrantConstraintSourceArn', [SourceArn]]] as const)),
      ...contextOfConstraint.values({ EncryptionContext: equals ?? subset }),
    ];
  },
  options(asked) {
    const contexts = contextOfConstraint
      .options(asked)
      .flatMap(({ EncryptionContext: context }) => (context === undefined ? [] : [context]));
    const named = contexts.length > 0 ? contexts : [{ any: 'x' }];
    const sources = asked.valuesOf('kms:grantconstraintsourcearn').filter((value) => value.startsWith('arn:'));
    return [
      {},
      ...named.flatMap((context) => [
        { Constraints: { EncryptionContextEquals: context } },
        { Constraints: { EncryptionContextSubset: context } },
      ]),
      ...[...sources, 'arn:aws:s3:::any'].map((SourceArn) => ({ Constraints: { SourceArn } })),
    ];
  },
};

/** Condition keys of CreateGrant. */
export const grantConditions: readonly InputCondition[] = [
  texts('kms:GrantOperations', 'Operations'),
  text('kms:GranteePrincipal', 'GranteePrincipal'),
  text('kms:GranteeServicePrincipal', 'GranteeServicePrincipal'),
  text('kms:RetiringPrincipal', 'RetiringPrincipal'),
  text('kms:RetiringServicePrincipal', 'RetiringServicePrincipal'),
  constraintCondition,
];
