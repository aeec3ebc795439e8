/** The table of tools that every mouth can offer. */
import type { AnyTool } from '../tool.ts';
import { assumeRoleTool, createAccessKey, deleteAccessKey, listAccessKeys } from './access-keys.ts';
import { apply } from './apply.ts';
import { auditLookupEvents, auditRestart, auditTail, auditVerify } from './audit.ts';
import { getCallerIdentity } from './caller.ts';
import { clock, clockAdvance } from './clock.ts';
import { explainAccess, whatCan, whoCan } from './explain.ts';
import { deleteIdentityTool, getIdentityTool, listIdentitiesTool, putIdentityTool } from './identity.ts';
import { lintTool, policyFormat } from './lint.ts';
import { addSlot, backup, changePassphrase, init, rekey, removeSlot, restore, status, verify } from './keyring.ts';
import { serve } from './serve.ts';
import { disableSignatureVerification, enableSignatureVerification } from './signature-verification.ts';
import { deleteOrganizationTool, getOrganizationTool, putOrganizationTool } from './organization.ts';
import { trust } from './trust.ts';
import { policyCheck, policyDiff, policyGenerate } from './policy.ts';

export const TOOLS: readonly AnyTool[] = [
  init,
  status,
  trust,
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
  putIdentityTool,
  getIdentityTool,
  listIdentitiesTool,
  deleteIdentityTool,
  putOrganizationTool,
  getOrganizationTool,
  deleteOrganizationTool,
  explainAccess,
  whoCan,
  whatCan,
  policyCheck,
  policyDiff,
  policyGenerate,
  policyFormat,
  lintTool,
  clock,
  clockAdvance,
  serve,
  apply,
  createAccessKey,
  listAccessKeys,
  deleteAccessKey,
  enableSignatureVerification,
  disableSignatureVerification,
  assumeRoleTool,
];
