/** The query: `--query`, a JMESPath expression applied to what is to be printed. */
import { cut, MAX_QUOTED } from '../../../model/cut.ts';
import type { Shape } from '../../../model/shape.ts';
import { headed } from '../input/usage-error.ts';
import type { Lines } from '../../../commands/command/command-error.ts';
import { CommandError } from '../../../commands/command/command-error.ts';
import { isMap, type Printable } from '../../../model/printable.ts';

export type Query = (value: Printable) => Printable;

/** Evaluates names joined by dots, as most queries are; JMESPath is loaded only for others. */
const path = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/**
 * Before the call: a query that cannot be parsed is a usage error.
 * @param answer what it will be applied to; of an answer with secrets, errors quote no values
 */
export async function compileQuery(text: string, answer?: Shape): Promise<Query> {
  if (path.test(text)) return followPath(text.split('.'));
  const { parseExpression } = await import('./jmespath/expression.ts');
  const { WrongTypeError } = await import('./jmespath/functions.ts');
  const search = explain(
    () => parseExpression(text),
    linesOf,
    'usage',
    `Bad value for --query ${cut(text, MAX_QUOTED)}: `,
  );
  const isSecret = answer !== undefined && holdsSecrets(answer);
  const say = (error: Error): Lines =>
    isSecret && error instanceof WrongTypeError ? error.withoutValue : error.message;
  return (value) => explain(() => search(value), say, 'other');
}

const linesOf = (error: Error): Lines => ('lines' in error ? (error.lines as Lines) : error.message);

const followPath =
  (names: readonly string[]): Query =>
  (value) =>
    names.reduce<Printable>((found, name) => (isMap(found) && Object.hasOwn(found, name) ? found[name]! : null), value);

function holdsSecrets(shape: Shape): boolean {
  if (shape.type === 'structure') return Object.values(shape.members).some((member) => holdsSecrets(member.shape));
  if (shape.type === 'list') return holdsSecrets(shape.of);
  return 'sensitive' in shape;
}

function explain<T>(work: () => T, say: (error: Error) => Lines, kind: 'usage' | 'other', prefix = ''): T {
  try {
    return work();
  } catch (error) {
    throw new CommandError(kind, headed(prefix, say(error as Error)));
  }
}
