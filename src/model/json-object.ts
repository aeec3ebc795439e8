/** JSON objects, and what else is looked into by the names of members: one way of telling them from all other values. */

export interface JsonObject {
  readonly [name: string]: unknown;
}

/** Neither a list nor bytes. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
