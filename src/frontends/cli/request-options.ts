/** The options that say whom a call is made as, and from where: `--as`, `--via-service`, `--source-vpce` ... */
import { KmsError } from '../../model/error.ts';
import { isPrincipal, PRINCIPAL_FORMS } from '../../model/principal-arn.ts';
import { checkSessionPolicy } from '../../pipeline/session-policy.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import type { GlobalValues, RequestOption } from './input/global-option.ts';
import { loadParamfile, ParamfileError, type Files } from './input/paramfile.ts';
import { readTags, TAG_FORM } from './session-tags.ts';
import { UsageError } from './input/usage-error.ts';

/** Members that are given; the others stay as the profile has them. */
export function requestOptionsOf(globals: Pick<GlobalValues, RequestOption>, files: Files): Partial<SessionOptions> {
  const { as: principal, mfa, viaService, sourceArn, sourceAccount, sourceIp, sourceVpc, sourceVpce } = globals;
  const service = given({ viaService, sourceArn, sourceAccount });
  const network = given({ vpcId: sourceVpc, vpcEndpointId: sourceVpce, mfa: mfa && { ageInSeconds: 0 } });
  return given({
    principal: principal === undefined ? undefined : principalFrom(principal),
    sessionPolicy: globals.sessionPolicy === undefined ? undefined : policyFrom(globals.sessionPolicy, files),
    sessionTags: globals.sessionTags === undefined ? undefined : tagsFrom(globals.sessionTags),
    sourceIp,
    service: Object.keys(service).length > 0 ? service : undefined,
    network: Object.keys(network).length > 0 ? network : undefined,
  });
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

const given = <T extends object>(members: T): Present<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;

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
