/** Our own commands: those of every frontend, and those that know how command lines are written. */
import type { AnyLocalCommand } from '../../../commands/command-deps.ts';
import { SHARED_COMMANDS } from '../../../commands/index.ts';
import { shim, shimInstall } from './shim.ts';

export const LOCAL_COMMANDS: readonly AnyLocalCommand[] = [...SHARED_COMMANDS, shim, shimInstall];
