/** What tokens are asked, as plain data, which can go to another process. */
import { Secret } from '../../../crypto/secret.ts';
import type { ClusterEntry } from '../cluster-entry.ts';
import type { BackingKeyName, HsmCiphertext } from '../hsm.ts';
import type { Pkcs11Token } from './token.ts';

interface UserInput {
  readonly password: Uint8Array;
}
interface KeyInput extends UserInput {
  readonly label: string;
}

export interface TokenCalls {
  connect: { input: { readonly passwords: readonly Uint8Array[]; readonly next: Uint8Array }; output: Uint8Array };
  find: { input: object; output: void };
  disconnect: { input: object; output: void };
  createKey: { input: KeyInput; output: BackingKeyName };
  encrypt: {
    input: KeyInput & { readonly plaintext: Uint8Array; readonly aad: Uint8Array };
    output: HsmCiphertext;
  };
  decrypt: { input: KeyInput & HsmCiphertext & { readonly aad: Uint8Array }; output: Uint8Array | undefined };
  random: { input: UserInput & { readonly size: number }; output: Uint8Array };
  findKeys: { input: KeyInput; output: readonly BackingKeyName[] };
  destroyKeys: { input: KeyInput; output: void };
}
export type TokenCallName = keyof TokenCalls;

/** Makes calls of the tokens of clusters. */
export interface Tokens {
  call<N extends TokenCallName>(
    entry: ClusterEntry,
    name: N,
    input: TokenCalls[N]['input'],
  ): Promise<TokenCalls[N]['output']>;
  close(): Promise<void>;
}

const user = <T extends UserInput>({ password, ...rest }: T) => ({ ...rest, password: new Secret(password) });

const ANSWERS: {
  readonly [N in TokenCallName]: (
    token: Pkcs11Token,
    input: TokenCalls[N]['input'],
  ) => Promise<TokenCalls[N]['output']>;
} = {
  async connect(token, { passwords, next }) {
    const secrets = passwords.map((password) => new Secret(password));
    return (await token.connect(secrets, new Secret(next))).expose();
  },
  find: (token) => token.find(),
  disconnect: (token) => token.disconnect(),
  createKey: (token, input) => token.createKey(user(input)),
  encrypt: (token, { plaintext, aad, ...key }) => token.encrypt(user(key), { plaintext, aad }),
  decrypt: (token, { iv, ciphertext, tag, aad, ...key }) => token.decrypt(user(key), { iv, ciphertext, tag, aad }),
  random: (token, { size, ...one }) => token.random(user(one), size),
  findKeys: (token, input) => token.findKeys(user(input)),
  destroyKeys: (token, input) => token.destroyKeys(user(input)),
};

export const answerOf = <N extends TokenCallName>(
  token: Pkcs11Token,
  name: N,
  input: TokenCalls[N]['input'],
): Promise<TokenCalls[N]['output']> => ANSWERS[name](token, input);
