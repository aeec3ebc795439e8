/** The table of tools that every mouth can offer. */
import type { AnyTool } from '../tool.ts';
import { auditLookupEvents, auditRestart, auditTail, auditVerify } from './audit.ts';
import { getCallerIdentity } from './caller.ts';
import { addSlot, backup, changePassphrase, init, rekey, removeSlot, restore, status, verify } from './keyring.ts';

export const TOOLS: readonly AnyTool[] = [
  init,
  status,
  addSlot,
  removeSlot,
  changePassphrase,
  rekey,
  verify,
  backup,
  restore,
  auditVerify,
  auditTail,
  auditLookupEvents,
  auditRestart,
  getCallerIdentity,
];
