/** The types of local commands: each gets the capabilities that it declares, and what it answers decides its exit status. */
import { expectTypeOf, test } from 'vitest';
import { boolean, structure } from '../../src/model/shape.ts';
import { auditLookupEvents } from '../../src/commands/audit/audit.ts';
import type { CommandDeps } from '../../src/commands/command-deps.ts';
import { localCommand } from '../../src/commands/command/local-command.ts';
import { status } from '../../src/commands/keyring/status.ts';
import { serve } from '../../src/commands/serve/serve.ts';
import type { Clock, KeyringAccess } from '../../src/runtime/capabilities.ts';

const nothing = { name: 'Test', command: 'test', input: structure({}) };

test('a command can reach nothing that it has not declared', () => {
  expectTypeOf<keyof Parameters<typeof auditLookupEvents.run>[1]>().toEqualTypeOf<'auditLog'>();
  expectTypeOf<keyof Parameters<typeof status.run>[1]>().toEqualTypeOf<'place' | 'openUnattended' | 'trust'>();
  expectTypeOf<keyof Parameters<typeof serve.run>[1]>().toEqualTypeOf<'serve'>();
  localCommand({
    ...nothing,
    output: structure({}),
    async run(_, session: Clock) {
      session.clock();
      // @ts-expect-error -- it has declared the clock alone
      await session.open();
      return {};
    },
  });
  localCommand({
    ...nothing,
    output: structure({}),
    async run(_, session) {
      // @ts-expect-error -- it has declared nothing
      session.clock();
      return {};
    },
  });
});

test('a frontend offers what all of them need', () => {
  expectTypeOf<CommandDeps>().toExtend<KeyringAccess & Clock>();
});

test('the exit status is a function of the answer of the command and its output', () => {
  localCommand({
    ...nothing,
    output: structure({ Valid: boolean }),
    run: async () => ({ Valid: true, status: 1 }),
    exit: ({ status: code }) => code,
  });
  localCommand({
    ...nothing,
    output: structure({ Valid: boolean }),
    run: async () => ({ Valid: true }),
    // @ts-expect-error -- it answers no status
    exit: ({ status: code }) => code,
  });
});
