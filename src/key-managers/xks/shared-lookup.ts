/**
 * Look-ups of host names that calls at the same time share. Each takes a thread of the few that Node.js has until the system
 * gives up, long after the call has: without this, the calls to one host whose name servers are down would take them all.
 */
import type { LookupFunction } from 'node:net';

type LookupCallback = Parameters<LookupFunction>[2];

export function sharedLookup(ask: LookupFunction): LookupFunction {
  const waiting = new Map<string, LookupCallback[]>();
  return (host, options, answered) => {
    const question = JSON.stringify([host, options]);
    const known = waiting.get(question);
    if (known) {
      known.push(answered);
      return;
    }
    const all = [answered];
    waiting.set(question, all);
    ask(host, options, (...answer) => {
      waiting.delete(question);
      for (const one of all) one(...answer);
    });
  };
}
