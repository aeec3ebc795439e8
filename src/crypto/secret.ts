/**
 * Secret: bytes that must not leak. It does not print, does not serialize, and compares in constant time; its bytes
 * come out only by expose(), which is easy to find in review. It has at least one byte: an absent or empty value is not a
 * secret.
 */
import { timingSafeEqual } from 'node:crypto';

export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    if (bytes.length === 0) throw new RangeError('a secret has at least one byte');
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves, not a copy. */
  expose(): Uint8Array {
    return this.#bytes;
  }

  equals(other: Secret): boolean {
    return this.length === other.length && timingSafeEqual(this.#bytes, other.#bytes);
  }

  /** Overwrites the bytes; the secret is unusable afterwards. */
  wipe(): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}
