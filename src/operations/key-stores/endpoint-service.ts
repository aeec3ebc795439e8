/**
 * VPC endpoint services: here a host that the operator has an entry for, since no DNS knows its private name. The entry may
 * name the service. What AWS requires of a service is in AWS KMS Developer Guide, Configure VPC endpoint service connectivity.
 */
import { isFullyQualified } from '../../key-managers/xks/proxy-host.ts';
import type { Xks } from '../../key-managers/xks/xks.ts';
import type { ExternalKeyStore } from '../../keyring/key-store.ts';

/** As AWS tells them apart (Troubleshooting external key stores, VPC endpoint service connectivity configuration errors). */
export type EndpointServiceProblem = 'NOT_FOUND' | 'INVALID_CONFIGURATION';

export class EndpointServiceError extends Error {
  readonly problem: EndpointServiceProblem;
  constructor(problem: EndpointServiceProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** @throws EndpointServiceError */
export function requireService(xks: Xks, { proxy, region }: Pick<ExternalKeyStore, 'proxy' | 'region'>): void {
  const { uriEndpoint, connectivity } = proxy;
  if (connectivity === 'PUBLIC_ENDPOINT') return;
  const service = proxy.vpcEndpointServiceName!;
  const host = uriEndpoint.replace('https://', '').toLowerCase();
  if (regionOf(service) !== region) {
    throw new EndpointServiceError('NOT_FOUND', `VPC endpoint service ${service} is not in Region ${region}.`);
  }
  const privateDnsName = xks.privateDnsNameOf(service);
  if (privateDnsName !== undefined && privateDnsName !== host) {
    throw new EndpointServiceError(
      'INVALID_CONFIGURATION',
      `The private DNS name of VPC endpoint service ${service} is ${privateDnsName}, which is not the host of ${uriEndpoint}.`,
    );
  }
  const entry = xks.findEntry(uriEndpoint);
  if (!entry || (entry.vpcEndpointServiceName ?? service) !== service) {
    throw new EndpointServiceError(
      'NOT_FOUND',
      `There is no VPC endpoint service ${service} with the private DNS name ${host}. For kms, an entry of the operator makes one: kms xks add ${host} --connect ADDRESS:PORT`,
    );
  }
  if (!isFullyQualified(host)) {
    throw new EndpointServiceError(
      'INVALID_CONFIGURATION',
      `The private DNS name ${host} of VPC endpoint service ${service} is not a subdomain of a public domain.`,
    );
  }
}

/** com.amazonaws.vpce.REGION.vpce-svc-ID */
const regionOf = (service: string): string | undefined => service.split('.')[3];
