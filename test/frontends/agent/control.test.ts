/** Starting the process of an agent that does not start as it should. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { UnlockDeps } from '../../../src/commands/agent/agent.ts';
import { agents } from '../../../src/frontends/agent/control.ts';
import { placeAt } from '../../../src/keyring/place.ts';
import { fixture } from '../../support/fixture.ts';
import { temporaryFolders } from '../../support/folder.ts';

const folder = temporaryFolders();

test('a process that got the root key and does not say that it is ready does not stay', async () => {
  const { keyring, random } = await fixture('control');
  const home = folder();
  const place = { ...placeAt(home), foundBy: 'test' };
  const session: UnlockDeps = {
    place,
    random,
    open: () => Promise.resolve(keyring),
    auditLog: () => ({ path: place.log, owner: undefined }),
  };
  const pidFile = join(home, 'pid');
  const { unlock } = agents({
    env: { ...process.env, XDG_RUNTIME_DIR: home },
    version: 'x/1',
    program: ['sh', '-c', `echo $$ > '${pidFile}'; exec >&-; exec sleep 60`],
    say() {},
  });
  await expect(unlock(session, { idle: undefined, total: undefined })).rejects.toThrow('the agent did not start');
  const pid = readFileSync(pidFile, 'utf8').trim();
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
});
