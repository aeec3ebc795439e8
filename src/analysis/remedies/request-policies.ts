/** The policies of a request, by their source: a change of each, and the command that makes it. */
import type { PolicySource } from '../../policy/decision.ts';
import type { AttachedPolicy } from '../../policy/document.ts';
import type { Caller } from '../../policy/principal.ts';
import type { AccessRequest } from '../../policy/request.ts';
import type { CandidateChange } from './remedy.ts';
import { policyCommand, policyOptions } from './remedy-command.ts';

type Remake = (policy: AttachedPolicy) => AttachedPolicy;

/** The request with every policy of one source made anew. */
export function mapPolicies(request: AccessRequest, source: PolicySource, remake: Remake): AccessRequest {
  const { caller, keyPolicy, trustPolicy, endpointPolicy, resourceControlPolicies: controls } = request;
  const { identityPolicies, boundary, sessionPolicies, serviceControlPolicies } = caller;
  const levels = (list: readonly (readonly AttachedPolicy[])[]) => list.map((level) => level.map(remake));
  switch (source) {
    case 'keyPolicy':
      return keyPolicy ? { ...request, keyPolicy: remake(keyPolicy) } : request;
    case 'trustPolicy':
      return trustPolicy ? { ...request, trustPolicy: remake(trustPolicy) } : request;
    case 'endpointPolicy':
      return endpointPolicy ? withEndpointPolicy(request, remake(endpointPolicy)) : request;
    case 'resourceControlPolicy':
      return controls ? { ...request, resourceControlPolicies: levels(controls) } : request;
    case 'identityPolicy':
      return identityPolicies ? withCaller(request, { identityPolicies: identityPolicies.map(remake) }) : request;
    case 'permissionsBoundary':
      return boundary ? withCaller(request, { boundary: remake(boundary) }) : request;
    case 'sessionPolicy':
      return sessionPolicies ? withCaller(request, { sessionPolicies: sessionPolicies.map(remake) }) : request;
    case 'serviceControlPolicy':
      return serviceControlPolicies
        ? withCaller(request, { serviceControlPolicies: levels(serviceControlPolicies) })
        : request;
  }
}

/** Among those that the builder takes it from too, which may yet be asked again. */
const withEndpointPolicy = (request: AccessRequest, endpointPolicy: AttachedPolicy): AccessRequest => ({
  ...request,
  endpointPolicy,
  ...(request.endpointPolicies
    ? {
        endpointPolicies: request.endpointPolicies.map((one) =>
          one.name === endpointPolicy.name ? endpointPolicy : one,
        ),
      }
    : {}),
});

export const withCaller = (request: AccessRequest, changed: Partial<Caller>): AccessRequest => ({
  ...request,
  caller: { ...request.caller, ...changed },
});

/** The command or the options that write the edited policy. */
export const policyMeans =
  (source: PolicySource): CandidateChange['means'] =>
  (before, after) => {
    const edited = { source, before, after };
    const [command, callOptions] = [policyCommand(edited), policyOptions(edited)];
    return { ...(command === undefined ? {} : { command }), ...(callOptions === undefined ? {} : { callOptions }) };
  };
