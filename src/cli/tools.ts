/** The tools that only a command line has: profiles, the shim, env files, waiting. */
import type { AnyTool } from '../operations/tool.ts';
import { batch } from './batch.ts';
import { configureTools, type Where } from './configure.ts';
import { envTools } from './env.ts';
import { envelopeTools } from './envelope.ts';
import { shimTools } from './shim.ts';
import { wait } from './wait.ts';

export const commandLineTools = (where: Where): readonly AnyTool[] => [
  ...configureTools(where),
  ...shimTools,
  ...envTools,
  ...envelopeTools,
  batch,
  wait,
];
