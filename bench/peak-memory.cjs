// Preloaded into a measured process: tells its largest resident set (KiB) on stderr when it ends.
'use strict';
process.on('exit', () => require('node:fs').writeSync(2, `\nmaxRSS ${process.resourceUsage().maxRSS}\n`));
