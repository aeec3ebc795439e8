import { describe, expect, test } from 'vitest';
import { grantToken, grantTokens, recipient } from '../../src/model/members.ts';
import { blob, list, map, string, structure, timestamp } from '../../src/model/shape.ts';
import { callEvent, principalId, localEvent, type CallFacts, type EventIdentity } from '../../src/audit/event.ts';
import { localeDate, requestParameters } from '../../src/audit/request-parameters.ts';
import { callerOf } from '../../src/policy/principal.ts';

const FACTS: CallFacts = {
  eventName: 'DescribeKey',
  eventId: 'event',
  requestId: 'request',
  time: Date.UTC(2026, 0, 2, 3, 4, 5, 999),
  region: 'us-east-1',
  identity: callerOf('arn:aws:iam::111122223333:root'),
  sourceIp: '127.0.0.1',
  userAgent: 'test',
  readOnly: true,
  account: '111122223333',
  requestParameters: null,
  responseElements: null,
};

/** AWS CloudTrail User Guide, CloudTrail userIdentity element */
const identities: readonly [name: string, identity: EventIdentity, told: object][] = [
  [
    'the root user',
    callerOf('arn:aws:iam::111122223333:root'),
    { type: 'Root', principalId: '111122223333', arn: 'arn:aws:iam::111122223333:root', accountId: '111122223333' },
  ],
  [
    'a user',
    callerOf('arn:aws:iam::111122223333:user/team/alice', { uniqueId: 'AIDACKCEVSQ6C2EXAMPLE' }),
    {
      type: 'IAMUser',
      principalId: 'AIDACKCEVSQ6C2EXAMPLE',
      arn: 'arn:aws:iam::111122223333:user/team/alice',
      accountId: '111122223333',
      userName: 'alice',
    },
  ],
  [
    'a session of a role',
    callerOf('arn:aws:sts::111122223333:assumed-role/App/i-0abc', { uniqueId: 'AROACKCEVSQ6C2EXAMPLE' }),
    {
      type: 'AssumedRole',
      principalId: 'AROACKCEVSQ6C2EXAMPLE:i-0abc',
      arn: 'arn:aws:sts::111122223333:assumed-role/App/i-0abc',
      accountId: '111122223333',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROACKCEVSQ6C2EXAMPLE',
          arn: 'arn:aws:iam::111122223333:role/App',
          accountId: '111122223333',
          userName: 'App',
        },
      },
    },
  ],
  [
    'a federated user',
    callerOf('arn:aws:sts::111122223333:federated-user/dan'),
    {
      type: 'FederatedUser',
      principalId: '111122223333:dan',
      arn: 'arn:aws:sts::111122223333:federated-user/dan',
      accountId: '111122223333',
    },
  ],
  [
    'a service',
    callerOf('workmail.eu-west-1.amazonaws.com'),
    { type: 'AWSService', invokedBy: 'workmail.eu-west-1.amazonaws.com' },
  ],
];

describe('who called', () => {
  test.each(identities)('%s', (_, identity, told) => {
    expect((callEvent({ ...FACTS, identity }) as { userIdentity: unknown }).userIdentity).toEqual(told);
  });

  test('an ID that is made up is always the same for its ARN, and looks like one', () => {
    const [alice, bob] = ['alice', 'bob'].map((name) => callerOf(`arn:aws:iam::111122223333:user/${name}`));
    expect(principalId(alice!)).toMatch(/^AIDA[A-Z0-9]{17}$/);
    expect(principalId(alice!)).toBe(principalId({ ...alice! }));
    expect(principalId(alice!)).not.toBe(principalId(bob!));
    expect(principalId(callerOf('arn:aws:sts::111122223333:assumed-role/App/a')).split(':')[0]).toBe(
      principalId(callerOf('arn:aws:sts::111122223333:assumed-role/App/b')).split(':')[0],
    );
  });
});

describe('members', () => {
  test('the time in UTC and whole seconds', () => {
    expect(callEvent(FACTS)).toMatchObject({ eventTime: '2026-01-02T03:04:05Z' });
  });

  test('a call through a VPC endpoint names it and its account', () => {
    const { account } = FACTS;
    const event = callEvent({ ...FACTS, vpcEndpointId: 'vpce-1a2b3c4d' });
    expect(event).toEqual({ ...callEvent(FACTS), vpcEndpointId: 'vpce-1a2b3c4d', vpcEndpointAccountId: account });
    expect(callEvent(FACTS)).not.toHaveProperty('vpcEndpointId');
  });

  // AWS CloudTrail User Guide, CloudTrail record contents for management, data, and network activity events
  test('a call that a service makes has no TLS details', () => {
    const tlsDetails = {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: 'kms',
    };
    expect(callEvent({ ...FACTS, tlsDetails })).toHaveProperty('tlsDetails', tlsDetails);
    expect(callEvent({ ...FACTS, tlsDetails, invokedBy: 's3.amazonaws.com' })).not.toHaveProperty('tlsDetails');
    const identity = callerOf('s3.amazonaws.com');
    expect(callEvent({ ...FACTS, tlsDetails, identity })).not.toHaveProperty('tlsDetails');
  });

  test('an error without a message has none', () => {
    const event = callEvent({ ...FACTS, error: { code: 'InvalidCiphertextException', message: '' } });
    expect(event).toMatchObject({ errorCode: 'InvalidCiphertextException' });
    expect(event).not.toHaveProperty('errorMessage');
  });

  test('without resources the member is not there; with none it is empty', () => {
    expect(callEvent(FACTS)).not.toHaveProperty('resources');
    expect(callEvent({ ...FACTS, resources: [] })).toMatchObject({ resources: [] });
  });

  test('events of our own have a source of their own', () => {
    const event = localEvent({ ...FACTS, requestParameters: { slots: [2] } });
    expect(event).toMatchObject({ eventSource: 'pocket-kms', readOnly: false, requestParameters: { slots: [2] } });
  });
});

test('of a request, what is blob, sensitive, or a grant token stays out, on every level', () => {
  const shape = structure({
    KeyId: string(),
    Plaintext: blob({ sensitive: true }),
    CiphertextBlob: blob(),
    Password: string({ sensitive: true }),
    GrantTokens: grantTokens,
    GrantToken: grantToken,
    Recipient: recipient,
    EncryptionContext: map(),
    ValidTo: timestamp,
    Tags: list(structure({ TagKey: string(), Value: blob(), Secret: string({ sensitive: true }) })),
  });
  const bytes = new Uint8Array(3);
  const input = {
    KeyId: 'k',
    Plaintext: bytes,
    CiphertextBlob: bytes,
    Password: 'p',
    GrantTokens: ['g'],
    GrantToken: 'g',
    Recipient: { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256' },
    EncryptionContext: { A: 'b' },
    ValidTo: new Date(Date.UTC(2021, 10, 2, 23, 25, 25)),
    Tags: [{ TagKey: 't', Value: bytes, Secret: 's' }],
  };
  expect(requestParameters(shape, input)).toEqual({
    keyId: 'k',
    encryptionContext: { A: 'b' },
    validTo: 'Nov 2, 2021, 11:25:25 PM',
    tags: [{ tagKey: 't' }],
  });
  expect(requestParameters(shape, {})).toEqual({});
});

const dates: readonly [iso: string, text: string][] = [
  ['2021-11-02T23:25:25.999Z', 'Nov 2, 2021, 11:25:25 PM'],
  ['2022-08-10T22:38:27Z', 'Aug 10, 2022, 10:38:27 PM'],
  ['2026-01-01T00:00:00Z', 'Jan 1, 2026, 12:00:00 AM'],
  ['2026-01-01T12:00:01Z', 'Jan 1, 2026, 12:00:01 PM'],
  ['2026-12-31T01:02:03Z', 'Dec 31, 2026, 1:02:03 AM'],
];

test.each(dates)('%s is written %s, as the en-US locale does', (iso, text) => {
  const date = new Date(iso);
  expect(localeDate(date)).toBe(text);
  const intl = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
  expect(intl.format(date).replaceAll('\u202f', ' ')).toBe(text);
});
