/**
 * Shapes: what a member of a request or an answer looks like. A shape is data; check() reads it, and so do the
 * command line, the help, the man pages and the audit log. TypeScript's types are inferred from it.
 */

/** The kind of resource that a value names, for shell completion and prompts. */
export type NamedThing =
  | 'file'
  | 'key'
  | 'key, not by its alias'
  | 'alias'
  | 'profile'
  | 'region'
  | 'identity provider'
  | 'custom key store'
  | 'cluster'
  | 'proxy host'
  | 'trust root';

export interface StringShape<T extends string = string> {
  readonly type: 'string';
  readonly min?: number;
  readonly max?: number;
  /** Source of the regular expression, as AWS prints it in its messages. */
  readonly pattern?: string;
  readonly enum?: readonly T[];
  /** The order in which AWS's validation message lists the enum, where it is not the model's. */
  readonly enumAsPrinted?: readonly string[];
  readonly names?: NamedThing;
  /** A short form of the option's name: `key` of `--key-id`. */
  readonly shortName?: string;
  readonly sensitive?: true;
  /** It is not logged; error messages may quote it. */
  readonly neverLogged?: true;
}
export interface BlobShape {
  readonly type: 'blob';
  readonly min?: number;
  readonly max?: number;
  readonly sensitive?: true;
}
export interface IntegerShape {
  readonly type: 'integer';
  readonly min?: number;
  readonly max?: number;
}
export interface BooleanShape {
  readonly type: 'boolean';
}
export interface TimestampShape {
  readonly type: 'timestamp';
}
export interface ListShape<S extends Shape = Shape> {
  readonly type: 'list';
  readonly of: S;
  readonly min?: number;
  readonly max?: number;
}
type MapValueShape = StringShape | ListShape<StringShape>;
export interface MapShape<V extends MapValueShape = MapValueShape> {
  readonly type: 'map';
  readonly key: StringShape;
  readonly value: V;
}
export interface StructureShape<M extends Members = Members> {
  readonly type: 'structure';
  readonly members: M;
  readonly neverLogged?: true;
}
/** A JSON value without further rules (an audit event, say): printed as it is. */
export interface DocumentShape {
  readonly type: 'document';
}

export type Shape =
  | StringShape
  | BlobShape
  | IntegerShape
  | BooleanShape
  | TimestampShape
  | ListShape
  | MapShape
  | StructureShape
  | DocumentShape;

export interface Member<S extends Shape = Shape, R extends boolean = boolean> {
  readonly shape: S;
  readonly required: R;
}
export interface Members {
  readonly [name: string]: Member;
}

type Flat<T> = { [K in keyof T]: T[K] };
type RequiredNames<M extends Members> = { [K in keyof M]: M[K] extends Member<Shape, true> ? K : never }[keyof M];

/** The TypeScript type of a value of shape S. */
export type ValueOf<S> =
  S extends StringShape<infer T>
    ? T
    : S extends BlobShape
      ? Uint8Array
      : S extends IntegerShape
        ? number
        : S extends BooleanShape
          ? boolean
          : S extends TimestampShape
            ? Date
            : S extends ListShape<infer E>
              ? readonly ValueOf<E>[]
              : S extends MapShape<infer V>
                ? { readonly [key: string]: ValueOf<V> }
                : S extends StructureShape<infer M>
                  ? Flat<
                      { readonly [K in RequiredNames<M>]: ValueOf<M[K]['shape']> } & {
                        readonly [K in Exclude<keyof M, RequiredNames<M>>]?: ValueOf<M[K]['shape']> | undefined;
                      }
                    >
                  : unknown;

type StringRules = Omit<StringShape, 'type' | 'enum' | 'enumAsPrinted'>;

export const string = (rules: StringRules = {}): StringShape => ({ type: 'string', ...rules });
export const oneOf = <const T extends string>(values: readonly T[], asPrinted?: readonly string[]): StringShape<T> =>
  asPrinted ? { type: 'string', enum: values, enumAsPrinted: asPrinted } : { type: 'string', enum: values };
export const blob = (rules: Omit<BlobShape, 'type'> = {}): BlobShape => ({ type: 'blob', ...rules });
export const integer = (min?: number, max?: number): IntegerShape => ({
  type: 'integer',
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
export const boolean: BooleanShape = { type: 'boolean' };
export const timestamp: TimestampShape = { type: 'timestamp' };
export const document: DocumentShape = { type: 'document' };
export const list = <S extends Shape>(of: S, rules: { min?: number; max?: number } = {}): ListShape<S> => ({
  type: 'list',
  of,
  ...rules,
});
export const map = (key: StringShape = string(), value: StringShape = string()): MapShape<StringShape> => ({
  type: 'map',
  key,
  value,
});
/** A map of which every key has one value or several. */
export const multiMap = (): MapShape<ListShape<StringShape>> => ({ type: 'map', key: string(), value: list(string()) });

/** Members of a structure: a bare shape is optional, `required(shape)` is not. */
export const required = <S extends Shape>(shape: S): Member<S, true> => ({ shape, required: true });

type Declared = { readonly [name: string]: Shape | Member<Shape, true> };
type Normal<D extends Declared> = {
  readonly [K in keyof D]: D[K] extends Member<infer S, true>
    ? Member<S, true>
    : D[K] extends Shape
      ? Member<D[K], false>
      : never;
};

export function structure<D extends Declared>(declared: D): StructureShape<Normal<D>> {
  const members: { [name: string]: Member } = {};
  for (const name in declared) {
    const entry = declared[name] as Shape | Member<Shape, true>;
    members[name] = 'shape' in entry ? entry : { shape: entry, required: false };
  }
  return { type: 'structure', members: members as Normal<D> };
}
