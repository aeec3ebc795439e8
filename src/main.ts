/** The composition root of the command: the real clock, random source, terminal and process. */
import manifest from '../package.json' with { type: 'json' };
import { mayHaveAgent } from './frontends/agent/folder.ts';
import { write } from './frontends/cli/output/stdout.ts';
import { run } from './frontends/cli/run.ts';
import { terminal } from './frontends/cli/terminal.ts';

// An answer that never comes leaves nothing to wait for, and the process would end as if all were well.
process.once('beforeExit', () => {
  process.stderr.write('\nkms: [ERROR]: the command ended without an answer\nhint: this is a defect of kms itself\n');
  process.exit(255);
});

const version = `pocket-kms/${manifest.version} Node.js/${process.versions.node} ${process.platform}/${process.arch}`;
const randomSource = async () => (await import('./crypto/random.ts')).randomSource();

void run({
  argv: process.argv.slice(2),
  env: process.env,
  cwd: currentFolder(),
  home,
  version,
  terminal,
  clock: Date.now,
  write,
  openSession: async (options) => {
    const { openSession } = await import('./runtime/session.ts');
    return openSession({ ...options, random: await randomSource() });
  },
  serve: async (...asked) => (await import('./frontends/http/serve.ts')).serve(...asked),
  serveXksProxy: async (deps, options, trace) =>
    (await import('./frontends/xks-proxy/serve.ts')).serveXksProxy(deps, options, { version, trace }),
  agent: {
    calls: async (options, usual) =>
      mayHaveAgent(process.env)
        ? (await import('./frontends/agent/client.ts')).callsOf(options, { usual, version })
        : undefined,
    control: async (say) =>
      (await import('./frontends/agent/control.ts')).agents({ env: process.env, version, program: ownProgram(), say }),
    run: async () =>
      (await import('./frontends/agent/agent.ts')).runAgent({
        env: process.env,
        version,
        clock: Date.now,
        random: await randomSource(),
      }),
  },
})
  // everything is written synchronously, so there is nothing to wait for; leaving at once saves the teardown
  .then((status) => process.exit(status));

/** Without it no path means anything, and a keyring that is named there is not found. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.stderr.write('\nkms: [ERROR]: the current folder was removed\nhint: cd to a folder that exists\n');
    process.exit(253);
  }
}

/** As os.homedir() has it; node:os is loaded where the variable does not tell. */
function home(): string {
  const { HOME } = process.platform === 'win32' ? {} : process.env;
  return HOME ?? process.getBuiltinModule('node:os').homedir();
}

/** A single executable is its own program. */
function ownProgram(): readonly [string, ...string[]] {
  const { execPath, execArgv, argv } = process;
  return process.getBuiltinModule('node:sea').isSea() ? [execPath] : [execPath, ...execArgv, argv[1]!];
}
