import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { utf8 } from '../../src/crypto/bytes.ts';
import { Keyring } from '../../src/keyring/keyring.ts';
import type { Session } from '../../src/runtime/capabilities.ts';
import { createKey } from '../../src/operations/keys/create-key.ts';
import { listKeys } from '../../src/operations/keys/keys.ts';
import { openSession, type SessionOptions } from '../../src/runtime/session.ts';
import { ACCOUNT, seeded, START } from '../support/fixture.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders();

interface Fixture {
  readonly at: string;
  readonly said: string[];
  readonly session: (more?: Partial<SessionOptions>) => Session;
}

function fixture(seed = 'session'): Fixture {
  const at = folder();
  const random = seeded(seed);
  const said: string[] = [];
  for (const name of ['work', 'home']) mkdirSync(join(at, name));
  return {
    at,
    said,
    session: (more) =>
      openSession({
        cwd: join(at, 'work'),
        home: join(at, 'home'),
        env: {},
        clock: () => START,
        random,
        userAgent: 'test',
        ask: () => undefined,
        note: (line) => void said.push(line),
        ...more,
      }),
  };
}

const secretFile = (path: string, content: string | Uint8Array): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};

const ask = (words: string) => () => ({
  passphrase: async () => utf8(words),
  newPassphrase: async () => utf8(words),
  secret: async () => utf8(words),
});

const settings = { account: ACCOUNT, region: 'eu-west-1' };

describe('condition keys that options specify', () => {
  const rows: readonly (readonly [option: string, options: Partial<SessionOptions>, keys: readonly string[]])[] = [
    ['none', {}, []],
    ['--via-service', { service: { viaService: 's3.us-east-1.amazonaws.com' } }, ['kms:viaservice']],
    ['--source-arn', { service: { sourceArn: 'arn:aws:s3:::bucket' } }, ['aws:sourcearn']],
    ['--source-account', { service: { sourceAccount: ACCOUNT } }, ['aws:sourceaccount']],
    ['--source-ip', { sourceIp: '203.0.113.1' }, ['aws:sourceip']],
    ['--source-vpc', { network: { vpcId: 'vpc-1a2b3c4d' } }, ['aws:sourcevpc']],
    ['--source-vpce', { network: { vpcEndpointId: 'vpce-1a2b3c4d' } }, ['aws:sourcevpce']],
    ['--mfa', { network: { mfa: { ageInSeconds: 0 } } }, ['aws:multifactorauthpresent', 'aws:multifactorauthage']],
    ['--as', { principal: `arn:aws:iam::${ACCOUNT}:user/Alice` }, []],
    ['--session-tags', { sessionTags: { team: 'a' } }, []],
  ];
  test.each(rows)('%s', (_, options, keys) => {
    expect([...fixture().session(options).specifiedKeys]).toEqual(keys);
  });
});

describe('the first key', () => {
  test('at the usual place makes a keyring, and says so', async () => {
    const { at, session, said } = fixture();
    const { KeyMetadata } = await session().invoke(createKey, {});
    expect(KeyMetadata!.Arn).toContain(':us-east-1:000000000000:key/');
    const place = join(at, 'home/.local/share/pocket-kms');
    expect(readdirSync(place).sort()).toEqual(['audit.jsonl', 'audit.jsonl.head', 'keyring.db']);
    const [keyFile] = readdirSync(join(at, 'home/.config/pocket-kms/keys'));
    expect(said).toEqual([
      `created a new keyring: ${join(place, 'keyring.db')}`,
      `its key file is ${join(at, 'home/.config/pocket-kms/keys', keyFile!)}: keep a copy of both`,
    ]);
    expect((await session().invoke(listKeys, {})).Keys).toHaveLength(1);
  });

  test('is of the Region that was asked for', async () => {
    const { KeyMetadata } = await fixture().session({ region: 'eu-west-1' }).invoke(createKey, {});
    expect(KeyMetadata!.Arn).toContain(':eu-west-1:');
  });

  test('no other call makes one, and no place that was named', async () => {
    const { at, session } = fixture();
    const absent = { name: 'EnvironmentError', hints: ['kms init creates one'] };
    await expect(session().invoke(listKeys, {})).rejects.toMatchObject(absent);
    await expect(session({ named: join(at, 'elsewhere') }).invoke(createKey, {})).rejects.toMatchObject(absent);
    expect(readdirSync(join(at, 'home'))).toEqual([]);
  });
});

describe('making a keyring', () => {
  test('with a key file at its usual place, apart from the keyring', async () => {
    const { at, session } = fixture();
    const keyring = await session({ named: join(at, 'ring') }).create({ ...settings, unlocking: {} });
    const keyFile = join(at, `home/.config/pocket-kms/keys/${keyring.id}.key`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(at, 'ring')).filter((name) => name !== 'audit.jsonl')).toEqual(['keyring.db']);
    expect(await keyring.inspect(async ({ root }) => root.settings)).toMatchObject({ ...settings, created: START });
  });

  test('only where there is none, and a key file that is there is never overwritten', async () => {
    const { at, session } = fixture();
    const named = join(at, 'ring');
    await session({ named }).create({ ...settings, unlocking: {} });
    await expect(session({ named }).create({ ...settings, unlocking: {} })).rejects.toThrow(
      'a keyring already exists at',
    );
    const keyFile = secretFile(join(at, 'key'), 'precious');
    await expect(session({ named: join(at, 'other') }).create({ ...settings, unlocking: { keyFile } })).rejects.toThrow(
      'already exists',
    );
    expect(readFileSync(keyFile, 'utf8')).toBe('precious');
    expect(existsSync(join(at, 'other'))).toBe(false);
  });

  test('by one way only', async () => {
    const { at, session } = fixture();
    const unlocking = { keyFile: join(at, 'key'), askPassphrase: true };
    await expect(
      session({ named: join(at, 'ring'), ask: ask('x') }).create({ ...settings, unlocking }),
    ).rejects.toThrow('a slot has either a key file or a passphrase');
  });

  test('asking needs a terminal', async () => {
    const { at, session } = fixture();
    const made = session({ named: join(at, 'ring') }).create({ ...settings, unlocking: { askPassphrase: true } });
    await expect(made).rejects.toThrow('there is no terminal to prompt for a passphrase');
  });
});

describe('unlocking', () => {
  interface Ring extends Fixture {
    readonly named: string;
    readonly id: string;
    readonly keyFile: string;
  }
  async function ring(): Promise<Ring> {
    const made = fixture();
    const named = join(made.at, 'ring');
    const keyring = await made.session({ named }).create({ ...settings, unlocking: {} });
    return { ...made, named, id: keyring.id, keyFile: join(made.at, `home/.config/pocket-kms/keys/${keyring.id}.key`) };
  }

  /** The key file goes to `where`, and this is how it is found again. */
  const cases: readonly [name: string, where: string, how: (path: string, at: string) => Partial<SessionOptions>][] = [
    ['by the option', 'work/key', (keyFile) => ({ keyFile })],
    ['by the option, from where we are', 'work/key', () => ({ keyFile: 'key' })],
    ['by the environment', 'work/key', (path) => ({ env: { POCKET_KMS_KEY_FILE: path } })],
    [
      'by the folder of a service manager',
      'credentials/pocket-kms-key',
      (path) => ({ env: { CREDENTIALS_DIRECTORY: dirname(path) } }),
    ],
    [
      'in another configuration folder',
      'conf/pocket-kms/keys/ID.key',
      (_, at) => ({ env: { XDG_CONFIG_HOME: join(at, 'conf') } }),
    ],
  ];
  test.each(cases)('%s', async (_, where, how) => {
    const { at, session, named, id, keyFile } = await ring();
    const moved = join(at, where.replace('ID', id));
    mkdirSync(dirname(moved), { recursive: true });
    renameSync(keyFile, moved);
    await expect(session({ named }).open()).rejects.toMatchObject({
      message: 'the keyring is locked',
      hints: [`slot 1 is opened by the key file ${keyFile}: restore the file, or specify its location with --key-file`],
    });
    expect((await session({ named, ...how(moved, at) }).open()).id).toBe(id);
  });

  test('where the slot says that the key file was made', async () => {
    const { at, session } = fixture();
    const [named, keyFile] = [join(at, 'ring'), join(at, 'keys', 'mine')];
    const { id } = await session({ named }).create({ ...settings, unlocking: { keyFile } });
    expect((await session({ named }).open()).id).toBe(id);
  });

  test('a way that was named is not passed over when it does not do', async () => {
    const { at, session, named } = await ring();
    await expect(session({ named, keyFile: join(at, 'none') }).open()).rejects.toThrow('does not exist');
    const other = secretFile(join(at, 'text'), 'text');
    await expect(session({ named, keyFile: other }).open()).rejects.toThrow('is not a pocket-kms key file');
    const foreign = (await ringOf('foreign')).keyFile;
    await expect(session({ named, keyFile: foreign }).open()).rejects.toThrow(
      'the key file does not unlock this keyring',
    );
  });

  /** A key file, or something that is none, in the place of one that is found or set for many calls. */
  const passedOver: readonly [name: string, way: string, content: 'another' | 'none' | 'open'][] = [
    ['another key file of the environment', 'POCKET_KMS_KEY_FILE', 'another'],
    ['another key file of a service manager', 'CREDENTIALS_DIRECTORY', 'another'],
    ['what is no key file, of a service manager', 'CREDENTIALS_DIRECTORY', 'none'],
    ['another key file where the slot says', 'slot', 'another'],
    ['what is no key file, where the slot says', 'slot', 'none'],
    ['a key file open to others, where the slot says', 'slot', 'open'],
  ];
  test.each(passedOver)('goes on to the next way: %s', async (_, way, content) => {
    const { at, session } = fixture();
    const [named, slotFile] = [join(at, 'ring'), join(at, 'keys', 'mine')];
    const { id } = await session({ named }).create({ ...settings, unlocking: { keyFile: slotFile } });
    const defaultPath = join(at, `home/.config/pocket-kms/keys/${id}.key`);
    const other = join(at, 'credentials', 'pocket-kms-key');
    mkdirSync(dirname(defaultPath), { recursive: true });
    renameSync(slotFile, defaultPath);
    const path = way === 'slot' ? slotFile : other;
    secretFile(path, content === 'none' ? 'text' : readFileSync((await ringOf('foreign')).keyFile));
    if (content === 'open') chmodSync(path, 0o644);
    const env = way === 'slot' ? {} : { [way]: way === 'CREDENTIALS_DIRECTORY' ? dirname(other) : other };
    expect((await session({ named, env }).open()).id).toBe(id);
    renameSync(defaultPath, `${defaultPath}.away`);
    const wrong = {
      another: `the key file ${path}${way === 'POCKET_KMS_KEY_FILE' ? ' of POCKET_KMS_KEY_FILE' : ''} does not unlock this keyring`,
      none: `${path} is not a pocket-kms key file`,
      open: `the key file ${path} is accessible to other users`,
    }[content];
    await expect(session({ named, env }).open()).rejects.toMatchObject({
      message: 'the keyring is locked',
      hints: expect.arrayContaining([wrong]),
    });
  });

  test('every slot whose key file is there is tried', async () => {
    const { at, session } = fixture();
    const named = join(at, 'ring');
    const [first, second] = [join(at, 'first'), join(at, 'second')];
    const keyring = await session({ named }).create({ ...settings, unlocking: { keyFile: first } });
    const { slot, material } = await session({ named }).newSlot(keyring.id, 2, { keyFile: second });
    await keyring.transact(async (tx) =>
      tx.change({ kind: 'slot', slot: 2, record: keyring.slotRecord(slot, material) }),
    );
    secretFile(first, readFileSync((await ringOf('foreign')).keyFile));
    expect((await session({ named }).open()).id).toBe(keyring.id);
  });

  test('a key file that the environment names must be there', async () => {
    const { at, session, named } = await ring();
    const env = { POCKET_KMS_KEY_FILE: join(at, 'none') };
    await expect(session({ named, env }).open()).rejects.toThrow('does not exist');
  });

  async function ringOf(seed: string): Promise<{ keyFile: string }> {
    const { at, session } = fixture(seed);
    const keyFile = join(at, 'key');
    await session({ named: join(at, 'ring') }).create({ ...settings, unlocking: { keyFile } });
    return { keyFile };
  }

  test('a key file that is accessible to other users is refused', async () => {
    const { at, session, named, keyFile } = await ring();
    const open = join(at, 'open');
    writeFileSync(open, readFileSync(keyFile), { mode: 0o644 });
    await expect(session({ named, keyFile: open }).open()).rejects.toThrow('is accessible to other users');
  });

  test('by a passphrase: from a file, a descriptor, the environment, or a terminal', async () => {
    const { at, session } = fixture();
    const named = join(at, 'ring');
    const passphraseFile = secretFile(join(at, 'words'), 'correct horse\n');
    const { id } = await session({ named }).create({ ...settings, unlocking: { passphraseFile } });
    await expect(session({ named }).open()).rejects.toMatchObject({
      message: 'the keyring is locked',
      hints: ['slot 1 is opened by a passphrase: --passphrase-file, --passphrase-fd, or a terminal'],
    });
    expect((await session({ named, passphraseFile }).open()).id).toBe(id);
    expect((await session({ named, env: { POCKET_KMS_PASSPHRASE_FILE: passphraseFile } }).open()).id).toBe(id);
    expect((await session({ named, ask: ask('correct horse') }).open()).id).toBe(id);
    const fd = openSync(passphraseFile, 'r');
    expect((await session({ named, passphraseFd: fd }).open()).id).toBe(id);
    closeSync(fd);
    await expect(session({ named, passphraseFd: 999_999 }).open()).rejects.toThrow(
      'file descriptor 999999 of --passphrase-fd cannot be read',
    );
    await expect(session({ named, ask: ask('wrong horse') }).open()).rejects.toThrow(
      'the passphrase does not unlock this keyring',
    );
  });

  test('no prompt is shown if no slot has a passphrase', async () => {
    const { at, session, named, keyFile } = await ring();
    renameSync(keyFile, join(at, 'gone'));
    const nobody = (): never => {
      throw new Error('asked');
    };
    await expect(session({ named, ask: nobody }).open()).rejects.toThrow('the keyring is locked');
  });
});

describe('what calls open', () => {
  test('is closed with the session, and opened once for calls that come together', async () => {
    const { at, session } = fixture();
    const named = join(at, 'ring');
    await session({ named }).create({ ...settings, unlocking: {} });
    const opened: string[] = [];
    const trace = (logger: string): void => void opened.push(logger);
    const one = session({ named, trace });
    await Promise.all([one.invoke(createKey, {}), one.invoke(listKeys, {})]);
    expect(opened.filter((logger) => logger === 'unlock')).toHaveLength(1);
    const close = vi.spyOn(Keyring.prototype, 'close');
    await one.close();
    await one.close();
    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });

  test('is looked for again after it was not there', async () => {
    const { session } = fixture();
    const one = session();
    await expect(one.invoke(listKeys, {})).rejects.toMatchObject({ name: 'EnvironmentError' });
    await one.invoke(createKey, {});
    expect((await one.invoke(listKeys, {})).Keys).toHaveLength(1);
    await one.close();
  });
});

test('calls are made as the principal and in the Region of the options', async () => {
  const { at, session } = fixture();
  const named = join(at, 'ring');
  await session({ named }).create({ ...settings, unlocking: {} });
  const alice = session({ named, principal: `arn:aws:iam::${ACCOUNT}:user/alice`, region: 'us-west-2' });
  await expect(alice.invoke(listKeys, {})).rejects.toMatchObject({ code: 'AccessDeniedException' });
  await session({ named }).invoke(listKeys, {});
  const events = readFileSync(join(named, 'audit.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(events).toMatchObject([
    { awsRegion: 'us-west-2', userIdentity: { type: 'IAMUser', userName: 'alice' }, errorCode: 'AccessDenied' },
    {
      awsRegion: 'eu-west-1',
      userIdentity: { type: 'Root', accountId: ACCOUNT },
      userAgent: 'test',
      sourceIPAddress: '127.0.0.1',
    },
  ]);
});
