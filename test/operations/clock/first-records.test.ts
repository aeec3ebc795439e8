import { expect, test } from 'vitest';
import { encodeRecord } from '../../../src/keyring/record.ts';
import { ACCOUNT, fixture, REGION, START, type Fixture } from '../../support/fixture.ts';
import { DAY, describedKey, eventsNamed, pass, PAST_TRANSITION, stateOf } from '../timeline.ts';

const SINGLE = '1234abcd-12ab-34cd-56ef-1234567890ab';
const MULTI = 'mrk-1234abcd12ab34cd56ef1234567890ab';

/** A key as it was written before there were rotation, imports and related keys: with none of their members. */
async function withKey(keyId: string, more: object = {}): Promise<Fixture> {
  const home = await fixture();
  const body = {
    account: ACCOUNT,
    region: REGION,
    keyId,
    created: START - DAY,
    description: '',
    state: 'Enabled',
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    manager: 'CUSTOMER',
    multiRegion: keyId === MULTI,
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
      ],
    }),
    tags: [],
    backingKeys: [{ id: 'ab'.repeat(32), created: START - DAY }],
    ...more,
  };
  const parts = [new Uint8Array(32).fill(7), new Uint8Array()];
  await home.keyring.transact(async (tx) => tx.put(`key/${ACCOUNT}/${REGION}/${keyId}`, encodeRecord(body, parts)));
  return home;
}

test('a key of the first version is used, described and rotated', async () => {
  const home = await withKey(SINGLE);
  const { CiphertextBlob } = await home.call('Encrypt', { KeyId: SINGLE, Plaintext: Uint8Array.of(1) });
  expect(await describedKey(home, SINGLE)).toMatchObject({ MultiRegion: false, CurrentKeyMaterialId: 'ab'.repeat(32) });
  expect(await home.call('GetKeyRotationStatus', { KeyId: SINGLE })).toMatchObject({ KeyRotationEnabled: false });
  await home.call('EnableKeyRotation', { KeyId: SINGLE });
  await pass(home, 365 * DAY);
  expect(eventsNamed(home, 'RotateKey')).toHaveLength(1);
  expect(await home.call('Decrypt', { CiphertextBlob })).toMatchObject({ KeyMaterialId: 'ab'.repeat(32) });
});

test('a multi-Region key of the first version is a primary, and is replicated', async () => {
  const home = await withKey(MULTI);
  expect((await describedKey(home, MULTI))['MultiRegionConfiguration']).toMatchObject({
    MultiRegionKeyType: 'PRIMARY',
    ReplicaKeys: [],
  });
  await home.call('ReplicateKey', { KeyId: MULTI, ReplicaRegion: 'us-west-2' });
  await pass(home, PAST_TRANSITION);
  expect(await stateOf(home, MULTI, 'us-west-2')).toBe('Enabled');
});

test('a deletion that was scheduled by the first version is done', async () => {
  const time = START + 7 * DAY;
  const home = await withKey(SINGLE, { state: 'PendingDeletion', deletionDate: time });
  const work = { kind: 'delete-key', account: ACCOUNT, region: REGION, keyId: SINGLE, time };
  const path = `due/${time}/delete-key/${ACCOUNT}/${REGION}/${SINGLE}`;
  await home.keyring.transact(async (tx) => tx.put(path, encodeRecord(work)));
  await pass(home, 7 * DAY);
  expect(eventsNamed(home, 'DeleteKey')).toHaveLength(1);
});
