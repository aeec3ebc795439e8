/**
 * Memory that C functions are given: it stays where it is and alive until it is overwritten, at the end of the calls that it
 * is for. Buffers of which only the address is known to C could otherwise be collected in between.
 */
import type { Koffi } from './koffi.ts';

export interface Layout {
  /** Of CK_ULONG, in bytes: 4 on Windows, otherwise that of a pointer. */
  readonly ulong: number;
  readonly pointer: number;
  /** Windows packs the structures. */
  readonly isPacked: boolean;
}

export interface Chunk {
  readonly bytes: Buffer;
  /** 0 if it is empty. */
  readonly address: bigint;
}

/** A member of a structure. */
export type Field = { readonly ulong: number | bigint } | { readonly pointer: bigint };

export class Memory {
  readonly #koffi: Koffi;
  readonly #layout: Layout;
  readonly #chunks: Buffer[] = [];

  constructor(koffi: Koffi, layout: Layout) {
    this.#koffi = koffi;
    this.#layout = layout;
  }

  /** Zeros, or a copy of bytes. */
  chunk(content: number | Uint8Array): Chunk {
    const bytes = Buffer.alloc(typeof content === 'number' ? content : content.length); // not of the pool
    if (typeof content !== 'number') bytes.set(content);
    this.#chunks.push(bytes);
    return { bytes, address: bytes.length === 0 ? 0n : this.#koffi.address(bytes) };
  }

  /** Structures of the same members, one after the other. */
  structures(items: readonly (readonly Field[])[]): Chunk {
    const { ulong, pointer, isPacked } = this.#layout;
    const alignment = isPacked ? 1 : Math.max(ulong, pointer);
    const sizeOf = (field: Field): number => ('ulong' in field ? ulong : pointer);
    const aligned = (at: number, to: number): number => (isPacked ? at : Math.ceil(at / to) * to);
    const places = items.map((fields) => {
      let at = 0;
      const offsets = fields.map((field) => {
        const offset = aligned(at, sizeOf(field));
        at = offset + sizeOf(field);
        return offset;
      });
      return { offsets, size: aligned(at, alignment) };
    });
    const chunk = this.chunk(places.reduce((sum, { size }) => sum + size, 0));
    let base = 0;
    items.forEach((fields, index) => {
      const { offsets, size } = places[index]!;
      fields.forEach((field, number) => {
        const value = 'ulong' in field ? field.ulong : field.pointer;
        writeUnsigned(chunk.bytes, base + offsets[number]!, sizeOf(field), BigInt(value));
      });
      base += size;
    });
    return chunk;
  }

  ulong(value: number | bigint = 0): Chunk {
    return this.structures([[{ ulong: value }]]);
  }

  /** Overwrites all of it. */
  wipe(): void {
    for (const bytes of this.#chunks) bytes.fill(0);
  }
}

function writeUnsigned(bytes: Buffer, at: number, size: number, value: bigint): void {
  if (size === 8) bytes.writeBigUInt64LE(value, at);
  else bytes.writeUInt32LE(Number(value), at);
}

export const readUnsigned = (bytes: Buffer, at: number, size: number): bigint =>
  size === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
