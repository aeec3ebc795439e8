/** JSON objects: the one test for values with named members. */

export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Neither a list nor bytes. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
