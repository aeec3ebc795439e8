/**
 * Access keys, with which callers sign HTTP requests: long-term ones of a principal, as records; and temporary ones, of
 * sessions, which are not stored: the session token contains the session, sealed under the keyring.
 */
import { toBase64 } from '../model/base64.ts';
import { isObject } from '../model/json-object.ts';
import { EnvironmentError } from '../model/error.ts';
import { readPrincipalArn, type PrincipalArn } from '../model/principal-arn.ts';
import { text, utf8 } from '../crypto/bytes.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { Secret } from '../crypto/secret.ts';
import type { TokenName } from './barrier.ts';
import { decodeRecord, encodeRecord, secretAt } from './record.ts';
import { openToken, sealToken, tokenBytes, tokenText, type ReadToken } from './sealed-token.ts';
import type { Transaction } from './transaction.ts';

export interface AccessKey {
  /** `AKIA...` */
  readonly id: string;
  readonly secret: Secret;
  /** ARN of the user, or of the account's root. */
  readonly principal: string;
  readonly active: boolean;
  /** Milliseconds since 1970. */
  readonly created: number;
}

const PREFIX = 'access-key/';
const COUNT = 'count/access-key';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 16 digits of base 32 behind the prefix: 80 random bits. */
const newId = (prefix: 'AKIA' | 'ASIA', random: RandomBytes): string =>
  prefix + Array.from(random(16), (byte) => BASE32[byte % 32]).join('');

/** 40 characters of base64, like AWS's. */
const newSecret = (random: RandomBytes): Secret => new Secret(utf8(toBase64(random(30))));

/** An access key and its secret, with which a caller signs. */
export type KeyPair = Pick<AccessKey, 'id' | 'secret'>;

export const newKeyPair = (random: RandomBytes): KeyPair => ({ id: newId('AKIA', random), secret: newSecret(random) });

/** IAM's AccessKey data type: `[\w]+`, 16 to 128 characters; ASIA is how the IDs of sessions begin. */
const LONG_LIVED_ID = /^(?!ASIA)[A-Za-z0-9_]{16,128}$/i;
const SESSION_ID = /^ASIA[A-Z2-7]{16}$/;
/** Characters that need no quoting in a credentials file, and a length that prevents guessing it from a signature. */
const CHOSEN_SECRET = /^[\x21-\x7e]{16,128}$/;

/**
 * An access key with values that a user chose, so that callers know them before the keyring is created.
 * @throws EnvironmentError for invalid values
 */
export function chosenKeyPair({ id, secret }: { readonly id: string; readonly secret: string }): KeyPair {
  if (!LONG_LIVED_ID.test(id)) {
    throw new EnvironmentError(`'${id}' is not a valid access key ID`, [
      '16 to 128 letters, digits and underscores; the prefix ASIA is reserved for temporary credentials',
    ]);
  }
  if (!CHOSEN_SECRET.test(secret)) {
    throw new EnvironmentError(`the secret access key of ${id} is not valid: it has ${secret.length} characters`, [
      '16 to 128 printable ASCII characters without spaces, usually 40',
    ]);
  }
  return { id, secret: new Secret(utf8(secret)) };
}

const decodeAccessKey = (bytes: Uint8Array): AccessKey => {
  const { body, parts } = decodeRecord<Omit<AccessKey, 'secret' | 'active'> & { readonly active: unknown }>(bytes);
  return { ...body, active: body.active === true, secret: secretAt(parts, 0) };
};

/** A long-term access key; undefined also if the text cannot be the ID of one. */
export const findAccessKey = async (tx: Transaction, id: string): Promise<AccessKey | undefined> =>
  LONG_LIVED_ID.test(id) ? tx.read(PREFIX + id, decodeAccessKey) : undefined;

const decodeCount = (bytes: Uint8Array): number => decodeRecord<number>(bytes).body;

export const countAccessKeys = async (tx: Transaction): Promise<number> => (await tx.read(COUNT, decodeCount)) ?? 0;

/**
 * Whether callers must sign with an access key. The first access key turns it on, and only verifySignatures() turns it
 * off: deleting the last access key does not give access to everyone. Keyrings that are older than the setting have the record of
 * the count from their first access key on, and keep it.
 */
export const asksForSignatures = async (tx: Transaction): Promise<boolean> =>
  tx.settings.verifySignatures ?? (await tx.read(COUNT, decodeCount)) !== undefined;

export const verifySignatures = (tx: Transaction, on: boolean): void =>
  tx.change({ kind: 'settings', settings: { verifySignatures: on } });

export interface NewAccessKey extends KeyPair {
  readonly principal: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A user, or the root user of an account; a role is assumed. */
export function canOwnAccessKeys(principal: string): boolean {
  const form = readPrincipalArn(principal)?.form;
  return form === 'user' || form === 'root';
}

/** @throws EnvironmentError where this principal cannot have access keys */
export function checkOwner(principal: string): void {
  if (canOwnAccessKeys(principal)) return;
  throw new EnvironmentError(`${principal} cannot have access keys`, [
    'access keys belong to a user or to the root user of an account',
  ]);
}

/** @throws EnvironmentError where its principal cannot have one, or there is one of this ID */
export async function addAccessKey(tx: Transaction, { secret, ...facts }: NewAccessKey): Promise<void> {
  const { id } = facts;
  checkOwner(facts.principal);
  if (await findAccessKey(tx, id)) throw new EnvironmentError(`the access key ${id} already exists`);
  const count = await countAccessKeys(tx);
  if (count === 0) verifySignatures(tx, true);
  tx.put(COUNT, encodeRecord(count + 1));
  tx.put(PREFIX + id, encodeRecord({ ...facts, active: true }, [secret.expose()]));
}

export async function removeAccessKey(tx: Transaction, id: string): Promise<void> {
  tx.put(COUNT, encodeRecord((await countAccessKeys(tx)) - 1));
  tx.delete(PREFIX + id);
}

export async function accessKeys(tx: Transaction): Promise<readonly AccessKey[]> {
  const keys: AccessKey[] = [];
  for await (const { value } of tx.rows(PREFIX)) keys.push(decodeAccessKey(value));
  return keys;
}

/** Whom temporary credentials are of: a role that was assumed, a user or the root user, or a federated user. */
export interface StsSession {
  /** `arn:aws:sts::111122223333:assumed-role/NAME/SESSION`, `arn:aws:iam::111122223333:user/NAME` ... */
  readonly arn: string;
  /** Of an assumed role, and of nobody else. */
  readonly roleArn?: string | undefined;
  /** Of a federated user, and of nobody else: the ARN of the user who asked for the session. */
  readonly issuer?: string | undefined;
  /** Milliseconds since 1970. */
  readonly issued: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** A session policy bounds what the session may do. */
  readonly policy?: string | undefined;
  readonly tags?: { readonly [key: string]: string } | undefined;
}

export interface SessionCredentials {
  /** `ASIA...` */
  readonly id: string;
  readonly secret: Secret;
  readonly token: string;
}

/** It is valid only with its access key. */
const tokenFor = (id: string): TokenName => ({ kind: 'sessionToken', name: id });

export function issueSession(tx: Transaction, session: StsSession, random: RandomBytes): SessionCredentials {
  const [id, secret] = [newId('ASIA', random), newSecret(random)];
  const sealed = sealToken(tx, tokenFor(id), { body: session, parts: [secret.expose()] });
  return { id, secret, token: tokenText(sealed) };
}

type SignedSession = StsSession & Pick<KeyPair, 'secret'>;

/** The session in a token; undefined if this keyring did not issue the token for this access key ID. */
export const findSession = (tx: Transaction, id: string, token: string): SignedSession | undefined =>
  SESSION_ID.test(id) ? openToken(tx, tokenFor(id), { sealed: tokenBytes(token), read: readSession }) : undefined;

const readSession: ReadToken<SignedSession> = ({ arn, roleArn, issuer, issued, expires, policy, tags }, [secret]) =>
  typeof arn === 'string' &&
  isTextOrAbsent(roleArn) &&
  isTextOrAbsent(issuer) &&
  isSessionOf({ arn, roleArn, issuer }) &&
  typeof expires === 'number' &&
  typeof issued === 'number' &&
  isTextOrAbsent(policy) &&
  (tags === undefined || isTextMap(tags)) &&
  secret?.length
    ? { arn, roleArn, issuer, issued, expires, policy, tags, secret: new Secret(secret) }
    : undefined;

function isSessionOf({ arn, roleArn, issuer }: Pick<StsSession, 'arn' | 'roleArn' | 'issuer'>): boolean {
  const session = readPrincipalArn(arn);
  switch (session?.form) {
    case 'assumed-role': {
      const role = roleArn === undefined ? undefined : readPrincipalArn(roleArn);
      return issuer === undefined && role?.form === 'role' && role.name === session.name && isAtHome(role, session);
    }
    case 'federated-user': {
      const user = issuer !== undefined && canOwnAccessKeys(issuer) ? readPrincipalArn(issuer) : undefined;
      return roleArn === undefined && user !== undefined && isAtHome(user, session);
    }
    case 'user':
    case 'root':
      return roleArn === undefined && issuer === undefined;
    case 'role':
    case undefined:
      return false;
  }
}

const isAtHome = (one: PrincipalArn, other: PrincipalArn): boolean =>
  one.account === other.account && one.partition === other.partition;

const isTextOrAbsent = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

const isTextMap = (value: unknown): value is { readonly [key: string]: string } =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string');

/** The characters of a secret access key, which are shown once, and with which signatures are computed. */
export const secretText = (secret: Secret): string => text(secret.expose());
