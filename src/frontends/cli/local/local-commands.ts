/** Our own commands: those of every frontend, and those that read and print as a command line does. */
import type { AnyLocalCommand } from '../../../commands/command-deps.ts';
import { SHARED_COMMANDS } from '../../../commands/index.ts';
import { batch } from './batch.ts';
import { shim, shimInstall } from './shim.ts';

export const LOCAL_COMMANDS: readonly AnyLocalCommand[] = [...SHARED_COMMANDS, batch, shim, shimInstall];
