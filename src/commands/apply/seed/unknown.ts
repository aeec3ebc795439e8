/** Members that a file has and nothing here reads: one that is ignored could be one that restricts, such as a boundary. */
import { EnvironmentError } from '../../../model/error.ts';
import { unknownMember } from '../../../model/json-wire.ts';
import { visible } from '../../../model/visible.ts';
import type { StructureShape } from '../../../model/shape.ts';

export function refuseUnknown(shape: StructureShape, value: unknown): void {
  const unknown = unknownMember(shape, value);
  if (!unknown) return;
  const { place, name, known } = unknown;
  const where = place === 'input' ? 'the file' : place;
  throw new EnvironmentError(`unknown member ${visible(name)} in ${where}`, [`members there: ${known.join(', ')}`]);
}
