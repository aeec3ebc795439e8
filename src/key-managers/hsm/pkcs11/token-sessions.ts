/**
 * The sessions with the token of a cluster. They and its handles die whenever the token is away, or another process changes
 * it: they are made again, in steps, before a call fails.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { concat } from '../../../crypto/bytes.ts';
import type { Secret } from '../../../crypto/secret.ts';
import type { ClusterEntry } from '../cluster-entry.ts';
import { HsmError, type HsmErrorCode } from '../hsm.ts';
import { findToken, initialize } from './find-token.ts';
import type { Handle, Pkcs11Library } from './library.ts';
import { CKR, Pkcs11Error, quietly } from './return-value.ts';
import { SessionPool } from './session-pool.ts';

/** Of a key store's user (AWS KMS Developer Guide, "Connecting a CloudHSM key store"). */
const USER = 'kmsuser';
/** Of one call that works beside others; another one may log in with another password, or for another cluster, in between. */
const MAX_LOGINS = 5;

export interface TokenUser {
  readonly password: Secret;
}

/** Beside other calls, or, where it changes what objects the token has, alone: libraries lock their objects badly. */
type Company = 'others' | 'none';

/** Of all sessions of the process. */
interface Login {
  readonly password: Secret;
  /** Of the library. */
  readonly generation: number;
  readonly sessions: SessionPool;
  /** By label. */
  readonly keys: Map<string, Handle>;
  /** Initialization vectors that no call has used yet. */
  readonly ivs: Uint8Array[];
}

/** What one call works with. */
export interface TokenSession extends Pick<Login, 'keys' | 'ivs'> {
  readonly session: Handle;
}

/**
 * What is made again before the next attempt, each with the ones before it, and after how many milliseconds: a library whose
 * token is files, as SoftHSM's, does not find it while another process writes them.
 */
const ATTEMPTS = [
  { again: 'nothing', after: 0 },
  { again: 'key', after: 0 },
  { again: 'session', after: 0 },
  { again: 'library', after: 0 },
  { again: 'library', after: 10 },
  { again: 'library', after: 30 },
  { again: 'library', after: 90 },
] as const;

export class TokenSessions {
  readonly #entry: ClusterEntry;
  readonly #library: Pkcs11Library;
  #login: Login | undefined;
  /** It was waited for in vain: calls do not wait for it before it has been there again. */
  #isAway = false;
  /** A password that the token has refused: it is not asked again, since it counts how often. */
  #refused: Secret | undefined;
  /** The last one that the token took, from the library as it is initialized now. */
  #taken: Secret | undefined;

  constructor(entry: ClusterEntry, library: Pkcs11Library) {
    this.#entry = entry;
    this.#library = library;
  }

  /** @returns the password that is right now: `next`, or the old one where the library cannot change it */
  connect(passwords: readonly Secret[], next: Secret): Promise<Secret> {
    return this.#translating(() =>
      this.#alone(async () => {
        await this.#logOut();
        this.#refused = undefined;
        await this.#initializeAgain();
        const different = passwords.filter((one, at) => !passwords.slice(0, at).some((other) => other.equals(one)));
        const { sessions, password, ...login } = await this.#firstRight(different);
        if (password.equals(next)) return next;
        try {
          await sessions.use((session) => this.#library.setPin(session, this.#pin(password), this.#pin(next)));
        } catch (error) {
          if (error instanceof Pkcs11Error && error.value === CKR.FUNCTION_NOT_SUPPORTED) return password;
          throw error;
        }
        this.#login = { ...login, sessions, password: next };
        this.#taken = next;
        this.#refused = password; // as calls that have begun before will have it
        return next;
      }),
    );
  }

  async #firstRight(passwords: readonly Secret[]): Promise<Login> {
    let refusal: unknown = new HsmError('INVALID_CREDENTIALS', `${this.#entry.clusterId}: no password`);
    for (const password of passwords) {
      try {
        return await this.#logIn(password, { isFresh: true });
      } catch (error) {
        if (!(error instanceof Pkcs11Error) || error.code !== 'INVALID_CREDENTIALS') throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  /** That the token is there; nobody logs in. */
  find(): Promise<void> {
    return this.#translating(() =>
      this.#alone(async () => {
        try {
          await this.#slot();
        } catch (error) {
          if (!mayBeThereAgain(error)) throw error;
          await this.#initializeAgain();
          await this.#slot();
        }
      }),
    );
  }

  /** Of the token. */
  async #slot(): Promise<Handle> {
    if (!this.#library.isInitialized) await this.#initializeAgain();
    return findToken(this.#library, this.#entry);
  }

  disconnect(): Promise<void> {
    return this.#alone(() => this.#logOut());
  }

  /**
   * Works with what is there, and as long as it is dead makes more of it again, unless another call has done so since: calls
   * that fail together log in once.
   */
  use<T>({ password }: TokenUser, work: (session: TokenSession) => Promise<T>): Promise<T> {
    return this.#use({ password, company: 'others' }, work);
  }

  /** As `use`, while no other call uses the library: libraries have defects where objects are made or destroyed beside others. */
  useAlone<T>({ password }: TokenUser, work: (session: TokenSession) => Promise<T>): Promise<T> {
    return this.#use({ password, company: 'none' }, work);
  }

  #use<T>(
    { password, company }: TokenUser & { company: Company },
    work: (session: TokenSession) => Promise<T>,
  ): Promise<T> {
    return this.#translating(async () => {
      let failure: unknown;
      let tried: Login | undefined;
      let { generation } = this.#library;
      for (const { again, after } of ATTEMPTS) {
        if (after > 0 && this.#isAway) break;
        if (after > 0) await pause(after);
        try {
          if (again === 'key') this.#login?.keys.clear();
          if (again === 'session') await this.#alone(async () => this.#login === tried && this.#logOut());
          if (again === 'library') {
            await this.#alone(async () => this.#library.generation === generation && this.#initializeAgain());
          }
          ({ generation } = this.#library);
          const result = await this.#useOnce({ password, company }, (login) => {
            tried = login;
            return login.sessions.use((session) => work({ ...login, session }));
          });
          this.#isAway = false;
          return result;
        } catch (error) {
          if (!mayBeThereAgain(error)) throw error;
          failure = error;
        }
      }
      this.#isAway = true;
      throw failure;
    });
  }

  /** Logs in before, if the user is not. */
  async #useOnce<T>(
    { password, company }: TokenUser & { company: Company },
    work: (login: Login) => Promise<T>,
  ): Promise<T> {
    const attempts = company === 'others' ? MAX_LOGINS : 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const done = await this.#library.lock.read(async () => {
        const login = this.#knownLogin(password);
        return login && { result: await work(login) };
      });
      if (done) return done.result;
      await this.#alone(() => this.#logIn(password));
    }
    return this.#alone(async () => work(await this.#logIn(password)));
  }

  #knownLogin(password: Secret): Login | undefined {
    const { generation } = this.#library;
    return this.#login?.generation === generation && this.#login.password.equals(password) ? this.#login : undefined;
  }

  /** No other call uses the library in the meantime. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#library.lock.write(work);
  }

  /** @param isFresh the password has to be the one of the token, not only that of this process */
  async #logIn(password: Secret, { isFresh = false } = {}): Promise<Login> {
    const known = this.#knownLogin(password);
    if (known) return known;
    if (this.#refused?.equals(password)) {
      throw new HsmError(
        'INVALID_CREDENTIALS',
        `${this.#entry.clusterId}: the token has refused this password before, and is not asked again before the key store is connected`,
      );
    }
    await this.#logOut();
    const slot = await this.#slot();
    const session = await this.#library.openSession(slot);
    try {
      const pin = this.#pin(password);
      const wasLoggedOut = await this.#library.login(session, pin);
      if (!wasLoggedOut && isFresh) {
        // by another key store of this process: that one logs in again
        await this.#library.logout(session);
        await this.#library.login(session, pin);
      }
    } catch (error) {
      await quietly(() => this.#library.closeSession(session));
      if (!(error instanceof Pkcs11Error) || error.code !== 'INVALID_CREDENTIALS') throw error;
      // another process has changed the password: a library that reads it once, as SoftHSM's, still has the one before
      if (!isFresh && this.#taken && !this.#taken.equals(password)) {
        await this.#initializeAgain();
        return this.#logIn(password);
      }
      this.#refused = password;
      throw error;
    }
    this.#taken = password;
    this.#login = {
      password,
      generation: this.#library.generation,
      sessions: new SessionPool(session, () => this.#library.openSession(slot)),
      keys: new Map(),
      ivs: [],
    };
    return this.#login;
  }

  #pin(password: Secret): Uint8Array {
    const { pinFormat } = this.#entry;
    return pinFormat === 'PASSWORD' ? password.expose() : concat(Buffer.from(`${USER}:`), password.expose());
  }

  async #logOut(): Promise<void> {
    const known = this.#login;
    this.#login = undefined;
    if (!known || known.generation !== this.#library.generation) return;
    await quietly(() => known.sessions.use((session) => this.#library.logout(session)));
    await known.sessions.close((session) => quietly(() => this.#library.closeSession(session)));
  }

  /** Libraries read their configuration, and see which tokens there are, when they are initialized. */
  async #initializeAgain(): Promise<void> {
    this.#login = undefined;
    this.#taken = undefined;
    await initialize(this.#library, this.#entry);
  }

  async #translating<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Pkcs11Error) throw error.toHsmError(this.#entry.clusterId);
      throw error;
    }
  }
}

/** What is found again once the library has looked for its tokens again, perhaps. */
const ABSENT: ReadonlySet<HsmErrorCode> = new Set(['KEY_NOT_FOUND', 'CLUSTER_NOT_FOUND', 'INSUFFICIENT_CLOUDHSM_HSMS']);

const mayBeThereAgain = (error: unknown): boolean =>
  error instanceof Pkcs11Error ? error.isDead : error instanceof HsmError && ABSENT.has(error.code);
