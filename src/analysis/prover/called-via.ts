/**
 * The services that a call went through. They are there only where a service calls for the caller, and the first and the
 * last of them are keys of their own (IAM User Guide, "AWS global condition context keys", aws:CalledVia).
 */
import { ATTRIBUTE_CONDITIONS } from '../../policy/attribute-condition.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';

/** Lower-cased: all, the first, the last. */
export const CALLED_VIA: readonly [string, string, string] = [
  'aws:calledvia',
  'aws:calledviafirst',
  'aws:calledvialast',
];

export const VIA_SERVICE = ATTRIBUTE_CONDITIONS.find(({ keys }) => keys[0] === 'kms:viaservice')!;

/** Of every class that tests tell apart one. */
export function calledViaLists(valuesOf: (key: string) => readonly string[]): readonly (readonly string[])[] {
  const [all, first, last] = CALLED_VIA.map((key) => valuesOf(key).filter((value) => value !== ''));
  if (all!.length + first!.length + last!.length === 0) return [];
  const starts = first!.length > 0 ? first! : all!.length > 0 ? all! : ['service.amazonaws.com'];
  return starts
    .flatMap((from) => (last!.length > 0 ? last! : [from]).map((to) => distinct([from].concat(all!, to))))
    .flatMap((list) => list.map((one) => [one]).concat([list]));
}

const distinct = (values: readonly string[]): string[] => [...new Set(values)];

/** Facts of a call that no service makes stay as they are. */
export function withCalledVia(facts: RequestFacts, list: readonly string[]): RequestFacts {
  if (facts.attributes.viaService === undefined) return facts;
  const [all, first, last] = CALLED_VIA;
  const values = { [all]: list, [first]: [list[0]!], [last]: [list.at(-1)!] };
  return { ...facts, values: { ...facts.values, ...values } };
}
