/** Condition key, lower-cased, to its values. A key without values is absent. */
export type ContextValues = ReadonlyMap<string, readonly string[]>;
