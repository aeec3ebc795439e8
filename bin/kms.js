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

// Loads dist/kms.cjs, and what it requires of the folder: the hot files, which are in dist/ itself, with V8's code cache,
// which saves compiling them anew in every process (ADR 8). Here, since each file that is loaded by Node takes half a
// millisecond.
function load() {
  // not require(), which makes an ES module of each of them as well
  var builtin = process.getBuiltinModule;
  var fs = builtin('node:fs');
  var vm = builtin('node:vm');
  // texts, not node:path: its first use in a process costs more than a millisecond
  var dist = __dirname.slice(0, -'bin'.length) + 'dist';
  // Beside the code, never in a folder that others can write: who can change the cache can change the code anyway.
  var cache = dist + '/cache/' + process.version + '-' + process.arch;
  var loaded = Object.create(null);
  // Imports of files that are loaded so have a warning of their own: that this is experimental is not for users.
  var emitWarning = process.emitWarning;
  process.emitWarning = function (warning) {
    if (String(warning).indexOf('vm.USE_MAIN_CONTEXT_DEFAULT_LOADER') === -1) emitWarning.apply(process, arguments);
  };

  function cacheOf(name) {
    try {
      return fs.readFileSync(cache + name + '.bin');
    } catch (error) {
      if (!error.code) throw error; // else there is none, or it cannot be read
    }
  }
  function requireFile(folder, name) {
    var file = folder + name;
    if (loaded[file]) return loaded[file];
    var own = { exports: {} };
    loaded[file] = own;
    var isHot = folder === dist;
    var cachedData = isHot ? cacheOf(name) : undefined;
    var script = new vm.Script(fs.readFileSync(file, 'latin1'), {
      filename: file,
      cachedData: cachedData,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    // V8 refuses a cache of another version or of other code; then it is compiled as usual
    if (isHot && (!cachedData || script.cachedDataRejected)) keepCache(script, cache + name + '.bin');
    script.runInThisContext()(own.exports, requireIn(folder), own, file, folder);
    return own; // and not its exports, which a hot file makes when they are asked for
  }
  function requireIn(folder) {
    return function (id) {
      if (id[0] !== '.') return builtin(id) || require(id);
      if (id[1] === '.') return requireFile(dist, id.slice(2)).all(); // of a hot file, for a chunk
      var at = id.lastIndexOf('/');
      return requireFile(folder + id.slice(1, at), id.slice(at)).exports;
    };
  }
  function keepCache(script, file) {
    process.once('exit', function () {
      require('./keep-cache.js').keepCache(script, file);
    });
  }
  requireFile(dist, '/kms.cjs');
}
