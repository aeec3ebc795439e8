/** The table of local commands. */
import type { AnyLocalCommand } from './command-deps.ts';
import { agentStatus, lock, unlock } from './agent/agent.ts';
import { mintDocument } from './attestation/document.ts';
import { inspect } from './attestation/inspect.ts';
import { addTrustRoot, listTrustRoots, removeTrustRoot } from './attestation/trust-roots.ts';
import { batch } from './batch/batch.ts';
import { configure, configureGet, configureList, configureSet } from './configure/configure.ts';
import { envRewrap, envSet, envUnset } from './env/change.ts';
import { envEdit } from './env/edit.ts';
import { envExec } from './env/exec.ts';
import { envExport, envGet, envList } from './env/read.ts';
import { envelopeDecrypt, envelopeEncrypt } from './envelope/envelope.ts';
import { open, seal } from './envelope/seal.ts';
import { quickstart } from './quickstart/quickstart.ts';
import { wait } from './wait/wait.ts';
import { assumeRoleCommand, createAccessKey, deleteAccessKey, listAccessKeys } from './identities/access-keys.ts';
import { apply } from './apply/apply.ts';
import { auditLookupEvents, auditRestart, auditVerify } from './audit/audit.ts';
import { auditRotate } from './audit/rotate.ts';
import { auditTail } from './audit/tail.ts';
import { getCallerIdentity } from './identities/caller.ts';
import { clock, clockAdvance } from './keyring/clock.ts';
import { explainAccess } from './access/explain-access.ts';
import { whatCan } from './access/what-can.ts';
import { whoCan } from './access/who-can.ts';
import {
  deleteIdentityCommand,
  getIdentityCommand,
  listIdentitiesCommand,
  putIdentityCommand,
} from './identities/identity.ts';
import { policyFormat } from './lint/format.ts';
import { ls } from './keys/ls.ts';
import { show } from './keys/show.ts';
import { lintCommand } from './lint/lint.ts';
import { backup, restore } from './keyring/backup.ts';
import { init } from './keyring/init.ts';
import { rekey } from './keyring/rekey.ts';
import { addSlot, changePassphrase, removeSlot } from './keyring/slots.ts';
import { settingsGet, settingsList, settingsPut } from './keyring/settings.ts';
import { status } from './keyring/status.ts';
import { verify } from './keyring/verify.ts';
import { shim, shimInstall } from './shim/shim.ts';
import { serve } from './serve/serve.ts';
import { xksProxy } from './xks-proxy/xks-proxy.ts';
import { disableSignatureVerification, enableSignatureVerification } from './identities/signature-verification.ts';
import {
  deleteOrganizationCommand,
  getOrganizationCommand,
  listOrganizationsCommand,
  putOrganizationCommand,
} from './identities/organization.ts';
import { deleteProvider, getProvider, listProviders, putProvider } from './identities/identity-provider.ts';
import { deleteEndpoint, getEndpoint, listEndpoints, putEndpoint } from './identities/vpc-endpoint.ts';
import { hsmAdd, hsmList, hsmRemove, hsmStatus } from './key-managers/hsm-entries.ts';
import { xksAdd, xksList, xksRemove, xksStatus } from './key-managers/xks-entries.ts';
import { trust } from './keyring/trust.ts';
import { policyCheck } from './access/policy-check.ts';
import { policyDiff } from './access/policy-diff.ts';
import { policyGenerate } from './access/policy-generate.ts';

export const LOCAL_COMMANDS: readonly AnyLocalCommand[] = [
  init,
  status,
  trust,
  unlock,
  lock,
  agentStatus,
  addSlot,
  removeSlot,
  changePassphrase,
  rekey,
  settingsList,
  settingsGet,
  settingsPut,
  verify,
  backup,
  restore,
  ls,
  show,
  auditVerify,
  auditTail,
  auditLookupEvents,
  auditRestart,
  auditRotate,
  getCallerIdentity,
  putIdentityCommand,
  getIdentityCommand,
  listIdentitiesCommand,
  deleteIdentityCommand,
  putOrganizationCommand,
  getOrganizationCommand,
  listOrganizationsCommand,
  deleteOrganizationCommand,
  putProvider,
  getProvider,
  listProviders,
  deleteProvider,
  putEndpoint,
  getEndpoint,
  listEndpoints,
  deleteEndpoint,
  hsmAdd,
  hsmList,
  hsmRemove,
  hsmStatus,
  xksAdd,
  xksList,
  xksRemove,
  xksStatus,
  addTrustRoot,
  listTrustRoots,
  removeTrustRoot,
  mintDocument,
  inspect,
  explainAccess,
  whoCan,
  whatCan,
  policyCheck,
  policyDiff,
  policyGenerate,
  policyFormat,
  lintCommand,
  clock,
  clockAdvance,
  serve,
  xksProxy,
  apply,
  createAccessKey,
  listAccessKeys,
  deleteAccessKey,
  enableSignatureVerification,
  disableSignatureVerification,
  assumeRoleCommand,
  configure,
  configureSet,
  configureGet,
  configureList,
  envSet,
  envGet,
  envList,
  envUnset,
  envEdit,
  envExport,
  envRewrap,
  envExec,
  envelopeEncrypt,
  envelopeDecrypt,
  seal,
  open,
  quickstart,
  wait,
  batch,
  shim,
  shimInstall,
];
