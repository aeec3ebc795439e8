/** The services that a call went through, as one dimension: with any, it is a call that a service makes. */
import { withFacts } from '../../policy/access-request.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';
import type { Test } from '../prover/condition-test.ts';
import { CALLED_VIA, calledViaLists, VIA_SERVICE, withCalledVia } from '../prover/called-via.ts';
import type { Dimension } from './dimension.ts';

const DIRECT_KEY = 'aws:viaawsservice';

/** @param facts those that are known: of a call that was specified to be direct there are no such services */
export function calledViaDimensions(
  facts: RequestFacts,
  {
    tests,
    valuesOf,
  }: { readonly tests: ReadonlyMap<string, readonly Test[]>; readonly valuesOf: (key: string) => readonly string[] },
): readonly Dimension[] {
  const isDirect = facts.values?.[DIRECT_KEY]?.includes('false') === true;
  if (isDirect || !CALLED_VIA.some((key) => tests.has(key))) return [];
  const lists = calledViaLists((key) => (tests.has(key) ? valuesOf(key) : []));
  return [
    {
      name: CALLED_VIA[0],
      option: '--context aws:CalledVia=...',
      keys: CALLED_VIA,
      options: [
        (request) => request,
        ...lists.map(
          (list): Dimension['options'][number] =>
            (request) =>
              withFacts(request, withCalledVia(throughService(request.facts!), list)),
        ),
      ],
    },
  ];
}

function throughService(facts: RequestFacts): RequestFacts {
  if (facts.attributes.viaService !== undefined) return facts;
  const attributes = VIA_SERVICE.options(facts.attributes, () => []).find(({ viaService }) => viaService !== undefined);
  return { ...facts, attributes: attributes! };
}

export const isCalledVia = ({ values = {} }: RequestFacts): boolean =>
  CALLED_VIA.some((key) => values[key] !== undefined);
