/** The global options, which may be anywhere on the line: those of the AWS CLI, and our own. */
import type { NamedThing } from '../../../model/shape.ts';
import type { Option, Taken } from './words.ts';

const flag = <N extends string>(name: N) => ({ name, takes: 'nothing' }) as const;
const text = <N extends string>(name: N) => ({ name, takes: 'one' }) as const;
const naming = <N extends string>(names: NamedThing, name: N) => ({ name, takes: 'one', names }) as const;
const choice = <N extends string, const C extends string>(name: N, choices: readonly C[]) =>
  ({ name, takes: 'one', choices }) as const;
/** Ours cannot be abbreviated: `--p` must stay `--profile`, and `--key` an operation's `--key-id`. */
const own = <O extends Option>(option: O) => ({ ...option, exact: true }) as const;

/** Options for the caller and the request attributes of a call. */
export const REQUEST_OPTIONS = {
  as: own(text('--as')),
  sessionPolicy: own(text('--session-policy')),
  sessionTags: own(text('--session-tags')),
  mfa: own(flag('--mfa')),
  viaService: own(text('--via-service')),
  sourceArn: own(text('--source-arn')),
  sourceAccount: own(text('--source-account')),
  sourceIp: own(text('--source-ip')),
  sourceVpc: own(text('--source-vpc')),
  sourceVpce: own(text('--source-vpce')),
} as const;

/** In the AWS CLI's order, which is the order of ambiguous matches. */
export const GLOBAL_OPTIONS = {
  debug: flag('--debug'),
  endpointUrl: text('--endpoint-url'),
  noVerifySsl: flag('--no-verify-ssl'),
  noPaginate: flag('--no-paginate'),
  output: choice('--output', ['json', 'text', 'table', 'yaml', 'yaml-stream', 'off']),
  query: text('--query'),
  profile: naming('profile', '--profile'),
  region: naming('region', '--region'),
  version: { name: '--version', takes: 'nothing', stops: true },
  color: choice('--color', ['on', 'off', 'auto']),
  noSignRequest: flag('--no-sign-request'),
  caBundle: naming('file', '--ca-bundle'),
  cliReadTimeout: text('--cli-read-timeout'),
  cliConnectTimeout: text('--cli-connect-timeout'),
  cliBinaryFormat: choice('--cli-binary-format', ['base64', 'raw-in-base64-out']),
  noCliPager: flag('--no-cli-pager'),
  cliAutoPrompt: flag('--cli-auto-prompt'),
  noCliAutoPrompt: flag('--no-cli-auto-prompt'),
  cliErrorFormat: choice('--cli-error-format', ['legacy', 'json', 'yaml', 'text', 'table', 'enhanced']),
  keyring: own(naming('file', '--keyring')),
  keyFile: own(naming('file', '--key-file')),
  passphraseFile: own(naming('file', '--passphrase-file')),
  passphraseFd: own({ name: '--passphrase-fd', takes: 'one', integer: true } as const),
  ...REQUEST_OPTIONS,
  why: own(flag('--why')),
  help: own(flag('--help')),
  quiet: own(flag('--quiet')),
} as const satisfies { readonly [key: string]: Option };

type Table = typeof GLOBAL_OPTIONS;

export type RequestOption = keyof typeof REQUEST_OPTIONS;

/** What was given: a flag is true, the others are their text as it was typed. */
export type GlobalValues = {
  readonly [K in keyof Table]?: Table[K] extends { readonly takes: 'nothing' }
    ? true
    : Table[K] extends { readonly choices: readonly (infer C)[] }
      ? C
      : string;
};

export function globalValues(taken: ReadonlyMap<string, Taken<Option>>): GlobalValues {
  const values: { [key: string]: string | true } = {};
  for (const [key, { name }] of Object.entries(GLOBAL_OPTIONS)) {
    const given = taken.get(name);
    if (given) values[key] = given.words[0] ?? true;
  }
  return values;
}
