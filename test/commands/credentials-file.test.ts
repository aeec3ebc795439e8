/** Credentials files: what is written is read again, and what others write is read as the AWS SDKs read it, or refused. */
import { expect, test } from 'vitest';
import { formatCredentials, parseCredentials } from '../../src/commands/identities/credentials-file.ts';

const pair = { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY=' };
const lines = `aws_access_key_id = ${pair.id}\naws_secret_access_key = ${pair.secret}\n`;

test('what is written is read again', () => {
  const text = formatCredentials(pair, { region: 'us-east-1', endpoint_url: 'http://[::1]:80' });
  expect(text).toBe(`[default]\n${lines}region = us-east-1\nendpoint_url = http://[::1]:80\n`);
  expect(parseCredentials(text, 'file')).toEqual(pair);
});

test.each([
  ['the only profile', `[one]\n${lines}`],
  ['default among others', `[one]\naws_access_key_id=x\n[default]\n${lines}[two]\n`],
  ['comments, blanks, CRLF', `# of mine\r\n\r\n; too\r\n [ default ] \r\n${lines.replaceAll('\n', ' \r\n')}`],
  ['no blanks', `[default]\n${lines.replaceAll(' = ', '=')}`],
  ['a profile in two pieces', `[default]\n${lines.split('\n')[0]}\n[default]\n${lines.split('\n')[1]}`],
])('%s', (_, text) => {
  expect(parseCredentials(text, 'file')).toEqual(pair);
});

test.each([
  ['', 'file has no profile default, and 0 others'],
  [`[one]\n${lines}[two]\n${lines}`, 'file has no profile default, and 2 others'],
  [lines, 'file:1 is not'],
  [`[default]\n${pair.secret} nonsense`, 'file:2 is not'],
  [`[default]\n${lines}${lines}`, 'file:4 is not'],
  ['[default]\naws_access_key_id = x', 'file has no aws_secret_access_key'],
  ['[default]\naws_access_key_id =\naws_secret_access_key = x', 'file has no aws_access_key_id'],
  [`[default]\n${lines}aws_session_token = x`, 'has a session token'],
])('%j is refused, and nothing of it shown', (text, message) => {
  expect(() => parseCredentials(text, 'file')).toThrow(message);
  expect(() => parseCredentials(text, 'file')).not.toThrow(pair.secret);
});
