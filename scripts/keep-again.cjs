// Loaded before bin/kms.js by the build: the code caches that a call was loaded with get what this call has compiled too.
'use strict';
const { basename, dirname, join } = require('node:path');
const vm = require('node:vm');
const { keepCache } = require('../bin/keep-cache.js');

const version = `${process.version}-${process.arch}`;

vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    if (options.cachedData === undefined) return;
    const file = join(dirname(options.filename), 'cache', version, `${basename(options.filename)}.bin`);
    process.once('exit', () => keepCache(this, file));
  }
};
