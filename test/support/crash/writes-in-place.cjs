// A careless program: it writes a file under its final name, piece by piece.
const { closeSync, openSync, writeSync } = require('node:fs');
const file = openSync('result', 'w');
for (const piece of ['one ', 'two ', 'three']) writeSync(file, piece);
closeSync(file);
