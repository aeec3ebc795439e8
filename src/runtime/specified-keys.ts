/** The condition keys that options about the request have values for. */
import type { Network, Service } from '../pipeline/authorize.ts';

type RequestAttribute = keyof Service | keyof Network | 'sourceIp';

const KEYS_OF: { readonly [attribute in RequestAttribute]-?: readonly string[] } = {
  viaService: ['kms:viaservice'],
  sourceArn: ['aws:sourcearn'],
  sourceAccount: ['aws:sourceaccount'],
  sourceIp: ['aws:sourceip'],
  vpcId: ['aws:sourcevpc'],
  // the address within the VPC stays unknown
  vpcEndpointId: ['aws:sourcevpce'],
  mfa: ['aws:multifactorauthpresent', 'aws:multifactorauthage'],
};

export interface RequestOptions {
  readonly service?: Service | undefined;
  readonly network?: Network | undefined;
  readonly sourceIp?: string | undefined;
}

/** @returns lower-cased names */
export function specifiedKeys({ service = {}, network = {}, sourceIp }: RequestOptions): ReadonlySet<string> {
  const attributes: { readonly [attribute in RequestAttribute]?: unknown } = { ...service, ...network, sourceIp };
  const names = Object.keys(KEYS_OF) as RequestAttribute[];
  return new Set(names.filter((name) => attributes[name] !== undefined).flatMap((name) => KEYS_OF[name]));
}
