/** Parts of a file that have no effect here, each with the reason. */
export interface SkippedPart {
  /** The logical ID, or another name by which a reader finds it. */
  readonly name: string;
  readonly reason: string;
}
