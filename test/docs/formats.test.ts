/**
 * docs/formats.md: its examples are what the code makes, and they can be opened by a reader that was written from the
 * document alone. It shares no code with src/.
 */
import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withExamples, workedExamples } from '../../scripts/worked-examples.ts';

const document = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8');
const examples = new Map(
  Array.from(document.matchAll(/<!-- example: (.+?) -->\n```text\n([\s\S]*?)\n```/g), ([, name, text]) => [
    name!,
    text!,
  ]),
);

test('the examples are those that the code makes', async () => {
  const made = await workedExamples();
  expect([...examples.keys()].toSorted()).toEqual([...made.keys()].toSorted());
  expect(withExamples(document, made)).toBe(document);
});

/** The bytes of an example: hex at the beginning of lines, text below lines that begin with `--`. */
function bytesOf(name: string): Buffer {
  const text = examples.get(name)!;
  const parts: Buffer[] = [];
  for (const line of text.split('\n')) {
    const hex = /^[0-9a-f]+(?=$| {2})/.exec(line);
    if (hex) parts.push(Buffer.from(hex[0], 'hex'));
    else if (line.startsWith('  ')) parts.push(Buffer.from(line.slice(2).replaceAll('\\n', '\n')));
  }
  return Buffer.concat(parts);
}

const kbkdf = (key: Uint8Array, label: string, context: Uint8Array): Buffer =>
  createHmac('sha256', key)
    .update(Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from(`${label}\0`), context, Buffer.from([0, 0, 1, 0])]))
    .digest();

function open(sealed: Buffer, { key, label, aad }: { key: Uint8Array; label: string; aad: Uint8Array }): Buffer {
  const cipher = createDecipheriv('aes-256-gcm', kbkdf(key, label, sealed.subarray(0, 16)), sealed.subarray(16, 28));
  cipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([cipher.update(sealed.subarray(28, -16)), cipher.final()]);
}

function readRecord(bytes: Buffer): { json: string; parts: readonly Buffer[] } {
  const all: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    all.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
  }
  return { json: all[0]!.toString(), parts: all.slice(1) };
}

const count = (first: number, length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => first + at));

test('the ciphertext blob', () => {
  const blob = bytesOf('ciphertext blob');
  const aad = Buffer.concat([blob.subarray(0, 44), bytesOf('encryption context')]);
  const opened = open(blob.subarray(44), { key: count(0x80, 32), label: 'pocket-kms/1/encrypt', aad });
  expect(opened.toString()).toBe('hello');
  expect(blob).toHaveLength(88 + 5);
  expect(blob.toString('base64')).toMatch(/^S01TAQ/);
  expect(String(blob.readUIntBE(5, 6))).toBe('111122223333');
});

test('a ciphertext of an external key', () => {
  const bytes = bytesOf('external ciphertext');
  const [metadata, iv, tag] = [bytes.subarray(0, 17), bytes.subarray(17, 33), bytes.subarray(-16)];
  const key = kbkdf(count(0x80, 32), 'pocket-kms/1/external-key', iv);
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(tag);
  decipher.setAAD(Buffer.concat([Buffer.from([0, 12]), Buffer.from('project=nile'), Buffer.from([17]), metadata]));
  expect(Buffer.concat([decipher.update(bytes.subarray(33, -16)), decipher.final()]).toString()).toBe('hello');
});

test('the sealed value of an env file, under its name alone', () => {
  const opened = (name: string): string => {
    const aad = Buffer.concat([
      Buffer.from([0, 1, 0, 14]),
      Buffer.from('pocket-kms:env'),
      Buffer.from([0, name.length]),
      Buffer.from(name),
    ]);
    return open(bytesOf('env value'), { key: count(0xa0, 32), label: 'pocket-kms/1/env-value', aad }).toString();
  };
  expect(opened('TOKEN')).toBe('hello');
  expect(() => opened('OTHER')).toThrow('authenticate');
});

describe('the keyring, from its key file to its records', () => {
  const keyringId = bytesOf('header').subarray(-16);
  const slot = readRecord(bytesOf('slot'));
  const rootKey = open(slot.parts[1]!, {
    key: bytesOf('key file').subarray(-32),
    label: 'pocket-kms/1/slot',
    aad: Buffer.concat([keyringId, Buffer.from(slot.json)]),
  });
  const terms = open(bytesOf('terms'), { key: rootKey, label: 'pocket-kms/1/terms', aad: keyringId });
  const openRecord = (name: string, path: string): Buffer => {
    const bytes = bytesOf(name);
    const aad = Buffer.concat([keyringId, bytes.subarray(0, 9), Buffer.from(path)]);
    return open(bytes.subarray(9), { key: terms.subarray(2), label: 'pocket-kms/1/record', aad });
  };
  const versionIn = (node: Buffer, at: number): number => node.readUIntBE(at, 6);
  const versionOf = (name: string): number => bytesOf(name).readUIntBE(3, 6);
  const root = readRecord(openRecord('root', '~root'));
  const state = JSON.parse(root.json) as {
    generation: number;
    head: { sequence: number; mac: string; size: number };
    slots: Record<string, string>;
  };

  test('the head of the log, after another event', () => {
    const block = bytesOf('head');
    expect([block.subarray(0, 4).toString(), block[4]]).toEqual(['KMSH', 1]);
    const aad = Buffer.concat([keyringId, block.subarray(11, 13)]);
    const end = open(block.subarray(13, 113), { key: terms.subarray(2), label: 'pocket-kms/1/log-head', aad });
    expect([0, 6, 12].map((at) => end.readUIntBE(at, 6))).toEqual([1, state.generation, state.head.sequence + 1]);
    expect(end.readUIntBE(18, 6)).toBeGreaterThan(state.head.size);
    expect(end.subarray(24)).toHaveLength(32);
    expect(block.readUIntBE(5, 6)).toBe(end.readUIntBE(12, 6));
    expect(block.subarray(113).every((byte) => byte === 0)).toBe(true);
  });

  test('root key and domain key', () => {
    expect(rootKey).toEqual(count(0x20, 32));
    expect(terms).toEqual(Buffer.concat([Buffer.from([0, 1]), count(0x40, 32)]));
    expect(bytesOf('key file')).toHaveLength(54);
  });

  test('the fingerprint', () => {
    const whole = kbkdf(rootKey, 'pocket-kms/1/fingerprint', keyringId);
    expect(bytesOf('fingerprint')).toEqual(whole.subarray(0, 16));
  });

  test('the root knows the slot, and its version is the generation', () => {
    expect(state.slots['1']).toBe(createHash('sha256').update(bytesOf('slot')).digest('hex'));
    expect(versionOf('root')).toBe(state.generation);
  });

  test('the tree leads to the record, and says which version is the current one', () => {
    const indexKey = kbkdf(rootKey, 'pocket-kms/1/index', keyringId);
    const handle = createHmac('sha256', indexKey).update('example/1').digest().subarray(0, 16);
    const [group, bucket] = [handle[0]! % 64, handle[1]! % 64];
    const two = (number: number): string => String(number).padStart(2, '0');
    const paths = { group: `=${two(group)}`, bucket: `=${two(group)}/${two(bucket)}` };
    expect(examples.get('group')).toMatch(new RegExp(`^path: ${paths.group}\n`));
    expect(examples.get('bucket')).toMatch(new RegExp(`^path: ${paths.bucket}\n`));
    expect(versionIn(root.parts[0]!, 6 * group)).toBe(versionOf('group'));
    expect(versionIn(openRecord('group', paths.group), 6 * bucket)).toBe(versionOf('bucket'));
    const entry = openRecord('bucket', paths.bucket);
    expect(entry.subarray(0, 16)).toEqual(handle);
    expect(versionIn(entry, 16)).toBe(versionOf('sealed record'));
    expect(openRecord('sealed record', 'example/1')).toEqual(bytesOf('record'));
  });

  test('the sealed token, as its kind and under its name alone', () => {
    const bytes = bytesOf('sealed token');
    const opened = (kind: string, name: string): Buffer =>
      open(bytes.subarray(2), {
        key: terms.subarray(2),
        label: `pocket-kms/1/${kind}`,
        aad: Buffer.concat([keyringId, bytes.subarray(0, 2), Buffer.from(name)]),
      });
    const name = 'key/111122223333/us-east-1/';
    expect(opened('page-marker', name).toString()).toBe('1234abcd-12ab-34cd-56ef-1234567890ab');
    for (const other of ['record', 'session-token', 'import-token', 'grant-token']) {
      expect(() => opened(other, name), other).toThrow('authenticate');
    }
    expect(() => opened('page-marker', 'key/111122223333/us-east-2/')).toThrow('authenticate');
  });

  test('the log line', () => {
    const line = examples.get('log line')!;
    const auditKey = kbkdf(rootKey, 'pocket-kms/1/audit', keyringId);
    const body = line.slice(0, line.indexOf('"mac":"') + '"mac":"'.length);
    const mac = createHmac('sha256', auditKey).update(Buffer.alloc(32)).update(body).digest('hex');
    expect(line).toBe(`${body}${mac}"}}`);
    expect(state.head).toEqual({ sequence: 1, mac, size: line.length + 1 });
    expect(root.parts[1]!.toString()).toBe(`${line}\n`);
  });
});
