/** Code points: AWS CLI counts and orders text by code point, JavaScript by UTF-16 unit. */

/** Orders two texts as `aws` does: member names in text, table and yaml, and JMESPath's `sort()` and `<`. */
export function byCodePoint(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let index = 0; index < left.length && index < right.length; index++) {
    const difference = left[index]!.codePointAt(0)! - right[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
