/** Rollback journals as SQLite writes them ("Database File Format", 3: The Rollback Journal). */

const MAGIC = Buffer.from('d9d505f920a163d7', 'hex');
const SECTOR = 512;
/** The page of the lock bytes, which no database uses. */
const LOCK_BYTE = 0x40000000;

const sizeOfPages = (database: Uint8Array): number => Buffer.from(database).readUInt16BE(16) || 65_536;

/** The journal of a transaction that has changed a database in every page, and has not ended. */
export function hotJournal(before: Uint8Array): Buffer {
  const size = sizeOfPages(before);
  const pages = before.length / size;
  const nonce = 7;
  const header = Buffer.alloc(SECTOR);
  MAGIC.copy(header);
  [pages, nonce, pages, SECTOR, size].forEach((value, at) => header.writeUInt32BE(value, 8 + 4 * at));
  const records = Array.from({ length: pages }, (_, index) => {
    const page = Buffer.from(before.subarray(index * size, (index + 1) * size));
    let sum = nonce;
    for (let at = size - 200; at > 0; at -= 200) sum += page[at]!;
    return Buffer.concat([uint32(index + 1), page, uint32(sum)]);
  });
  return Buffer.concat([header, ...records]);
}

/** The same, ended by the record of a super-journal. */
export function namingSuperJournal(journal: Buffer, path: string): Buffer {
  const name = Buffer.from(path);
  const sum = name.reduce((total, byte) => (total + ((byte << 24) >> 24)) >>> 0, 0);
  const page = LOCK_BYTE / journal.readUInt32BE(24) + 1;
  return Buffer.concat([journal, uint32(page), name, uint32(name.length), uint32(sum), MAGIC]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
