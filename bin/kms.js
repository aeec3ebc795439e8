#!/usr/bin/env node
// Old syntax on purpose: an old node must get as far as the message.
'use strict';
// The lowest SQLite that is safe with files of others (src/keyring/sqlite-store.ts): every node that has it will do.
var lowest = [3, 53, 3];
var sqlite = String(process.versions.sqlite || '0').split('.');
var difference = 0;
for (var at = 0; at < lowest.length && difference === 0; at += 1) difference = Number(sqlite[at] || 0) - lowest[at];
if (difference < 0 || Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'kms: node 24.19, or 26.5, or newer is needed, with SQLite ' +
      lowest.join('.') +
      ' or newer; this is node ' +
      process.versions.node +
      ' with SQLite ' +
      (process.versions.sqlite || 'none') +
      ' (' +
      process.execPath +
      ')\n' +
      'hint: https://nodejs.org/en/download has one, as have version managers: nvm install 26\n' +
      'hint: in a checkout of pocket-kms, npm run build:executable makes a kms that needs no node\n',
  );
  process.exit(253);
}
// what a tool measures is not this program, and a report of it would be written to a file
if (process.env.NODE_V8_COVERAGE) require('node:v8').stopCoverage();
if (process.argv[2] === '--version') {
  // nothing else is loaded for it; the command line knows it too, in other places of the line
  var text = 'pocket-kms/' + require('../package.json').version + ' Node.js/' + process.versions.node;
  try {
    require('node:fs').writeSync(1, text + ' ' + process.platform + '/' + process.arch + '\n');
  } catch (error) {
    if (error.code !== 'EPIPE') {
      var reason = error.code === 'ENOSPC' ? 'cannot be written: the disk is full' : 'cannot be used: ' + error.message;
      process.stderr.write('\nkms: [ERROR]: standard output ' + reason + '\n');
      process.exitCode = 255;
    }
  }
} else {
  load();
}

// Loads dist/kms.cjs with V8's code cache, which saves compiling it anew in every process (ADR 8). Here, since each file
// that is loaded takes half a millisecond.
function load() {
  var fs = require('node:fs');
  var Module = require('node:module').Module;
  var vm = require('node:vm');
  // texts, not node:path: its first use in a process costs more than a millisecond
  var dist = __dirname.slice(0, -'bin'.length) + 'dist';
  var file = dist + '/kms.cjs';
  // Beside the code, never in a folder that others can write: who can change the cache can change the code anyway.
  var cache = dist + '/cache/' + process.version + '-' + process.arch + '.bin';
  var cachedData;
  try {
    cachedData = fs.readFileSync(cache);
  } catch (error) {
    if (!error.code) throw error; // else there is none, or it cannot be read
  }
  var script = new vm.Script(fs.readFileSync(file, 'latin1'), {
    filename: file,
    cachedData: cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // V8 refuses a cache of another version or of other code; then it is compiled as usual
  if (!cachedData || script.cachedDataRejected) {
    process.once('exit', function () {
      require('./keep-cache.js').keepCache(script, cache, dist);
    });
  }
  var main = new Module(file, module);
  main.filename = file;
  main.paths = module.paths;
  require.cache[file] = main; // what chunks require is this one
  // not createRequire(), which would resolve the path of a second module
  var requireFrom = function (id) {
    return main.require(id);
  };
  script.runInThisContext()(main.exports, requireFrom, main, file, dist);
  main.loaded = true;
}
