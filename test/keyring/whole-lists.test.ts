/** Lists that calls take for the whole: with one row more than any page of a store has, none is cut. */
import { expect, test } from 'vitest';
import { Secret } from '../../src/crypto/secret.ts';
import { accessKeys, addAccessKey } from '../../src/keyring/access-key.ts';
import { aliasesOf, putAlias } from '../../src/keyring/alias.ts';
import { putDue, takeDueJobs } from '../../src/keyring/due.ts';
import { addGrant, grantsTo } from '../../src/keyring/grant.ts';
import { identities, putIdentity } from '../../src/keyring/identity.ts';
import { keyStoresOf, putKeyStore } from '../../src/keyring/key-store.ts';
import { sqliteStore } from '../../src/keyring/sqlite-store.ts';
import type { Transaction } from '../../src/keyring/transaction.ts';
import { ACCOUNT, fixture, REGION } from '../support/fixture.ts';

const COUNT = 601; // more than the first pages of a store have: 8, 16, 32, 64, 128 and 256
const home = { account: ACCOUNT, region: REGION };
const key = { ...home, keyId: 'key' };
const secret = new Secret(new Uint8Array(32));
const arn = `arn:aws:iam::${ACCOUNT}:user/someone`;

const lists: readonly [
  name: string,
  add: (tx: Transaction, number: number) => Promise<void> | void,
  count: (tx: Transaction) => Promise<number>,
][] = [
  [
    'access keys',
    (tx, at) => addAccessKey(tx, { id: `AKIA${at}`, secret, principal: arn, created: at }),
    async (tx) => (await accessKeys(tx)).length,
  ],
  [
    'aliases of a key',
    (tx, at) => putAlias(tx, { ...home, name: `alias/${at}`, targetKeyId: 'key', created: at, updated: at }),
    async (tx) => (await aliasesOf(tx, home, 'key')).length,
  ],
  [
    'grants to a grantee',
    (tx, at) =>
      addGrant(tx, {
        ...key,
        id: String(at).padStart(64, '0'),
        created: at,
        granteePrincipal: arn,
        issuingAccount: ACCOUNT,
        operations: ['Encrypt'],
        index: { grantee: arn },
      }),
    async (tx) => (await grantsTo(tx, key, [arn])).length,
  ],
  [
    'identities',
    (tx, at) =>
      putIdentity(
        tx,
        { account: ACCOUNT, name: `user/${at}` },
        {
          kind: 'user',
          account: ACCOUNT,
          arn: `${arn}${at}`,
          uniqueId: `AIDA${at}`,
          created: at,
          tags: {},
          policies: [],
        },
      ),
    async (tx) => (await identities(tx)).length,
  ],
  [
    'custom key stores',
    (tx, at) =>
      putKeyStore(tx, {
        ...home,
        id: `cks-${String(at).padStart(17, '0')}`,
        name: `store ${at}`,
        created: at,
        state: 'DISCONNECTED',
        secret,
        type: 'AWS_CLOUDHSM',
        clusterId: 'cluster',
        trustAnchorCertificate: 'certificate',
      }),
    async (tx) => (await keyStoresOf(tx, home)).length,
  ],
  [
    'scheduled jobs',
    (tx, at) => putDue(tx, { ...key, kind: 'rotate', time: at }),
    async (tx) => {
      let done = 0;
      for await (const job of takeDueJobs(tx, COUNT)) {
        expect(job.time).toBe(done); // the earliest first
        done += 1;
      }
      return done;
    },
  ],
];

test.each(lists)(`${COUNT} %s`, async (_, add, count) => {
  const { keyring } = await fixture('lists', { store: sqliteStore(':memory:', { create: true }) });
  await keyring.transact(async (tx) => {
    for (let at = 0; at < COUNT; at += 1) await add(tx, at);
  });
  expect(await keyring.transact(count)).toBe(COUNT);
});
