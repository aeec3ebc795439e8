/** The options of a session, from the process, the global options and the profile. */
import { readFileSync } from 'node:fs';
import { rootArn } from '../../model/principal-arn.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import { REQUEST_OPTIONS, type GlobalValues, type RequestOption } from './input/global-option.ts';
import type { CliSessionOptions, Process } from './process.ts';
import type { Profile } from '../../commands/configure/profiles.ts';
import { sayTo } from './say.ts';

interface Chosen {
  readonly globals: GlobalValues;
  readonly profile: Profile;
  readonly region: string | undefined;
  /** The caller and the request attributes of the global options. */
  readonly requestOptions: Partial<SessionOptions>;
}

export function sessionOptionsOf(process: Process, chosen: Chosen): CliSessionOptions {
  const { globals, profile, region, requestOptions } = chosen;
  const { env, cwd, clock, terminal } = process;
  const say = sayTo(process, globals);
  return {
    env,
    cwd,
    home: process.home(),
    named: globals.keyring,
    keyFile: globals.keyFile,
    passphraseFile: globals.passphraseFile,
    passphraseFd: globals.passphraseFd === undefined ? undefined : Number(globals.passphraseFd),
    principal: profile.principal ?? (profile.account && rootArn(profile.account)),
    sessionTags: profile.session_tags,
    ...requestOptions,
    region,
    userAgent: process.version,
    clock,
    ask: () => (terminal.isTerminal(0) && terminal.isTerminal(2) ? terminal.prompts : undefined),
    note: (line) => {
      if (terminal.isTerminal(2)) say(line);
    },
  };
}

/** Loaded only if one of these options is there. */
export async function readRequestOptions(
  { env, home }: Process,
  globals: GlobalValues,
): Promise<Partial<SessionOptions>> {
  if (!Object.keys(REQUEST_OPTIONS).some((option) => globals[option as RequestOption] !== undefined)) return {};
  const { requestOptionsOf } = await import('./request-options.ts');
  return requestOptionsOf(globals, { env, home, readFile: (path) => readFileSync(path) });
}
