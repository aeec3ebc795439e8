#!/usr/bin/env node
// Old syntax on purpose: an old node must get as far as the message.
'use strict';
var version = process.versions.node.split('.').map(Number);
if (version[0] < 24 || (version[0] === 24 && version[1] < 7)) {
  process.stderr.write(
    'kms: node 24.7 or newer is needed, this is node ' + process.versions.node + ' (' + process.execPath + ')\n',
  );
  process.exit(253);
}
if (process.argv[2] === '--version') {
  // nothing else is loaded for it; the command line knows it too, in other places of the line
  var text = 'pocket-kms/' + require('../package.json').version + ' Node.js/' + process.versions.node;
  require('node:fs').writeSync(1, text + ' ' + process.platform + '/' + process.arch + '\n');
} else {
  require('./load.js');
}
