/**
 * PKCS#11 tokens for tests, in temporary folders: SoftHSM, NSS softoken, and either of them behind a library that fails on
 * request (fault.c).
 *
 *     const token = softHsmToken(folder());          // or TOKENS.NSS(folder())
 *     token.addOptions                               // of `kms hsm add CLUSTER-ID`: --module, --token, --module-arguments
 *     token.password                                 // that a key store is created with
 *     token.pkcs11Tool(['--list-objects'], password) // what pkcs11-tool prints of it
 *
 * The process that loads the library must have `token.env` in its environment, since the library reads it itself: give it to
 * execa, or in a shell session `export` it before `kms`. vitest runs tests in threads, whose process.env is a copy that C code
 * does not see: there, let `kms` or the token process (tokens-in-processes.ts), which have it as theirs, load the library.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Debian's packages softhsm2 and libnss3, and where other systems have these. */
const SOFTHSM = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64/pkcs11', '/usr/lib'].flatMap(
  (folder) => [`${folder}/softhsm/libsofthsm2.so`, `${folder}/libsofthsm2.so`],
);
const NSS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'].map(
  (folder) => `${folder}/libsoftokn3.so`,
);

export interface TestToken {
  readonly module: string;
  readonly label: string;
  readonly moduleArguments: string | undefined;
  readonly password: string;
  readonly env: { readonly [name: string]: string };
  readonly addOptions: readonly string[];
  readonly pkcs11Tool: (args: readonly string[], password?: string) => string;
  /** Takes the token away, until it is put back. */
  readonly remove: () => void;
  readonly putBack: () => void;
}

/** Of the security officer. */
const SO_PIN = '12345678';

const installed = (paths: readonly string[]): string => {
  const path = paths.find((one) => existsSync(one));
  if (path === undefined) throw new Error(`none of these is installed: ${paths.join(', ')}`);
  return path;
};

interface Wanted {
  readonly label?: string;
  readonly password?: string;
  /** Whether the user has a PIN; without, it is the first token of the folder. */
  readonly hasUser?: boolean;
}

/** @param folder for its configuration and tokens, which it may have already */
export function softHsmToken(
  folder: string,
  { label = 'experiments', password = 'kmsPswd1', hasUser = true }: Wanted = {},
): TestToken {
  const [tokens, configuration] = [join(folder, 'tokens'), join(folder, 'softhsm2.conf')];
  mkdirSync(tokens, { recursive: true });
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const token = testToken({
    module: installed(SOFTHSM),
    label,
    password,
    tokens,
    env: { SOFTHSM2_CONF: configuration },
  });
  const env = { ...process.env, ...token.env };
  const pin = ['--so-pin', SO_PIN, '--pin', password];
  if (hasUser) execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, ...pin], { env });
  else token.pkcs11Tool(['--slot-index', '0', '--init-token', '--label', label, '--so-pin', SO_PIN]);
  return token;
}

/** The certificate database of NSS, in a folder of its own. */
function nssToken(folder: string, { password = 'kmsPswd1' }: Pick<Wanted, 'password'> = {}): TestToken {
  const tokens = join(folder, 'nss');
  mkdirSync(tokens, { recursive: true });
  const file = join(folder, 'password');
  writeFileSync(file, `${password}\n`);
  execFileSync('certutil', ['-N', '-d', `sql:${tokens}`, '-f', file]);
  rmSync(file);
  return testToken({
    module: installed(NSS),
    label: 'NSS Certificate DB',
    moduleArguments: `configdir='sql:${tokens}' certPrefix='' keyPrefix='' secmod='secmod.db' flags=`,
    password,
    tokens,
    env: {},
  });
}

export const TOKENS = { SoftHSM: softHsmToken, NSS: nssToken } as const;

interface FaultyToken extends TestToken {
  /** Lines as fault.c has them; none: it does as the real one. */
  readonly faults: (...lines: readonly string[]) => void;
  /** How often a function of the library has returned CKR_OK and something else, in all processes. */
  readonly counts: (of: keyof typeof PLACES) => { readonly ok: number; readonly failed: number };
}

/** In CK_FUNCTION_LIST. */
const PLACES = { C_OpenSession: 12, C_CloseSession: 13, C_Login: 18 } as const;

/** The token behind a library that fails on request. */
export function faultyToken(folder: string, real: TestToken): FaultyToken {
  const module = buildFaultLibrary(folder);
  const file = join(folder, 'faults');
  const counted = join(folder, 'counts');
  const env = { ...real.env, PKCS11_REAL: real.module, PKCS11_FAULTS: file, PKCS11_COUNTS: counted };
  const counts: FaultyToken['counts'] = (of) => {
    const bytes = readFileSync(counted);
    const at = (index: number): number => Number(bytes.readBigUInt64LE((2 * PLACES[of] + index) * 8));
    return { ok: at(0), failed: at(1) };
  };
  const faults = (...lines: readonly string[]): void => writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  faults();
  return { ...real, module, env, faults, counts, addOptions: optionsOf({ ...real, module }) };
}

function buildFaultLibrary(folder: string): string {
  const module = join(folder, 'libfault.so');
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', module, join(import.meta.dirname, 'fault.c'), '-ldl']);
  chmodSync(module, 0o644);
  return module;
}

const optionsOf = ({ module, label, moduleArguments }: Pick<TestToken, 'module' | 'label' | 'moduleArguments'>) => [
  '--module',
  module,
  '--token',
  label,
  ...(moduleArguments === undefined ? [] : ['--module-arguments', moduleArguments]),
];

interface TokenParts extends Pick<TestToken, 'module' | 'label' | 'password' | 'env'> {
  readonly moduleArguments?: string;
  readonly tokens: string;
}

function testToken({ tokens, moduleArguments, ...token }: TokenParts): TestToken {
  return {
    ...token,
    moduleArguments,
    addOptions: optionsOf({ ...token, moduleArguments }),
    pkcs11Tool(args, password) {
      const pin = password === undefined ? [] : ['--token-label', token.label, '--login', '--pin', password];
      const passed = moduleArguments !== undefined && {
        module: buildFaultLibrary(dirname(tokens)),
        env: { PKCS11_REAL: token.module, PKCS11_ARGUMENTS: moduleArguments },
      };
      const { module, env } = { ...token, ...passed };
      return execFileSync('pkcs11-tool', ['--module', module, ...args, ...pin], {
        env: { ...process.env, ...env },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    },
    remove: () => renameSync(tokens, `${tokens}.away`),
    putBack: () => renameSync(`${tokens}.away`, tokens),
  };
}
