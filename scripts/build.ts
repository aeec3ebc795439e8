/** Builds dist/: the command and the library, from src/. */
import { rmSync } from 'node:fs';
import { buildLibrary } from './build-library.ts';
import { bundleCommand } from './bundle.ts';
import { hotCalls } from './hot-call.ts';
import { root } from './root.ts';

rmSync(root('dist'), { recursive: true, force: true });
await bundleCommand({ folder: root('dist'), libraries: 'external' });
await buildLibrary();
hotCalls(root('bin/kms.js'));
