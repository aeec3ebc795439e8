/** The shapes of an operation: all that a command line needs to read a call of it, and to print the answer. */
import type { Members, StructureShape } from '../../model/shape.ts';

/** @template N its name, as in the API */
export interface OperationShape<I extends Members = Members, O extends Members = Members, N extends string = string> {
  readonly name: N;
  readonly input: StructureShape<I>;
  readonly output: StructureShape<O>;
  /** Member of the output that holds the pages' items, for operations with Limit and Marker. */
  readonly paginated?: string;
  /** The member with a key policy, which the command line has linted before it is sent. */
  readonly lints?: string;
}

/** The fields that name members: of its own shapes, which as a part of OperationShape would tie it to them. */
interface MemberNames<I extends Members, O extends Members> {
  readonly lints?: keyof I & string;
  readonly paginated?: keyof O & string;
}

export const operationShape = <const N extends string, I extends Members, O extends Members>(
  shape: OperationShape<I, O, N> & MemberNames<I, O>,
): OperationShape<I, O, N> => shape;
