/** Whether to prompt for missing parts of a command line: by the option, AWS_CLI_AUTO_PROMPT or the profile. */
import { chooseProfile } from './profile.ts';
import type { Terminal } from './terminal.ts';

/** `on-partial`: only if the line is wrong as it stands. */
export type PromptMode = 'on' | 'on-partial' | 'off';

const MODES: readonly PromptMode[] = ['on', 'on-partial', 'off'];
/** Words that disable prompts, as in the AWS CLI. */
const NEVER: ReadonlySet<string> = new Set(['--no-cli-auto-prompt', '--version', '--help', 'help']);

export interface PromptOptions {
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  readonly home: () => string;
  readonly terminal: Pick<Terminal, 'isTerminal'>;
}

export function promptMode({ argv, env, home, terminal }: PromptOptions): PromptMode {
  if (argv.some((word) => NEVER.has(word))) return 'off';
  const isAsked = argv.includes('--cli-auto-prompt');
  const chosen = isAsked ? 'on' : (env['AWS_CLI_AUTO_PROMPT'] ?? ofProfile({ argv, env, home }));
  const mode = MODES.find((known) => known === chosen) ?? 'off';
  // last, because it may load node:tty
  return mode !== 'off' && terminal.isTerminal(0) && terminal.isTerminal(2) ? mode : 'off';
}

/** A profile that does not exist is reported later, by the call. */
function ofProfile({ argv, env, home }: Omit<PromptOptions, 'terminal'>): string | undefined {
  const at = argv.indexOf('--profile');
  try {
    return chooseProfile(at === -1 ? undefined : argv[at + 1], { env, home: home() }).cli_auto_prompt;
  } catch {
    return undefined;
  }
}
