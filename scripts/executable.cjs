// The main script of the single executable: loads the code of the command from assets, as bin/kms.js does from files.
'use strict';
const { getRawAsset } = require('node:sea');
const vm = require('node:vm');

// In the environment for programs in JavaScript, like NODE_OPTIONS (build-executable.ts)
if (process.env.NODE_V8_COVERAGE) require('node:v8').stopCoverage();

const loaded = new Map();

/** All files are wrapped, and in ASCII; the hot ones have a code cache. */
function load(name) {
  const known = loaded.get(name);
  if (known) return known;
  const module = { exports: {} };
  loaded.set(name, module);
  const code = Buffer.from(getRawAsset(name)).latin1Slice();
  const script = new vm.Script(code, { filename: name, cachedData: cacheOf(name) });
  script.runInThisContext()(module.exports, requireAsset, module, name, '');
  return module; // and not its exports, which a hot file makes when they are asked for
}

function cacheOf(name) {
  try {
    return new Uint8Array(getRawAsset(`${name}.bin`));
  } catch (error) {
    if (error.code !== 'ERR_SINGLE_EXECUTABLE_APPLICATION_ASSET_NOT_FOUND') throw error;
  }
}

/** Files name each other by paths; what is no path is of Node itself. */
function requireAsset(name) {
  if (!name.startsWith('.')) return require(name);
  const own = load(name.slice(name.lastIndexOf('/') + 1));
  return name.startsWith('../') ? own.all() : own.exports; // of a hot file, for a chunk
}

load('kms.cjs');
