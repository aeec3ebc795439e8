// Loads dist/kms.cjs with V8's code cache, which saves compiling it anew in every process (ADR 8).
'use strict';
const fs = require('node:fs');
const { Module } = require('node:module');
const vm = require('node:vm');

// texts, not node:path: its first use in a process costs more than a millisecond
const dist = `${__dirname.slice(0, -'bin'.length)}dist`;
const file = `${dist}/kms.cjs`;
// Beside the code, never in a folder that others can write: who can change the cache can change the code anyway.
const cache = `${dist}/cache/${process.version}-${process.arch}.bin`;

const cachedData = read(cache);
const script = new vm.Script(fs.readFileSync(file, 'latin1'), {
  filename: file,
  cachedData,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
// V8 refuses a cache of another version or of other code; then it is compiled as usual
if (!cachedData || script.cachedDataRejected) process.once('exit', keep);

const main = new Module(file, module);
main.filename = file;
main.paths = module.paths;
require.cache[file] = main; // what chunks require is this one
// not createRequire(), which would resolve the path of a second module
script.runInThisContext()(main.exports, (id) => main.require(id), main, file, dist);
main.loaded = true;

function read(name) {
  try {
    return fs.readFileSync(name);
  } catch {
    return undefined;
  }
}

/** After a call of the hot path, so that what it used is in the cache too; only where the folder is ours alone. */
function keep() {
  try {
    const { uid, mode } = fs.statSync(dist);
    if (!process.argv.includes('encrypt') && !process.argv.includes('decrypt')) return;
    if (process.exitCode || uid !== process.geteuid?.() || mode & 0o022) return;
    fs.mkdirSync(`${dist}/cache`, { recursive: true, mode: 0o755 });
    const draft = `${cache}.${process.pid}`;
    fs.writeFileSync(draft, script.createCachedData(), { mode: 0o644 });
    fs.renameSync(draft, cache);
  } catch {
    // a cache is only a cache: without it, everything works the same
  }
}
