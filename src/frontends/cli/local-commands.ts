/** The tools that only a command line has: profiles, the shim, env files, waiting. */
import type { AnyLocalCommand } from '../../commands/command-deps.ts';
import { batch } from './batch.ts';
import { configureTools, type Where } from './configure.ts';
import { envTools } from './env.ts';
import { envelopeTools } from './envelope.ts';
import { quickstartTool, type Tour } from './quickstart.ts';
import { shimTools } from './shim.ts';
import { wait } from './wait.ts';

/** @param tour of `kms quickstart`; absent where commands are only listed */
export const localCommands = (where: Where, tour?: Tour): readonly AnyLocalCommand[] => [
  ...configureTools(where),
  ...shimTools,
  ...envTools,
  ...envelopeTools,
  batch,
  quickstartTool(tour),
  wait,
];
