#!/usr/bin/env node
// Old syntax on purpose: an old node must get as far as the message.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 24 || (version[0] === 24 && version[1] < 7)) {
  process.stderr.write('kms: node 24.7 or newer is needed, this is node ' + process.versions.node + ' (' + process.execPath + ')\n');
  process.exit(253);
}
require('../dist/kms.cjs');
