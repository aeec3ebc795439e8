import { expect, test } from 'vitest';
import { contextOf, type RequestAttributes } from '../../src/policy/context.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { CALLERS } from './callers.ts';

const AT: RequestAttributes = {
  time: new Date('2024-05-06T07:08:09.987Z'),
  region: 'us-west-2',
  sourceIp: '203.0.113.7',
};
const value = (caller: Caller, key: string, more: Partial<RequestAttributes> = {}): readonly string[] | undefined =>
  contextOf(caller, { ...AT, ...more })
    .values()
    .get(key.toLowerCase());

const tagged = callerOf('arn:aws:iam::111122223333:user/alice', { tags: { Team: 'blue' }, organizationId: 'o-1' });

const old = callerOf('arn:aws:iam::111122223333:role/App', { tokenIssueTime: new Date('2024-05-06T06:00:00Z') });

test.each<[keyof typeof CALLERS | Caller, string, string | undefined]>([
  ['root', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:root'],
  ['root', 'aws:PrincipalType', 'Account'],
  ['root', 'aws:userid', '111122223333'],
  ['root', 'aws:username', undefined],
  ['alice', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:user/alice'],
  ['alice', 'aws:PrincipalAccount', '111122223333'],
  ['alice', 'aws:PrincipalType', 'User'],
  ['alice', 'aws:PrincipalIsAWSService', 'false'],
  ['alice', 'aws:username', 'alice'],
  ['alice', 'aws:userid', 'AIDAALICE0000EXAMPLE'],
  ['alice', 'kms:CallerAccount', '111122223333'],
  ['app', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/App'],
  ['deep', 'aws:PrincipalArn', 'arn:aws:iam::111122223333:role/team/Deep'],
  ['app', 'aws:PrincipalType', 'AssumedRole'],
  ['app', 'aws:userid', 'AROAAPP000000EXAMPLE:i-0abc'],
  ['app', 'aws:username', undefined],
  ['deep', 'aws:userid', undefined],
  ['dan', 'aws:PrincipalType', 'FederatedUser'],
  ['dan', 'aws:userid', '111122223333:dan'],
  ['trail', 'aws:PrincipalArn', undefined],
  ['trail', 'aws:PrincipalIsAWSService', 'true'],
  ['trail', 'aws:PrincipalServiceName', 'cloudtrail.amazonaws.com'],
  ['trail', 'kms:CallerAccount', undefined],
  [tagged, 'aws:PrincipalTag/Team', 'blue'],
  [tagged, 'aws:PrincipalOrgID', 'o-1'],
  ['alice', 'aws:PrincipalOrgID', undefined],
  ['alice', 'aws:CurrentTime', '2024-05-06T07:08:09Z'],
  ['alice', 'aws:EpochTime', '1714979289'],
  ['alice', 'aws:RequestedRegion', 'us-west-2'],
  ['alice', 'aws:SourceIp', '203.0.113.7'],
  ['alice', 'aws:SecureTransport', 'true'],
  ['alice', 'aws:ViaAWSService', 'false'],
  ['alice', 'kms:ViaService', undefined],
  ['alice', 'aws:SourceArn', undefined],
  // long-term access keys have neither; temporary credentials always have both
  ['alice', 'aws:MultiFactorAuthPresent', undefined],
  ['root', 'aws:MultiFactorAuthPresent', undefined],
  ['app', 'aws:MultiFactorAuthPresent', 'false'],
  ['dan', 'aws:MultiFactorAuthPresent', 'false'],
  ['trail', 'aws:MultiFactorAuthPresent', undefined],
  ['alice', 'aws:TokenIssueTime', undefined],
  ['app', 'aws:TokenIssueTime', '2024-05-06T07:08:09Z'],
  ['dan', 'aws:TokenIssueTime', '2024-05-06T07:08:09Z'],
  ['trail', 'aws:TokenIssueTime', undefined],
  [old, 'aws:TokenIssueTime', '2024-05-06T06:00:00Z'],
])('%s %s: %s', (who, key, expected) => {
  const caller = typeof who === 'object' ? who : CALLERS[who]!;
  expect(value(caller, key)).toEqual(expected === undefined ? undefined : [expected]);
});

test.each<[Partial<RequestAttributes>, string, string[] | undefined]>([
  [{ vpcEndpointId: 'vpce-1', vpcId: 'vpc-1' }, 'aws:SourceIp', undefined],
  [{ vpcEndpointId: 'vpce-1', vpcId: 'vpc-1' }, 'aws:SourceVpce', ['vpce-1']],
  [{ vpcEndpointId: 'vpce-1', vpcId: 'vpc-1' }, 'aws:SourceVpc', ['vpc-1']],
  [{ vpcEndpointId: 'vpce-1' }, 'aws:VpcSourceIp', ['203.0.113.7']],
  [{ viaService: 's3.us-west-2.amazonaws.com' }, 'kms:ViaService', ['s3.us-west-2.amazonaws.com']],
  [{ viaService: 's3.us-west-2.amazonaws.com' }, 'aws:ViaAWSService', ['true']],
  [{ sourceArn: 'arn:aws:s3:::b', sourceAccount: '1' }, 'aws:SourceArn', ['arn:aws:s3:::b']],
  [{ mfa: { ageInSeconds: 60 } }, 'aws:MultiFactorAuthAge', ['60']],
  [{ mfa: { ageInSeconds: 60 } }, 'aws:MultiFactorAuthPresent', ['true']],
  [{ mfa: { ageInSeconds: 60 } }, 'aws:TokenIssueTime', ['2024-05-06T07:07:09Z']],
  [{ resourceAccount: '444455556666' }, 'aws:ResourceOrgID', undefined],
  [{ resourceAccount: '444455556666', resourceOrganization: { id: 'o-2' } }, 'aws:ResourceOrgID', ['o-2']],
  [{ resourceAccount: '444455556666', resourceOrganization: { id: 'o-2' } }, 'aws:ResourceOrgPaths', undefined],
  [
    { resourceAccount: '444455556666', resourceOrganization: { id: 'o-2', path: 'o-2/r-ab12/' } },
    'aws:ResourceOrgPaths',
    ['o-2/r-ab12/'],
  ],
  [{ resourceTags: { Team: 'red' } }, 'aws:ResourceTag/team', ['red']],
  [{ secureTransport: false }, 'aws:SecureTransport', ['false']],
])('%j gives %s %j', (more, key, expected) => {
  expect(value(CALLERS['alice']!, key, more)).toEqual(expected);
});

test('a resource of the own account is in the own organization', () => {
  const at = { resourceAccount: '111122223333' };
  const member = callerOf('arn:aws:iam::111122223333:user/alice', {
    organizationId: 'o-1',
    organizationPath: 'o-1/r-ab12/',
  });
  expect(value(member, 'aws:ResourceOrgID', at)).toEqual(['o-1']);
  expect(value(member, 'aws:ResourceOrgPaths', at)).toEqual(['o-1/r-ab12/']);
  expect(value(member, 'aws:ResourceOrgID', { resourceAccount: '444455556666' })).toBeUndefined();
});

test('an operation adds its own', () => {
  const builder = contextOf(CALLERS['alice']!, AT).set('kms:KeySpec', 'SM2').set('kms:RequestAlias', undefined);
  const values = builder
    .setEncryptionContext({ AppName: 'x', Stage: 'y' })
    .setEach('', { 'aws:TagKeys': ['a', 'b'] })
    .values();
  expect(values.get('kms:keyspec')).toEqual(['SM2']);
  expect(values.has('kms:requestalias')).toBe(false);
  expect(values.get('kms:encryptioncontext:appname')).toEqual(['x']);
  expect(values.get('kms:encryptioncontextkeys')).toEqual(['AppName', 'Stage']);
  expect(values.get('aws:tagkeys')).toEqual(['a', 'b']);
});

test('no encryption context, no keys of it', () => {
  const values = contextOf(CALLERS['alice']!, AT).setEncryptionContext({}).values();
  expect([...values.keys()].some((key) => key.startsWith('kms:encryptioncontext'))).toBe(false);
});
