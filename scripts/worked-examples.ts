/**
 * The worked examples of docs/formats.md: one small keyring, made by the real code from bytes that count upwards instead
 * of random ones. Run directly, this writes the examples into the document; a test compares the two.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { concat, hex, text, utf8 } from '../src/crypto/bytes.ts';
import { backingKeyId, encryptBlob } from '../src/crypto/ciphertext-blob.ts';
import { encryptionContextBytes } from '../src/crypto/encryption-context.ts';
import { encryptExternal } from '../src/crypto/external-ciphertext.ts';
import { SEAL_OVERHEAD, type RandomBytes } from '../src/crypto/seal.ts';
import { Secret } from '../src/crypto/secret.ts';
import { sealedUnder } from '../src/commands/env/stored-value.ts';
import type { Keyring } from '../src/keyring/keyring.ts';
import { createKeyring } from '../src/keyring/open.ts';
import { HEAD_BLOCK } from '../src/keyring/log-head.ts';
import { memoryLog } from '../src/keyring/memory-log.ts';
import { memoryStore } from '../src/keyring/memory-store.ts';
import { encodeRecord } from '../src/keyring/record.ts';
import { encodeRoot } from '../src/keyring/root.ts';
import { keyFileMaterial, newKeyFile } from '../src/keyring/slot.ts';
import { type StoredRow } from '../src/keyring/store.ts';
import { root } from './root.ts';

/** 00 01 02 ...: in an example one sees where a "random" byte went. */
function counting(first = 0): RandomBytes {
  let next = first;
  return (length) => Uint8Array.from({ length }, () => next++ % 256);
}

type Field = readonly [length: number, label: string, form?: 'hex' | 'text'];

const HEX_COLUMNS = 64;
const TEXT_COLUMNS = 92;

/** One line a field, `hex  label`; longer ones go on below, and equal lines of zeros are told once. */
function dump(bytes: Uint8Array, fields: readonly Field[]): string {
  const lines: string[] = [];
  let at = 0;
  for (const [length, label, form = 'hex'] of fields) {
    const part = bytes.subarray(at, at + length);
    if (part.length !== length) throw new RangeError(`${label} is ${length} bytes, but only ${part.length} are left`);
    at += length;
    lines.push(...(form === 'text' ? textLines(part, label) : hexLines(part, label)));
  }
  if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes have no field`);
  return lines.join('\n');
}

function hexLines(part: Uint8Array, label: string): readonly string[] {
  const rows = hex(part).match(new RegExp(`.{1,${HEX_COLUMNS}}`, 'g')) ?? [''];
  const kept = rows.map((row, index) => (index > 0 && /^0+$/.test(row) && row === rows[index - 1] ? '*' : row));
  return kept
    .filter((row, index) => row !== '*' || kept[index - 1] !== '*')
    .map((row, index) => `${row.padEnd(HEX_COLUMNS)}  ${index === 0 ? label : ''}`.trimEnd());
}

const textLines = (part: Uint8Array, label: string): readonly string[] => [
  `-- ${label}, as text:`,
  ...text(part)
    .replaceAll('\n', '\\n')
    .match(new RegExp(`.{1,${TEXT_COLUMNS}}`, 'gs'))!
    .map((line) => `  ${line}`),
];

const lengthAt = (bytes: Uint8Array, at: number): number => Buffer.from(bytes).readUInt32BE(at);

const sealedFields = (bytes: Uint8Array, header: number, what: string): readonly Field[] => [
  [16, 'nonce'],
  [12, 'IV'],
  [bytes.length - header - SEAL_OVERHEAD, `ciphertext: ${what}`],
  [16, 'tag'],
];

const recordFields = (bytes: Uint8Array, parts: readonly string[]): readonly Field[] => {
  const json = lengthAt(bytes, 0);
  const fields: Field[] = [
    [4, `length of the JSON: ${json}`],
    [json, 'JSON', 'text'],
  ];
  let at = 4 + json;
  for (const part of parts) {
    const length = lengthAt(bytes, at);
    fields.push([4, `length of the part: ${length}`], [length, part]);
    at += 4 + length;
  }
  return fields;
};

const sealedRecord = ({ value }: StoredRow, what: string): string =>
  dump(value, [[1, 'format 1'], [2, 'term 1'], [6, 'version'], ...sealedFields(value, 9, what)]);

const KEYRING_ID = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const RECORD_PATH = 'example/1';
const CONTEXT = { Purpose: 'Test', Department: 'IT' };
const BACKING_KEY = counting(0x80)(32);

/** @returns the examples by name, as they stand in the document */
export async function workedExamples(): Promise<ReadonlyMap<string, string>> {
  const header = {
    account: '111122223333',
    keyId: '1234abcd-12ab-34cd-56ef-1234567890ab',
    backingKeyId: backingKeyId('c0'.repeat(32)),
  };
  const blob = encryptBlob(utf8('hello'), header, { key: new Secret(BACKING_KEY), context: CONTEXT }, counting());
  const external = encryptExternal(
    utf8('hello'),
    { key: new Secret(BACKING_KEY), aad: utf8('project=nile'), backingKeyId: header.backingKeyId },
    counting(),
  );
  const context = encryptionContextBytes(CONTEXT);
  const envValue = sealedUnder(counting(0xa0)(32), { name: 'TOKEN', plaintext: utf8('hello') }, counting());

  const random = counting();
  const keyFile = newKeyFile(random);
  const store = memoryStore();
  const log = memoryLog();
  const keyring = await createKeyring({
    store,
    log,
    random,
    clock: () => Date.UTC(2026, 0, 31, 12),
    settings: { account: '111122223333', region: 'us-east-1', created: Date.UTC(2026, 0, 31, 12) },
    keyringId: KEYRING_ID,
    slot: { slot: 1, created: '2026-01-31T12:00:00.000Z', path: '/home/alice/example.key' },
    material: keyFileMaterial(keyFile, 'example.key'),
  });
  const record = encodeRecord({ name: 'alias/app' }, [Uint8Array.of(1, 2, 3)]);
  await keyring.transact(async (tx) => {
    tx.put(RECORD_PATH, record);
    tx.append({ eventName: 'Example' });
  });

  const rows: StoredRow[] = [];
  await store.transact(async (tx) => {
    for await (const row of tx.rows('')) rows.push(row);
  });
  const row = (start: string): StoredRow => rows.find(({ path }) => path.startsWith(start))!;
  const [slot, terms] = [row('~slot/').value, row('~terms').value];
  const bucket = rows.findLast(({ path }) => path.startsWith('='))!;
  const group = row('=');
  const magic = 'pocket-kms keyring 1\n'.length;

  const opened = await rootOpened(keyring);
  const marker = { kind: 'pageMarker', name: 'key/111122223333/us-east-1/' } as const;
  const token = await keyring.transact(async (tx) => tx.sealToken(marker, utf8(header.keyId)));

  const firstLine = log.text();
  await keyring.transact(async (tx) => tx.append({ eventName: 'Another' }));
  const head = log.readHead()!.subarray(HEAD_BLOCK);

  return new Map([
    ['fingerprint', dump(Buffer.from(keyring.fingerprint, 'hex'), [[16, 'fingerprint']])],
    [
      'encryption context',
      dump(context, [
        [2, 'two pairs'],
        [2, 'length of the name'],
        [10, 'Department'],
        [2, 'length of the value'],
        [2, 'IT'],
        [2, 'length of the name'],
        [7, 'Purpose'],
        [2, 'length of the value'],
        [4, 'Test'],
      ]),
    ],
    [
      'external ciphertext',
      dump(concat(external.metadata, external.iv, external.ciphertext, external.tag), [
        [1, 'ciphertextMetadata: version 1'],
        [16, 'ciphertextMetadata: backing key ID'],
        [16, 'initializationVector'],
        [5, 'ciphertext: hello'],
        [16, 'authenticationTag'],
      ]),
    ],
    [
      'ciphertext blob',
      dump(blob, [
        [3, '"KMS"'],
        [1, 'version 1'],
        [1, 'suite 1'],
        [6, 'account: 111122223333'],
        [1, 'kind of key ID: UUID'],
        [16, 'key ID: 1234abcd-12ab-34cd-56ef-1234567890ab'],
        [16, 'backing key ID'],
        ...sealedFields(blob, 44, 'hello'),
      ]),
    ],
    ['env value', dump(envValue, sealedFields(envValue, 0, 'hello'))],
    [
      'key file',
      dump(keyFile, [
        [keyFile.length - 32, 'magic', 'text'],
        [32, 'key'],
      ]),
    ],
    [
      'header',
      dump(row('~keyring').value, [
        [magic, 'magic', 'text'],
        [16, 'keyring ID'],
      ]),
    ],
    ['slot', dump(slot, recordFields(slot, ['salt', 'the root key, sealed']))],
    ['terms', dump(terms, sealedFields(terms, 0, 'term 2, domain key 32'))],
    ['record', dump(record, recordFields(record, ['binary part']))],
    ['sealed record', sealedRecord(row(RECORD_PATH), 'the record above')],
    ['group', `path: ${group.path}\n${sealedRecord(group, 'versions of 64 buckets')}`],
    ['bucket', `path: ${bucket.path}\n${sealedRecord(bucket, 'entries of 22 bytes')}`],
    ['root', sealedRecord(row('~root'), 'the root')],
    ['root opened', opened],
    ['sealed token', dump(token, [[2, 'term 1'], ...sealedFields(token, 2, 'the ID of the last key')])],
    ['log line', firstLine],
    [
      'head',
      dump(head, [
        [4, '"KMSH"'],
        [1, 'format 1'],
        [6, 'sequence number'],
        [2, 'term 1'],
        [16, 'nonce'],
        [12, 'IV'],
        [56, 'ciphertext: the end of the log'],
        [16, 'tag'],
        [HEAD_BLOCK - 113, 'zeros'],
      ]),
    ],
  ]);
}

async function rootOpened(keyring: Keyring): Promise<string> {
  const bytes = await keyring.inspect(async ({ root: found }) => encodeRoot(found));
  return dump(bytes, recordFields(bytes, ['versions of 64 groups', "the last transaction's lines of the log"]));
}

const FENCE = /(<!-- example: (.+?) -->\n```text\n)([\s\S]*?)(\n```)/g;

/** The document with these examples in their places. */
export const withExamples = (document: string, examples: ReadonlyMap<string, string>): string =>
  document.replaceAll(FENCE, (_, start: string, name: string, _old: string, end: string) => {
    const example = examples.get(name);
    if (example === undefined) throw new Error(`there is no example ${name}`);
    return start + example.trimEnd() + end;
  });

if (process.argv[1] === import.meta.filename) {
  const path = root('docs/formats.md');
  writeFileSync(path, withExamples(readFileSync(path, 'utf8'), await workedExamples()));
}
