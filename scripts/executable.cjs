// The main script of the single executable: loads the code of the command from assets, as bin/kms.js does from files.
'use strict';
const { getAsset, getRawAsset } = require('node:sea');
const vm = require('node:vm');

// In the environment for programs in JavaScript, like NODE_OPTIONS (build-executable.ts)
if (process.env.NODE_V8_COVERAGE) require('node:v8').stopCoverage();

const HOT = 'kms.cjs';
const loaded = new Map();

function load(name) {
  const known = loaded.get(name);
  if (known) return known;
  const module = { exports: {} };
  loaded.set(name, module);
  const wrapper = name === HOT ? hot() : compile(name, wrapped(getAsset(name, 'utf8'))).runInThisContext();
  wrapper(module.exports, requireAsset, module, name, '');
  return module; // and not its exports, which the hot file makes when a chunk asks for them
}

/** Chunks name each other by paths; what is no path is of Node itself. */
const requireAsset = (name) =>
  name.startsWith('.') ? load(name.slice(name.lastIndexOf('/') + 1)).exports : require(name);

/** It is wrapped already, and in ASCII. */
function hot() {
  const code = Buffer.from(getRawAsset(HOT)).latin1Slice();
  return compile(HOT, code, new Uint8Array(getRawAsset('cache'))).runInThisContext();
}

const wrapped = (code) => `(function (exports, require, module, __filename, __dirname) {${code}\n})`;

const compile = (filename, code, cachedData) => new vm.Script(code, { filename, cachedData });

load(HOT);
