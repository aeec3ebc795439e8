/** Signing keys of Signature Version 4, which are derived from a secret access key for a day, Region and service. */
import { createHmac } from 'node:crypto';
import { secretText } from '../../keyring/access-key.ts';
import { Secret } from '../../crypto/secret.ts';

/** What a signing key is for. */
export interface SigningScope {
  /** `20260131` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

/** Of one access key: two days of both services in some Regions. */
const MAX_KEYS = 16;

/** The signing keys of one secret access key. They are as secret as it is, and are to be kept no longer. */
export class SigningKeys {
  readonly #secret: Secret;
  /** In the order of their use. */
  readonly #known = new Map<string, Secret>();

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  keyFor(scope: SigningScope): Secret {
    return this.#known.get(nameOf(scope)) ?? derive(this.#secret, scope);
  }

  /** Only for a scope in which a signature was valid, so that nobody else makes the others be forgotten. */
  remember(scope: SigningScope, key: Secret): void {
    const name = nameOf(scope);
    if (this.#known.has(name)) return;
    this.#known.set(name, key);
    for (const [oldest, forgotten] of this.#known) {
      if (this.#known.size <= MAX_KEYS) return;
      this.#known.delete(oldest);
      forgotten.wipe();
    }
  }
}

const nameOf = ({ date, region, service }: SigningScope): string => `${date}/${region}/${service}`;

/** "Create a signed AWS API request" in the IAM User Guide: "Calculate the signature". */
function derive(secret: Secret, { date, region, service }: SigningScope): Secret {
  const ofDay = hmac(`AWS4${secretText(secret)}`, date);
  return new Secret([region, service, 'aws4_request'].reduce<Uint8Array>(hmac, ofDay));
}

const hmac = (key: string | Uint8Array, text: string): Uint8Array => createHmac('sha256', key).update(text).digest();
