/** A completion: a call with values for what was unknown, and in what it differs from the call before. */
import type { AccessRequest } from '../../policy/request.ts';
import { conditionKeyName } from './condition-key-name.ts';
import type { Dimension } from './dimension.ts';

/** A completion under which the decision is another than under the first one. */
export interface Completion {
  /** Of the call the request that decides. */
  readonly request: AccessRequest;
  /** What is otherwise than in the first one. */
  readonly states: readonly string[];
  readonly keys: readonly string[];
  readonly options: readonly string[];
}

/** @param at the request that shows it */
export function completionOf(
  call: readonly AccessRequest[],
  changed: readonly AccessRequest[],
  { chosen, at }: { readonly chosen: readonly Dimension[]; readonly at: number },
): Completion {
  const differing = new Map(
    call.flatMap((before, index) =>
      differences(before, changed[index]!, chosen).map((one) => [`${one.key} ${one.state}`, one] as const),
    ),
  );
  const all = [...differing.values()];
  const saying = all.filter(({ key }) => !IMPLIED.has(key) && !(IN_ENDPOINT.has(key) && all.some(isEndpoint)));
  const shown = saying.length > 0 ? saying : all;
  const names = call.flatMap(({ resource }, index) => {
    const { kind, arn } = changed[index]!.resource;
    return kind !== 'alias' || arn === resource.arn ? [] : [arn.slice(arn.lastIndexOf(':') + 1)];
  });
  const states = [...shown.map(({ state }) => state), ...names, ...chosen.flatMap(({ words }) => words ?? [])];
  return {
    request: changed[at]!,
    states: states.length > 0 ? states : ['another request'],
    keys: shown.map(({ key }) => key),
    options: chosen.map(({ option }) => option),
  };
}

interface ChangedKey {
  readonly key: string;
  readonly state: string;
}

function differences(before: AccessRequest, after: AccessRequest, chosen: readonly Dimension[]): readonly ChangedKey[] {
  return [...new Set([...before.context.keys(), ...after.context.keys()])].flatMap((key) => {
    const [was, is] = [before.context.get(key), after.context.get(key)];
    if (was?.join('\n') === is?.join('\n') || !isOf(chosen, key)) return [];
    // another attestation document is told by the registers that matter
    if (!is && key.startsWith(REGISTER) && [...after.context.keys()].some((one) => one.startsWith(REGISTER))) return [];
    const name = nameOf(key, is ? after : before);
    return [{ key, state: is ? `${name} = ${is.join(', ')}` : `no ${name}` }];
  });
}

const REGISTER = 'kms:recipientattestation:';

/** Condition keys that say nothing beside those that they follow from. */
const IMPLIED = new Set(['kms:encryptioncontextkeys', 'aws:tagkeys', 'aws:viaawsservice', 'aws:calledviafirst', 'aws:calledvialast']);

/** Where a request comes through a VPC endpoint, that tells how its address is given. */
const IN_ENDPOINT = new Set(['aws:sourceip', 'aws:vpcsourceip']);
const isEndpoint = ({ key }: ChangedKey): boolean => key === 'aws:sourcevpce';

const isOf = (chosen: readonly Dimension[], key: string): boolean =>
  chosen.some(({ keys }) => keys.some((own) => own === key || (/[:/]$/.test(own) && key.startsWith(own))));

const PAIR = 'kms:encryptioncontext:';
/** Pairs of an encryption context as they are written, and not as condition keys are compared. */
function nameOf(key: string, { encryptionContext = {}, facts }: AccessRequest): string {
  if (!key.startsWith(PAIR)) return conditionKeyName(key, facts?.rules.conditions);
  const name = key.slice(PAIR.length);
  return `encryption context ${Object.keys(encryptionContext).find((one) => one.toLowerCase() === name) ?? name}`;
}
