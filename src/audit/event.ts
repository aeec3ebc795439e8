/**
 * A call as a CloudTrail record (AWS CloudTrail User Guide, CloudTrail record contents for management, data, and network
 * activity events).
 */
import { createHash } from 'node:crypto';
import { type IdentifiedPrincipal, lastPart, principalIdOf } from '../model/principal-id.ts';
import type { Logged } from './request-parameters.ts';

/** The caller, as it is logged. */
export interface EventIdentity extends IdentifiedPrincipal {
  readonly userName?: string | undefined;
}

export interface LoggedResource {
  readonly arn: string;
  readonly account: string;
}

/** Of a call that came over TLS. */
export interface TlsDetails {
  readonly tlsVersion: string;
  readonly cipherSuite: string;
  readonly clientProvidedHostHeader: string;
}

export interface CallFacts {
  /** undefined: kms.amazonaws.com */
  readonly eventSource?: string | undefined;
  readonly eventName: string;
  readonly eventId: string;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly region: string;
  readonly identity: EventIdentity;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly readOnly: boolean;
  readonly account: string;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly requestParameters: Logged | null;
  readonly responseElements: Logged | null;
  readonly additionalEventData?: Logged | undefined;
  /** The service that made this call for the caller. */
  readonly invokedBy?: string | undefined;
  /** undefined: the record has no such member. */
  readonly resources?: readonly LoggedResource[] | undefined;
  /** The VPC endpoint that the call came through. */
  readonly vpcEndpointId?: string | undefined;
  readonly tlsDetails?: TlsDetails | undefined;
}

/**
 * The version of the log event format, not of a record: the same whichever members it has. 1.11 is the current one,
 * and that of the newest examples of the AWS KMS Developer Guide (RotateKey).
 */
const EVENT_VERSION = '1.11';

export function callEvent(facts: CallFacts): object {
  const { error, invokedBy, vpcEndpointId } = facts;
  // calls of services have no TLS details
  const isOfService = invokedBy !== undefined || facts.identity.kind === 'service';
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: { ...userIdentity(facts.identity), ...(invokedBy === undefined ? {} : { invokedBy }) },
    eventTime: eventTime(facts.time),
    eventSource: facts.eventSource ?? 'kms.amazonaws.com',
    eventName: facts.eventName,
    awsRegion: facts.region,
    sourceIPAddress: facts.sourceIp,
    userAgent: facts.userAgent,
    ...(error ? { errorCode: error.code, ...(error.message ? { errorMessage: error.message } : {}) } : {}),
    requestParameters: facts.requestParameters,
    responseElements: facts.responseElements,
    ...(facts.additionalEventData ? { additionalEventData: facts.additionalEventData } : {}),
    requestID: facts.requestId,
    eventID: facts.eventId,
    readOnly: facts.readOnly,
    ...resourcesMember(facts.resources),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: facts.account,
    // an endpoint has no account of its own here: it is taken to be in that of the keyring
    ...(vpcEndpointId === undefined ? {} : { vpcEndpointId, vpcEndpointAccountId: facts.account }),
    eventCategory: 'Management',
    ...(facts.tlsDetails && !isOfService ? { tlsDetails: facts.tlsDetails } : {}),
  };
}

export interface ServiceFacts {
  readonly eventName: string;
  readonly eventId: string;
  /** When it was due, in milliseconds since 1970. */
  readonly time: number;
  readonly region: string;
  readonly account: string;
  readonly responseElements: Logged | null;
  readonly additionalEventData?: Logged | undefined;
  readonly serviceEventDetails?: Logged | undefined;
  /** Only for service events with the form of calls: SynchronizeMultiRegionKey. */
  readonly requestId?: string | undefined;
  readonly resources: readonly LoggedResource[];
}

/** Actions of the service itself: deletion, expiry, rotation. */
export function serviceEvent(facts: ServiceFacts): object {
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: { accountId: facts.account, invokedBy: 'AWS Internal' },
    eventTime: eventTime(facts.time),
    eventSource: 'kms.amazonaws.com',
    eventName: facts.eventName,
    awsRegion: facts.region,
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: facts.responseElements,
    ...(facts.additionalEventData ? { additionalEventData: facts.additionalEventData } : {}),
    ...(facts.requestId === undefined ? {} : { requestID: facts.requestId }),
    eventID: facts.eventId,
    readOnly: false,
    ...resourcesMember(facts.resources),
    eventType: facts.requestId === undefined ? 'AwsServiceEvent' : 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: facts.account,
    ...(facts.serviceEventDetails ? { serviceEventDetails: facts.serviceEventDetails } : {}),
    eventCategory: 'Management',
  };
}

export interface LocalFacts {
  readonly eventName: string;
  readonly eventId: string;
  readonly time: number;
  readonly region: string;
  readonly identity: EventIdentity;
  readonly account: string;
  readonly requestParameters: Logged;
}

/** A change of the keyring itself. AWS has no such events, so the event source is our own. */
export function localEvent(facts: LocalFacts): object {
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: userIdentity(facts.identity),
    eventTime: eventTime(facts.time),
    eventSource: 'pocket-kms',
    eventName: facts.eventName,
    awsRegion: facts.region,
    sourceIPAddress: '127.0.0.1',
    userAgent: 'pocket-kms',
    requestParameters: facts.requestParameters,
    responseElements: null,
    eventID: facts.eventId,
    readOnly: false,
    resources: [],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: facts.account,
    eventCategory: 'Management',
  };
}

let lastTime = { second: NaN, text: '' };

/** UTC, whole seconds: `2026-01-31T12:00:00Z`. Many calls are made within one. */
function eventTime(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== lastTime.second) lastTime = { second, text: `${new Date(time).toISOString().slice(0, 19)}Z` };
  return lastTime.text;
}

const resourcesMember = (resources: readonly LoggedResource[] | undefined): object =>
  resources
    ? { resources: resources.map(({ arn, account }) => ({ accountId: account, type: 'AWS::KMS::Key', ARN: arn })) }
    : {};

type IdentityRow = (identity: EventIdentity) => object;

/** AWS CloudTrail User Guide, CloudTrail userIdentity element */
const IDENTITIES: { readonly [K in EventIdentity['kind']]: IdentityRow } = {
  root: (root) => ({ type: 'Root', principalId: principalId(root), arn: root.arn, accountId: root.account }),
  user: (user) => ({
    type: 'IAMUser',
    principalId: principalId(user),
    arn: user.arn,
    accountId: user.account,
    userName: user.userName ?? lastPart(user.arn),
  }),
  session: (session) => ({
    type: 'AssumedRole',
    principalId: principalId(session),
    arn: session.arn,
    accountId: session.account,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: principalId(session).split(':')[0],
        arn: session.roleArn,
        accountId: session.account,
        userName: lastPart(session.roleArn ?? ''),
      },
    },
  }),
  federated: (user) => ({
    type: 'FederatedUser',
    principalId: principalId(user),
    arn: user.arn,
    accountId: user.account,
  }),
  webIdentity: (user) => ({
    type: 'WebIdentityUser',
    principalId: principalId(user),
    userName: user.webIdentity?.subject,
    identityProvider: user.arn,
  }),
  service: ({ arn }) => ({ type: 'AWSService', invokedBy: arn }),
};

const userIdentity = (identity: EventIdentity): object => IDENTITIES[identity.kind](identity);

/** The ID that AWS gives every principal; for one whose ID is unknown, an ID derived from its ARN. */
export const principalId = (identity: EventIdentity): string => principalIdOf(identity, madeUpId);

function madeUpId(prefix: string, arn: string): string {
  const digits = BigInt(`0x${createHash('sha256').update(arn).digest('hex')}`)
    .toString(36)
    .toUpperCase();
  return prefix + digits.slice(0, 17);
}
