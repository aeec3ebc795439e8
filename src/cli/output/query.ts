/** The query: `--query`, a JMESPath expression applied to what is to be printed (spec/aws-cli.md 3.8). */
import { CommandError } from './failure.ts';
import { isMap, type Printable } from './printable.ts';

export type Query = (value: Printable) => Printable;

/** Names joined by dots, most queries by far, are answered here; the language is loaded only for the others. */
const path = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** Before the call: a query that cannot be parsed is a usage error. */
export async function compileQuery(text: string): Promise<Query> {
  if (path.test(text)) return followPath(text.split('.'));
  const { parseExpression } = await import('./jmespath/expression.ts');
  const search = explain(() => parseExpression(text), 'usage', `Bad value for --query ${text}: `);
  return (value) => explain(() => search(value), 'other');
}

const followPath =
  (names: readonly string[]): Query =>
  (value) =>
    names.reduce<Printable>((found, name) => (isMap(found) && Object.hasOwn(found, name) ? found[name]! : null), value);

function explain<T>(work: () => T, kind: 'usage' | 'other', prefix = ''): T {
  try {
    return work();
  } catch (error) {
    throw new CommandError(kind, prefix + (error as Error).message);
  }
}
