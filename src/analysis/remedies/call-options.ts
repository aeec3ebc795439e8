/** Options with which a call is another request: the changes of a remedy to the call itself. */
import type { Shape } from '../../model/shape.ts';
import { shellWord } from '../../model/shell-word.ts';
import { hyphenate } from '../../model/spelling.ts';
import type { RequestAttributes } from '../../policy/context.ts';
import type { RequestFacts } from '../../policy/request-facts.ts';
import { Measurements } from '../../policy/recipient-condition.ts';
import { jsonText } from './policy-edit.ts';

/** Words behind a command, as a shell reads them; undefined: no option can tell it. */
type Told = string | undefined;

/**
 * Options to append to those of the call; of repeated options the last one applies.
 * @returns undefined if an option can only be left out, or there is none for what changes
 */
export function callOptions(before: RequestFacts, after: RequestFacts): string | undefined {
  if (before.values !== after.values) return undefined;
  const names = Object.keys(OPTIONS) as (keyof RequestAttributes)[];
  const told = [
    ...names.flatMap((name) => attributeOption(name, before.attributes, after.attributes)),
    ...memberOptions(before, after),
  ];
  return told.length > 0 && told.every((one) => one !== undefined) ? told.join(' ') : undefined;
}

const OPTIONS: { readonly [A in keyof RequestAttributes]-?: `--${string}` | undefined } = {
  viaService: '--via-service',
  sourceArn: '--source-arn',
  sourceAccount: '--source-account',
  sourceIp: '--source-ip',
  vpcId: '--source-vpc',
  vpcEndpointId: '--source-vpce',
  mfa: '--mfa',
  time: undefined,
  region: undefined,
  userAgent: undefined,
  secureTransport: undefined,
  resourceAccount: undefined,
  resourceOrganization: undefined,
  resourceTags: undefined,
};

function attributeOption(
  name: keyof RequestAttributes,
  before: RequestAttributes,
  after: RequestAttributes,
): readonly Told[] {
  const [option, value] = [OPTIONS[name], after[name]];
  if (value === before[name]) return [];
  if (option === undefined || value === undefined) return [undefined];
  // the option stands for a second factor just now
  if (name === 'mfa') return [after.mfa?.ageInSeconds === 0 ? option : undefined];
  return [typeof value === 'string' ? `${option} ${shellWord(value)}` : undefined];
}

function memberOptions(before: RequestFacts, { input, rules: { members } }: RequestFacts): readonly Told[] {
  const names = new Set([...Object.keys(before.input), ...Object.keys(input)]);
  return [...names].flatMap((name) => {
    const value = input[name];
    if (value === before.input[name]) return [];
    const member = members[name];
    // no document with these registers is at hand
    const isSupposed = value === undefined || value instanceof Measurements;
    return [isSupposed || !member ? undefined : memberOption(name, member.shape, value)];
  });
}

function memberOption(name: string, shape: Shape, value: unknown): Told {
  const words = hyphenate(name);
  switch (shape.type) {
    case 'boolean':
      return value === true ? `--${words}` : `--no-${words}`;
    case 'string':
    case 'integer':
      return `--${words} ${shellWord(String(value))}`;
    case 'timestamp':
      return value instanceof Date ? `--${words} ${value.toISOString()}` : undefined;
    case 'map':
      return `--${words} ${shellWord(pairsText(value as Readonly<Record<string, string>>))}`;
    case 'list': {
      const items = value as readonly unknown[];
      const isPlain = items.every((item) => typeof item === 'string' && PLAIN_NAME.test(item));
      return `--${words} ${isPlain ? items.join(' ') : shellWord(jsonText(items))}`;
    }
    case 'structure':
      return `--${words} ${shellWord(jsonText(value))}`;
    default:
      return undefined;
  }
}

const PLAIN_NAME = /^\w[\w.-]*$/;
const PLAIN_VALUE = /^\w[\w.:/+-]*$/;

/** In the shorthand where nothing has a meaning there. */
function pairsText(pairs: Readonly<Record<string, string>>): string {
  const entries = Object.entries(pairs);
  return entries.every(([name, value]) => PLAIN_NAME.test(name) && PLAIN_VALUE.test(value))
    ? entries.map((pair) => pair.join('=')).join(',')
    : jsonText(pairs);
}
