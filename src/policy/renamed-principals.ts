/** The text of a policy with other names for some of its principals; all else of it stays as it was written. */
import { readJsonTree, type JsonNode } from './json-tree.ts';

const ELEMENTS = ['Principal', 'NotPrincipal'];

/** @param names principal as it is written to its new name */
export function renamedPrincipals(text: string, names: ReadonlyMap<string, string>): string {
  const read = readJsonTree(text);
  if (!('root' in read)) return text;
  const principals = membersOf(read.root, ['Statement'])
    .flatMap(itemsOf)
    .flatMap((statement) => membersOf(statement, ELEMENTS))
    .flatMap(({ members = [] }) => members.flatMap(({ value }) => itemsOf(value)));
  return principals.reduceRight((renamed, { start, end, value }) => {
    const name = typeof value === 'string' ? names.get(value) : undefined;
    return name === undefined ? renamed : renamed.slice(0, start) + JSON.stringify(name) + renamed.slice(end);
  }, text);
}

const membersOf = ({ members = [] }: JsonNode, names: readonly string[]): readonly JsonNode[] =>
  members.filter(({ name }) => names.includes(name)).map(({ value }) => value);

/** One, or a list. */
const itemsOf = (node: JsonNode): readonly JsonNode[] => node.items ?? [node];
