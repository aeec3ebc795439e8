/**
 * Condition keys that the attributes of a request have values for: what the options of the command line tell, and what an
 * explanation tries for those that were not told. Both go through contextOf(), so only combinations that calls can have occur.
 */
import type { RequestAttributes } from './context.ts';

export interface AttributeCondition {
  /** Lower-cased. */
  readonly keys: readonly string[];
  /** Condition keys, lower-cased, that follow from it but do not specify it. */
  readonly affectedKeys?: readonly string[];
  /** What specifies it on the command line. */
  readonly option: string;
  /** Whether it is known of the process's own call. */
  readonly isKnownOfOwnCall: boolean;
  /** Whether what it names may have a policy that the request must pass. */
  readonly hasPolicy?: boolean;
  /** Attributes with one value of every class that policies tell apart, and without any. */
  readonly options: (
    attributes: RequestAttributes,
    valuesOf: (key: string) => readonly string[],
  ) => readonly RequestAttributes[];
  /** As `--context` tells it. @returns undefined if the attribute cannot have it */
  readonly specified: (attributes: RequestAttributes, key: string, value: string) => RequestAttributes | undefined;
}

type Textual = 'viaService' | 'sourceArn' | 'sourceAccount' | 'sourceIp' | 'vpcEndpointId' | 'vpcId' | 'userAgent';

interface TextualRow {
  readonly keys: readonly string[];
  /** Those that have its value, if not the first alone. */
  readonly valueKeys?: readonly string[];
  readonly option: string;
  readonly isKnownOfOwnCall?: boolean;
  readonly hasPolicy?: boolean;
  /** Where policies name none, but look at whether there is one. */
  readonly example: string;
}

const changed = (attributes: RequestAttributes, change: Partial<RequestAttributes>): RequestAttributes => ({
  ...attributes,
  ...change,
});

function without(attributes: RequestAttributes, name: keyof RequestAttributes): RequestAttributes {
  const { [name]: _, ...rest } = attributes;
  return rest as RequestAttributes;
}

const textual = (
  name: Textual,
  { keys, valueKeys = [keys[0]!], option, isKnownOfOwnCall = false, hasPolicy = false, example }: TextualRow,
): AttributeCondition => ({
  keys,
  option,
  isKnownOfOwnCall,
  hasPolicy,
  options(attributes, valuesOf) {
    const values = [...new Set([...valueKeys.flatMap(valuesOf).filter((value) => value !== ''), example])];
    return [without(attributes, name), ...values.map((value) => changed(attributes, { [name]: value }))];
  },
  specified: (attributes, key, value) => (key === keys[0] ? { ...attributes, [name]: value } : undefined),
});

const SECOND = 1000;

export const ATTRIBUTE_CONDITIONS: readonly AttributeCondition[] = [
  textual('viaService', {
    keys: ['kms:viaservice', 'aws:viaawsservice', 'kms:grantisforawsresource'],
    option: '--via-service',
    example: 'service.example.amazonaws.com',
  }),
  textual('sourceArn', { keys: ['aws:sourcearn'], option: '--source-arn', example: 'arn:aws:example:::resource' }),
  textual('sourceAccount', { keys: ['aws:sourceaccount'], option: '--source-account', example: '999999999999' }),
  textual('vpcEndpointId', {
    keys: ['aws:sourcevpce', 'aws:sourceip', 'aws:vpcsourceip'],
    option: '--source-vpce',
    isKnownOfOwnCall: true,
    hasPolicy: true,
    example: 'vpce-example',
  }),
  textual('sourceIp', {
    keys: ['aws:sourceip', 'aws:vpcsourceip'],
    valueKeys: ['aws:sourceip', 'aws:vpcsourceip'],
    option: '--source-ip',
    isKnownOfOwnCall: true,
    example: '203.0.113.1',
  }),
  textual('vpcId', { keys: ['aws:sourcevpc'], option: '--source-vpc', isKnownOfOwnCall: true, example: 'vpc-example' }),
  textual('userAgent', {
    keys: ['aws:useragent'],
    option: '--context aws:UserAgent=...',
    isKnownOfOwnCall: true,
    example: 'example',
  }),
  {
    keys: ['aws:multifactorauthpresent', 'aws:multifactorauthage'],
    affectedKeys: ['aws:tokenissuetime'], // a user's credentials are temporary only with MFA
    option: '--mfa',
    isKnownOfOwnCall: false,
    options(attributes, valuesOf) {
      const ages = [
        ...valuesOf('aws:multifactorauthage')
          .map(Number)
          .filter((age) => age >= 0),
        0,
      ];
      return [
        without(attributes, 'mfa'),
        ...ages.map((ageInSeconds) => changed(attributes, { mfa: { ageInSeconds } })),
      ];
    },
    specified(attributes, key, value) {
      if (key === 'aws:multifactorauthage' && value !== '' && Number(value) >= 0) {
        return { ...attributes, mfa: { ageInSeconds: Number(value) } };
      }
      if (key !== 'aws:multifactorauthpresent') return undefined;
      return value === 'true' ? { ...attributes, mfa: { ageInSeconds: 0 } } : without(attributes, 'mfa');
    },
  },
  {
    keys: ['aws:securetransport'],
    option: '--context aws:SecureTransport=...',
    isKnownOfOwnCall: true,
    options: (attributes) => [true, false].map((secureTransport) => changed(attributes, { secureTransport })),
    specified: (attributes, _, value) =>
      value === 'true' || value === 'false' ? { ...attributes, secureTransport: value === 'true' } : undefined,
  },
  {
    keys: ['aws:currenttime', 'aws:epochtime'],
    option: '--context aws:CurrentTime=...',
    isKnownOfOwnCall: true,
    options: (attributes, valuesOf) =>
      [...valuesOf('aws:currenttime'), ...valuesOf('aws:epochtime')].flatMap((value) => at(attributes, value) ?? []),
    specified: (attributes, _, value) => at(attributes, value),
  },
];

function at(attributes: RequestAttributes, value: string): RequestAttributes | undefined {
  const time = /^-?\d+$/.test(value) ? new Date(Number(value) * SECOND) : new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : { ...attributes, time };
}
