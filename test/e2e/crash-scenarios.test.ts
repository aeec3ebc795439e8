/** Which local commands are killed and lose power in the crash tests: each that writes. */
import { expect, test } from 'vitest';
import { LOCAL_COMMANDS } from '../../src/commands/index.ts';
import { SCENARIOS } from '../support/crash/scenarios.ts';

/** Commands that only read, or that write nothing but what the program or the calls in them write. */
const WITHOUT_SCENARIO = new Set([
  'agent status',
  'attestation inspect',
  'attestation trust-root list',
  'audit lookup-events',
  'audit tail',
  'audit verify',
  'clock',
  'configure', // asks on a terminal for what `configure set` writes
  'configure get',
  'configure list',
  'env exec',
  'env export',
  'env get',
  'env list',
  'explain-access',
  'get-caller-identity',
  'hsm list',
  'hsm status',
  'identity get',
  'identity list',
  'identity list-access-keys',
  'identity-provider get',
  'identity-provider list',
  'keyring status',
  'keyring verify',
  'lock',
  'ls',
  'organization get',
  'organization list',
  'policy check',
  'policy diff',
  'policy generate',
  'quickstart', // in a keyring in memory
  'settings get',
  'settings list',
  'show',
  'shim', // prints what `shim install` writes
  'unlock', // writes below XDG_RUNTIME_DIR, which no power cut survives; killed agents: test/e2e/agent.test.ts
  'vpc-endpoint get',
  'vpc-endpoint list',
  'wait',
  'what-can',
  'who-can',
  'xks list',
  'xks status',
  'xks-proxy', // writes nothing but what the calls in it write
]);

const commands = LOCAL_COMMANDS.map(({ command }) => command);
const commandOf = (args: readonly string[]): string | undefined =>
  commands
    .filter((command) => command.split(' ').every((word, at) => args[at] === word))
    .toSorted((a, b) => b.length - a.length)[0];

test('every local command has a scenario, or is listed as one that needs none', () => {
  const played = new Set(SCENARIOS.flatMap(({ args, script }) => (script ? [] : (commandOf(args) ?? []))));
  expect([...played].filter((command) => WITHOUT_SCENARIO.has(command))).toEqual([]);
  expect([...played, ...WITHOUT_SCENARIO].toSorted()).toEqual(commands.toSorted());
});
