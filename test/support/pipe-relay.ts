/**
 * What comes through the one pipe goes to stdout, stdin goes to the other: `node test/support/pipe-relay.ts FROM TO`. A
 * process, since a thread of a test closes files that are handed to a socket once more.
 */
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

const [, , from, to] = process.argv;
const output = new Socket({ fd: openSync(to!, 'r+'), readable: false });
const input = new Socket({ fd: openSync(from!, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
input.pipe(process.stdout);
process.stdin.on('data', (bytes) => output.write(bytes));
process.stdin.on('end', () => process.exit(0));
