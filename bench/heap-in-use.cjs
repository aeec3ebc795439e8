// Preloaded with --expose-gc: writes the bytes of the heap that are in use after a collection to descriptor 3, every few seconds.
'use strict';
const { isMainThread } = require('node:worker_threads');
const { writeSync } = require('node:fs');

const INTERVAL_MS = 2_000;

function tell() {
  globalThis.gc();
  writeSync(3, `${process.memoryUsage().heapUsed}\n`);
}

if (isMainThread) setInterval(tell, INTERVAL_MS).unref();
