/** Calls of other services at this address: each client gets the reason in the format of its protocol (Smithy, "AWS protocols"). */
import { expect, test } from 'vitest';
import { service } from './service.ts';

const signedFor = (name: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/${name}/aws4_request, SignedHeaders=host;x-amz-date, Signature=00`,
});
const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const REASON = 'only KMS and STS are served here';
const json = `{"__type":"UnknownOperationException","message":"${REASON}"}`;
const error = `<Error><Type>Sender</Type><Code>InvalidAction</Code><Message>${REASON}</Message></Error>`;

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const REQUESTS: readonly [name: string, request: Request, status: number, type: string, body: string | RegExp][] = [
  [
    'DynamoDB (AWS JSON 1.0)',
    { headers: { ...signedFor('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.ListTables' }, body: '{}' },
    404,
    'application/x-amz-json-1.1',
    json,
  ],
  [
    'Secrets Manager (AWS JSON 1.1)',
    { headers: { ...signedFor('secretsmanager'), 'x-amz-target': 'secretsmanager.ListSecrets' }, body: '{}' },
    404,
    'application/x-amz-json-1.1',
    json,
  ],
  [
    'Lambda (REST JSON)',
    { method: 'GET', path: '/2015-03-31/functions', headers: signedFor('lambda') },
    404,
    'application/x-amz-json-1.1',
    json,
  ],
  ['no service at all', { method: 'GET', path: '/elsewhere', headers: {} }, 404, 'application/x-amz-json-1.1', json],
  [
    'IAM (query)',
    { headers: { ...form, ...signedFor('iam') }, body: 'Action=ListUsers&Version=2010-05-08' },
    400,
    'text/xml',
    new RegExp(`^<ErrorResponse>${error}<RequestId>[0-9a-f-]{36}</RequestId></ErrorResponse>$`),
  ],
  [
    'SNS (query, in the URL)',
    { method: 'GET', path: '/?Action=ListTopics&Version=2010-03-31', headers: signedFor('sns') },
    400,
    'text/xml',
    new RegExp(`^<ErrorResponse>${error}`),
  ],
  [
    'EC2',
    { headers: { ...form, ...signedFor('ec2') }, body: 'Action=DescribeVpcs&Version=2016-11-15' },
    400,
    'text/xml',
    new RegExp(
      `^<Response><Errors><Error><Code>InvalidAction</Code><Message>${REASON}</Message></Error></Errors><RequestID>[0-9a-f-]{36}</RequestID></Response>$`,
    ),
  ],
  [
    'S3',
    { method: 'GET', path: '/bucket/key?x-id=GetObject', headers: signedFor('s3') },
    501,
    'text/xml',
    new RegExp(
      `^<Error><Code>NotImplemented</Code><Message>${REASON}</Message><RequestId>[0-9a-f-]{36}</RequestId></Error>$`,
    ),
  ],
  [
    'Route 53 (REST XML)',
    { method: 'GET', path: '/2013-04-01/hostedzone', headers: signedFor('route53') },
    400,
    'text/xml',
    new RegExp(`^<ErrorResponse>${error}`),
  ],
];

test.each(REQUESTS)('%s', async (_, { method = 'POST', path = '/', headers, body }, status, type, text) => {
  const { url, home } = await service();
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  expect([response.status, response.headers.get('content-type')]).toEqual([status, type]);
  const said = await response.text();
  if (typeof text === 'string') expect(said).toBe(text);
  else expect(said).toMatch(text);
  expect(home.events()).toEqual([]);
});

test('an operation that KMS does not have is still an error of KMS', async () => {
  const { url } = await service();
  const headers = { 'x-amz-target': 'TrentService.Nothing' };
  const response = await fetch(url, { method: 'POST', headers });
  expect([response.status, await response.text()]).toEqual([404, '{"__type":"UnknownOperationException"}']);
});
