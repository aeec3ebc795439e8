/** `kms lint --all`: how much is checked does not grow with the number of keys, and what is found stays the same. */
import { expect, test } from 'vitest';
import { proverWith } from '../../src/analysis/prover/prover.ts';
import { readKeyring } from '../../src/commands/lint/lint-documents.ts';
import { findKey, putKey } from '../../src/keyring/kms-key.ts';
import { unwatched } from '../../src/model/progress.ts';
import { lintDocuments } from '../../src/lint/run.ts';
import { actionRules } from '../../src/pipeline/action-rules.ts';
import { ACCOUNT, fixture, newKey, REGION, type Fixture } from '../support/fixture.ts';
import { sessionParts } from '../support/session-parts.ts';

const KEYS = 40;
const Condition = { Bool: { 'aws:SecureTransport': 'true' } };
const policy = (Resource: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
      { Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource, Condition },
    ],
  });

/** @returns for each document its findings, and how many policies were proved */
async function lintKeyring(home: Fixture, key?: string) {
  const prover = proverWith(await actionRules());
  let proofs = 0;
  const counting = {
    ...prover,
    shadowed: (subject: Parameters<typeof prover.shadowed>[0]) => ((proofs += 1), prover.shadowed(subject)),
  };
  const documents = await readKeyring(
    { ...sessionParts(home), progress: unwatched },
    { key, all: key === undefined, files: [] },
  );
  const linted = lintDocuments(documents, { settings: { prover: counting }, today: '2026-06-15' });
  const shown = linted.map(({ name, findings }) => ({ name, findings: JSON.stringify(findings) }));
  return { shown: shown.toSorted((a, b) => (a.name < b.name ? -1 : 1)), proofs };
}

test('keys with the same policy are checked once, and have the findings that each has alone', async () => {
  const home = await fixture();
  const ids: string[] = [];
  for (let at = 0; at < KEYS; at += 1) ids.push((await newKey(home)).id);
  for (let at = 0; at < KEYS; at += 1) ids.push((await newKey(home, { Policy: policy('*') })).id);
  ids.push((await newKey(home, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC', Policy: policy('*') })).id);
  await home.call('CreateGrant', {
    KeyId: ids[0],
    GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/app`,
    Operations: ['Decrypt'],
  });
  const all = await lintKeyring(home);
  expect(all.proofs).toBe(3);
  const alone = [];
  for (const id of ids) alone.push(...(await lintKeyring(home, id)).shown);
  expect(all.shown).toEqual(alone.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
  expect(all.shown).toHaveLength(ids.length + 1);
});

test('a policy that names keys, as keyrings of earlier versions have some, is checked for each of them', async () => {
  const home = await fixture();
  const keys = [await newKey(home), await newKey(home), await newKey(home)];
  await home.keyring.transact(async (tx) => {
    for (const { id } of keys) {
      const key = await findKey(tx, { account: ACCOUNT, region: REGION }, id);
      putKey(tx, { ...key!, policy: policy(keys[0]!.arn) });
    }
  });
  expect((await lintKeyring(home)).proofs).toBe(3);
});
