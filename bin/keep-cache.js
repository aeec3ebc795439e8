'use strict';
const fs = require('node:fs');
const path = require('node:path');

/** After a call of the hot path, so that what it used is in the cache too; only where the folder is ours alone (ADR 8). */
exports.keepCache = function keepCache(script, file) {
  try {
    const folder = path.dirname(file);
    const { uid, mode } = fs.statSync(path.join(folder, '../..'));
    if (!process.argv.includes('encrypt') && !process.argv.includes('decrypt')) return;
    if (process.exitCode || uid !== process.geteuid?.() || mode & 0o022) return;
    fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, script.createCachedData(), { mode: 0o644 });
    fs.renameSync(draft, file);
  } catch {
    // a cache is only a cache: without it, everything works the same
  }
};
