/** Key policies that make provers and linters work: each as long as a limit in bytes lets it be. */
const ACCOUNT = '111122223333';
const ROOT = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};

export const policyText = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [ROOT, ...statements] });

const allow = (more: object): object => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 'kms:Decrypt',
  Resource: '*',
  ...more,
});
const when = (Condition: object): object => allow({ Condition });
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** `a`, `b` ... `z`, `ba` ... */
function letters(index: number): string {
  let text = '';
  let rest = index;
  do {
    text = String.fromCharCode(97 + (rest % 26)) + text;
    rest = Math.floor(rest / 26);
  } while (rest > 0);
  return text;
}

type Statements = (size: number) => readonly object[];

/** The statements of one size; a document takes the greatest that fits. */
const STATEMENTS: { readonly [name: string]: Statements } = {
  'a chain of wildcards': (size) => [when({ StringLike: { 'kms:ViaService': `${'*a'.repeat(size)}*` } })],
  'a wildcard and single characters': (size) => [when({ StringLike: { 'kms:ViaService': `*a${'?'.repeat(size)}` } })],
  'many chains of wildcards': (size) => [
    when({ StringLike: { 'kms:ViaService': range(size).map((i) => `*${letters(i)}*${letters(i * 7)}*`) } }),
  ],
  'many wildcards with single characters': (size) => [
    when({ StringLike: { 'kms:ViaService': range(size).map((i) => `*${letters(i % 26)}${'?'.repeat(i % 20)}`) } }),
  ],
  'ARN patterns': (size) => [
    when({ ArnLike: { 'aws:PrincipalArn': range(size).map((i) => `arn:*:*:*:*${i % 10}*:*${letters(i)}*`) } }),
  ],
  'ARN patterns with single characters': (size) => [
    when({
      ArnLike: {
        'aws:PrincipalArn': range(size).map(
          (i) => `arn:aws:iam::*${i % 10}${'?'.repeat(i % 11)}:user/*${letters(i)}${'?'.repeat(i % 17)}`,
        ),
      },
    }),
  ],
  'patterns of accounts': (size) => [
    when({ StringLike: { 'aws:PrincipalAccount': range(size).map((i) => `*${i % 10}${'?'.repeat(i % 11)}`) } }),
  ],
  'condition keys': (size) => [
    when({
      StringEquals: Object.fromEntries(range(size).map((i) => [`kms:EncryptionContext:${letters(i)}`, ['a', 'b']])),
    }),
  ],
  'sets of values': (size) => [
    when({
      'ForAllValues:StringLike': { 'kms:EncryptionContextKeys': range(size).map((i) => `*${letters(i)}*`) },
      'ForAnyValue:StringLike': { 'kms:EncryptionContextKeys': range(size).map((i) => `${letters(i)}*`) },
    }),
  ],
  'address ranges': (size) => [
    when({ IpAddress: { 'aws:SourceIp': range(size).map((i) => `10.${(i >> 8) & 255}.${i & 255}.0/24`) } }),
  ],
  'an address range per statement': (size) =>
    range(size).map((i) =>
      allow({
        Effect: i % 2 ? 'Allow' : 'Deny',
        Condition: { IpAddress: { 'aws:SourceIp': `10.${(i >> 8) & 255}.${i & 255}.0/24` } },
      }),
    ),
  'a role per statement': (size) =>
    range(size).map((i) => allow({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/${letters(i)}` } })),
  'a role and wildcards of actions per statement': (size) =>
    range(size).map((i) =>
      allow({
        Effect: i % 3 ? 'Allow' : 'Deny',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/${letters(i)}` },
        Action: [`kms:*${letters(i)}*`, 'kms:D*'],
      }),
    ),
  'roles of many accounts': (size) => [
    allow({
      Principal: { AWS: range(size).map((i) => `arn:aws:iam::${String(i).padStart(12, '1')}:role/${letters(i)}`) },
    }),
  ],
  accounts: (size) => [allow({ Principal: { AWS: range(size).map((i) => String(i * 7919).padStart(12, '1')) } })],
  'NotAction with wildcards': (size) => [
    allow({ Action: undefined, NotAction: range(size).map((i) => `kms:${'*a'.repeat(20 + (i % 20))}*`) }),
  ],
  'NotResource with wildcards': (size) => [
    allow({ Resource: undefined, NotResource: range(size).map((i) => `arn:${'*a'.repeat(20 + (i % 20))}*`) }),
  ],
  'Deny statements of three tags': (size) => [
    ...range(size).map((i) =>
      allow({
        Effect: 'Deny',
        Condition: {
          StringEquals: Object.fromEntries(range(3).map((j) => [`aws:PrincipalTag/${letters(i + j)}`, letters(j)])),
        },
      }),
    ),
    when({ StringEquals: { 'aws:PrincipalTag/a': 'b' } }),
  ],
  'Deny statements that contradict each other': (size) => [
    allow({}),
    ...range(size).map((i) =>
      allow({
        Effect: 'Deny',
        Condition: {
          StringNotEquals: Object.fromEntries(
            range(4).map((j) => [`aws:PrincipalTag/${letters((i * 5 + j * 3) % 23)}`, letters((i * 11 + j) % 7)]),
          ),
        },
      }),
    ),
  ],
  dates: (size) => [
    when({
      DateLessThan: {
        'aws:CurrentTime': range(size).map(
          (i) => new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString().slice(0, 19) + 'Z',
        ),
      },
    }),
  ],
  numbers: (size) => [when({ NumericEquals: { 'aws:MultiFactorAuthAge': range(size).map(String) } })],
  'a number per statement': (size) =>
    range(size).map((i) => when({ NumericLessThan: { 'kms:EncryptionContext:a': String(i) } })),
  'values without regard to case': (size) => [
    when({ StringEqualsIgnoreCase: { 'kms:ViaService': range(size).map((i) => letters(i * 31).repeat(3)) } }),
  ],
  'a long value': (size) => [when({ StringEquals: { 'kms:ViaService': 'x'.repeat(size) } })],
  'long values and wildcards': (size) => [
    when({
      StringLike: { 'kms:ViaService': ['x'.repeat(size), '*x?*y*', `*${'xy'.repeat(size >> 2)}*`] },
    }),
  ],
  'two patterns per statement': (size) =>
    range(size).map((i) =>
      allow({
        Effect: i % 2 ? 'Allow' : 'Deny',
        Condition: {
          StringLike: {
            'kms:EncryptionContext:a': `*${letters(i)}*`,
            'kms:EncryptionContext:b': `*${letters(i * 3)}?`,
          },
        },
      }),
    ),
  'an account and patterns of actions per statement': (size) =>
    range(size).map((i) =>
      allow({
        Effect: i % 5 ? 'Allow' : 'Deny',
        Principal: { AWS: `11112222${1000 + (i % 8999)}` },
        Action: [`kms:${letters(i)}*`, `kms:*${letters(i)}`],
      }),
    ),
  'characters beyond ASCII': (size) => [
    when({
      StringLike: {
        'kms:ViaService': range(size).map(
          (i) => `*${String.fromCharCode(0xc0 + (i % 60))}?${String.fromCharCode(0xc0 + ((i * 7) % 60))}*`,
        ),
      },
    }),
  ],
  NotPrincipal: (size) =>
    range(size).map((i) => ({
      Effect: 'Deny',
      NotPrincipal: { AWS: [`arn:aws:iam::${ACCOUNT}:user/${letters(i)}`, ACCOUNT] },
      Action: 'kms:Decrypt',
      Resource: '*',
    })),
  services: (size) => [allow({ Principal: { Service: range(size).map((i) => `${letters(i)}.amazonaws.com`) } })],
  'one Deny for an Allow of many roles': (size) => [
    allow({ Principal: { AWS: range(size).map((i) => `arn:aws:iam::${ACCOUNT}:role/${letters(i)}`) } }),
    allow({ Effect: 'Deny', Condition: { StringNotLike: { 'kms:ViaService': '*a????????????????*' } } }),
  ],
};

/** @param bytes the document is at most that long, and not much shorter */
function fill(bytes: number, statements: Statements): string {
  const text = (size: number): string => policyText(statements(size));
  let [low, high] = [1, 2];
  while (text(high).length <= bytes) high *= 2;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (text(middle).length <= bytes) low = middle;
    else high = middle;
  }
  return text(low);
}

export interface HostilePolicy {
  readonly name: string;
  readonly text: string;
}

export const hostilePolicies = (bytes: number): readonly HostilePolicy[] =>
  Object.entries(STATEMENTS).map(([name, statements]) => ({ name, text: fill(bytes, statements) }));
