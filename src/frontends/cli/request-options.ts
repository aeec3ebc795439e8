/** The options for the caller and the request attributes of a call: `--as`, `--via-service`, `--source-vpce` ... */
import { KmsError } from '../../model/error.ts';
import { isPrincipal, PRINCIPAL_FORMS } from '../../model/principal-arn.ts';
import { checkSessionPolicy } from '../../pipeline/session-policy.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import { REQUEST_OPTIONS, type GlobalValues, type RequestOption } from './input/global-option.ts';
import { loadParamfile, ParamfileError, type Files } from './input/paramfile.ts';
import { readTags, TAG_FORM } from '../../commands/configure/session-tags.ts';
import { UsageError } from './input/usage-error.ts';

/** The value of one of the options; those of a service and of a network are merged. */
type Part = Pick<
  Partial<SessionOptions>,
  'principal' | 'sessionPolicy' | 'sessionTags' | 'sourceIp' | 'service' | 'network'
>;

/** The values of an option that was given. */
type Given<O extends RequestOption> = NonNullable<GlobalValues[O]>;

const PARTS: { readonly [O in RequestOption]: (value: Given<O>, files: Files) => Part } = {
  as: (text) => ({ principal: principalFrom(text) }),
  sessionPolicy: (word, files) => ({ sessionPolicy: policyFrom(word, files) }),
  sessionTags: (text) => ({ sessionTags: tagsFrom(text) }),
  mfa: () => ({ network: { mfa: { ageInSeconds: 0 } } }),
  viaService: (viaService) => ({ service: { viaService } }),
  sourceArn: (sourceArn) => ({ service: { sourceArn } }),
  sourceAccount: (sourceAccount) => ({ service: { sourceAccount } }),
  sourceIp: (sourceIp) => ({ sourceIp }),
  sourceVpc: (vpcId) => ({ network: { vpcId } }),
  sourceVpce: (vpcEndpointId) => ({ network: { vpcEndpointId } }),
};

/** Members that are given; the others stay as the profile has them. */
export function requestOptionsOf(globals: Pick<GlobalValues, RequestOption>, files: Files): Part {
  const options = Object.keys(REQUEST_OPTIONS) as RequestOption[];
  const parts = options.map((option) => partOf(option, globals[option], files));
  const merged = <M extends object>(members: readonly (M | undefined)[]): M | undefined =>
    members.some((member) => member) ? (Object.assign({}, ...members) as M) : undefined;
  const [service, network] = [merged(parts.map((part) => part.service)), merged(parts.map((part) => part.network))];
  return { ...merged(parts), ...(service && { service }), ...(network && { network }) };
}

const partOf = <O extends RequestOption>(option: O, value: GlobalValues[O], files: Files): Part =>
  value === undefined || value === null ? {} : PARTS[option](value, files);

function principalFrom(text: string): string {
  if (isPrincipal(text)) return text;
  throw new UsageError('validation', `--as must be ${PRINCIPAL_FORMS}, not ${text}`);
}

function policyFrom(word: string, files: Files): string {
  const text = textFrom(word, files);
  try {
    checkSessionPolicy(text);
  } catch (error) {
    if (!(error instanceof KmsError)) throw error;
    throw new UsageError('validation', `Error parsing parameter '--session-policy': ${error.message}`);
  }
  return text;
}

function textFrom(word: string, files: Files): string {
  try {
    const loaded = loadParamfile(word, files) ?? word;
    return typeof loaded === 'string' ? loaded : new TextDecoder('utf-8', { fatal: true }).decode(loaded);
  } catch (error) {
    if (error instanceof TypeError)
      throw new UsageError('validation', "Error parsing parameter '--session-policy': it is not UTF-8");
    if (!(error instanceof ParamfileError)) throw error;
    throw new UsageError('validation', `Error parsing parameter '--session-policy': ${error.message}`);
  }
}

function tagsFrom(text: string): { readonly [key: string]: string } {
  const tags = readTags(text);
  if (tags) return tags;
  throw new UsageError('validation', `--session-tags must be ${TAG_FORM}, not ${text}`);
}
