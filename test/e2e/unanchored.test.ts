/** Events that are in the log and its head alone, because their calls changed nothing in the keyring. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKey, workplace } from './command.ts';

test('are counted by status, and a backup has the last uses that they tell of', async () => {
  const work = await workplace();
  const key = await createKey(work);
  await work.json('encrypt', '--key-id', key, '--plaintext', 'eA==');
  await work.json('list-keys');
  expect(await work.json('keyring', 'status')).toMatchObject({ Events: 3 });
  expect(await work.json('audit', 'verify')).toMatchObject({ Valid: true, Events: 3 });
  const backup = join(work.folder, 'backup.db');
  await work.json('keyring', 'backup', backup);
  const elsewhere = join(work.folder, 'elsewhere');
  await work.json('--keyring', elsewhere, 'keyring', 'restore', backup);
  expect(await work.json('--keyring', elsewhere, 'get-key-last-usage', '--key-id', key)).toMatchObject({
    KeyLastUsage: { Operation: 'Encrypt' },
  });
  expect(await work.json('keyring', 'status')).toMatchObject({ Events: 3 });
});
