// A careless kms: it answers before it does what it was asked for. The crash tests must find that out.
require('node:fs').writeSync(1, '{"KeyMetadata": {}}');
require('../../../bin/kms.js');
