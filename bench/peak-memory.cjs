// Preloaded into a measured process: tells its largest resident set (KiB) on stderr when it ends.
'use strict';
process.on('exit', () => {
  const fs = require('node:fs');
  const { maxRSS } = process.resourceUsage();
  let peak = maxRSS;
  try {
    // maxRSS has that of the process that started this one, too (getrusage(2): it is kept across execve)
    peak = /^VmHWM:\s*(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1];
  } catch {
    // not Linux
  }
  fs.writeSync(2, `\nmaxRSS ${peak}\n`);
});
