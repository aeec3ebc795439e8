/** Who is let in, by where the server is reached from, what the options say, and what the keyring says. */
import { expect, test } from 'vitest';
import { accessTo, whoIsLetIn, type ServerAccess, type Situation } from '../../../src/frontends/http/access.ts';

const plain: Situation = {
  reach: 'this machine',
  verifySignatures: undefined,
  credentialsFile: undefined,
  terminal: false,
  ephemeral: false,
  accessKeys: 0,
  keyringAsks: false,
};
const machine = plain;
const user = { ...plain, reach: 'this user' } as const;
const others = { ...plain, reach: 'other machines' } as const;
const keys = { accessKeys: 2, keyringAsks: true };
const [terminal, ephemeral] = [{ terminal: true }, { ephemeral: true }];
const file = { credentialsFile: 'credentials' };
const [on, off] = [{ verifySignatures: true }, { verifySignatures: false }];
const deleted = { keyringAsks: true };

const access = (required: ServerAccess['required'], processKey?: ServerAccess['processKey']): ServerAccess => ({
  required,
  processKey,
});

test.each<readonly [string, Situation, ServerAccess]>([
  ['loopback, on a terminal', { ...machine, ...terminal }, access('always', 'terminal')],
  ['loopback, a credentials file', { ...machine, ...file }, access('always', 'file')],
  ['loopback, both', { ...machine, ...terminal, ...file }, access('always', 'file')],
  ['loopback, access keys', { ...machine, ...keys }, access('always')],
  ['loopback, access keys on a terminal', { ...machine, ...keys, ...terminal }, access('always')],
  ['loopback, access keys and a credentials file', { ...machine, ...keys, ...file }, access('always', 'file')],
  ['loopback, access keys whose keyring does not ask', { ...machine, accessKeys: 1 }, access('always')],
  ['loopback, unsigned by name', { ...machine, ...off }, access('never')],
  ['loopback, unsigned by name, with access keys', { ...machine, ...off, ...keys }, access('never')],
  ['loopback, ephemeral', { ...machine, ...ephemeral }, access('by the keyring')],
  ['loopback, ephemeral on a terminal', { ...machine, ...ephemeral, ...terminal }, access('by the keyring')],
  ['loopback, ephemeral, access keys of the seed', { ...machine, ...ephemeral, ...keys }, access('by the keyring')],
  [
    'loopback, ephemeral, signed by name',
    { ...machine, ...ephemeral, ...on, ...terminal },
    access('always', 'terminal'),
  ],
  ['loopback, ephemeral, a credentials file', { ...machine, ...ephemeral, ...file }, access('always', 'file')],
  ['socket', user, access('by the keyring')],
  ['socket on a terminal', { ...user, ...terminal }, access('by the keyring')],
  ['socket, access keys', { ...user, ...keys }, access('by the keyring')],
  ['socket, the last access key deleted', { ...user, ...deleted, ...terminal }, access('by the keyring', 'terminal')],
  ['socket, unsigned by name', { ...user, ...deleted, ...off }, access('never')],
  ['socket, a credentials file', { ...user, ...file }, access('always', 'file')],
  ['other machines, access keys', { ...others, ...keys }, access('always')],
  ['other machines, ephemeral, access keys', { ...others, ...ephemeral, ...keys }, access('always')],
  ['other machines, a credentials file', { ...others, ...file }, access('always', 'file')],
])('%s', (_, situation, expected) => {
  expect(accessTo(situation)).toEqual(expected);
});

test.each<readonly [string, Situation, string]>([
  ['loopback, no terminal', machine, 'there is no terminal to show a temporary one on'],
  [
    'loopback, the last access key deleted',
    { ...machine, ...deleted },
    'there is no terminal to show a temporary one on',
  ],
  [
    'loopback, ephemeral, signed by name',
    { ...machine, ...ephemeral, ...on },
    'there is no terminal to show a temporary one on',
  ],
  ['socket, the last access key deleted', { ...user, ...deleted }, 'there is no terminal to show a temporary one on'],
  ['loopback, a credentials file that is not needed', { ...machine, ...file, ...off }, 'cannot be combined'],
  ['other machines', others, 'must be signed, but the keyring has no access keys'],
  ['other machines, on a terminal', { ...others, ...terminal }, 'must be signed, but the keyring has no access keys'],
  ['other machines, ephemeral', { ...others, ...ephemeral }, 'must be signed, but the keyring has no access keys'],
  ['other machines, the last access key deleted', { ...others, ...deleted }, 'but the keyring has no access keys'],
  ['other machines, unsigned by name', { ...others, ...keys, ...off }, 'requires a loopback address or a socket'],
])('%s: refused', (_, situation, text) => {
  expect(() => accessTo(situation)).toThrow(text);
});

const ROOT = 'arn:aws:iam::111122223333:root';
const EVERYONE = 'signatures are not verified: every user and program on this machine can send requests';
const OWN = `the temporary access key of this server (calls are made as ${ROOT})`;

test.each<readonly [Situation, string]>([
  [{ ...machine, ...file }, `requests must be signed with ${OWN}`],
  [{ ...machine, ...file, ...keys }, `requests must be signed with ${OWN}, or an access key of the keyring (2)`],
  [{ ...machine, ...keys }, 'requests must be signed with an access key of the keyring (2)'],
  [{ ...user, ...keys }, 'requests must be signed with an access key of the keyring (2)'],
  [{ ...machine, ...off }, `${EVERYONE}; calls are made as ${ROOT}`],
  [{ ...machine, ...ephemeral }, `${EVERYONE}; calls are made as ${ROOT}`],
  [
    { ...machine, ...off, ...keys },
    `${EVERYONE}; calls are made as ${ROOT}, except those signed with an access key of the keyring`,
  ],
  [user, `only you can open the socket; calls are made as ${ROOT}`],
])('%j is reported at the start', (situation, text) => {
  expect(whoIsLetIn(accessTo(situation), situation, ROOT)).toBe(text);
});
