/** `kms show`: all about one key, for people. */
import { isAliasIdentifier, isKeyId, keyArn, type Home } from '../../model/arn.ts';
import { multiRegionKeyType } from '../../model/enumeration.ts';
import { EnvironmentError } from '../../model/error.ts';
import { namedKey, tags } from '../../model/members.ts';
import { list, oneOf, required, string, structure, timestamp } from '../../model/shape.ts';
import { printLines } from '../../model/styled-text.ts';
import { policyWords } from '../../analysis/policy-words.ts';
import { findAlias } from '../../keyring/alias.ts';
import { grantsOn, type GrantRecord } from '../../keyring/grant.ts';
import { keysPath, type KmsKey } from '../../keyring/kms-key.ts';
import { followLog } from '../../keyring/log-reader.ts';
import { multiRegionKeyTypeOf } from '../../keyring/multi-region.ts';
import { keyringTime } from '../../keyring/root.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import { SEVERITIES } from '../../lint/core/settings.ts';
import { shownPolicy } from '../../operations/keys/key-policy.ts';
import { shownGrant } from '../../operations/principals/bound-ids.ts';
import { readPolicy } from '../../policy/document.ts';
import type {
  AuditLog,
  CallerChoice,
  Clock,
  KeyringAccess,
  LogAccess,
  RegionChoice,
  ScheduledWork,
} from '../../runtime/capabilities.ts';
import { callerOf, eventIn, isAbout, textAt, type LoggedEvent } from '../audit/event-line.ts';
import type { PageAccess } from '../command/capabilities.ts';
import { localCommand } from '../command/local-command.ts';
import { keyNamed } from '../command/named.ts';
import { JOBS } from './jobs.ts';
import { keyMembers, keyShape, overviewOfKey, useMembers, useShape, type KeyOverview } from './key-overview.ts';
import { pageLines, type KeyPage } from './show-lines.ts';

const EVENTS = 5;

export const show = localCommand({
  name: 'Show',
  command: 'show',
  input: structure({ KeyId: required(namedKey) }),
  output: structure({
    ...keyShape,
    MultiRegionKeyType: multiRegionKeyType,
    ...useShape,
    Tags: tags,
    PolicyStatements: list(structure({ Name: string(), Effect: oneOf(['Allow', 'Deny']), Text: string() })),
    Grants: list(
      structure({
        GrantId: string(),
        Name: string(),
        GranteePrincipal: string(),
        RetiringPrincipal: string(),
        Operations: list(string()),
      }),
    ),
    Due: list(structure({ Date: timestamp, Event: string() })),
    Findings: list(structure({ Code: string(), Severity: oneOf(SEVERITIES), Message: string() })),
    Events: list(structure({ EventTime: string(), EventName: string(), Username: string(), ErrorCode: string() })),
  }),
  positionals: ['KeyId'],
  async run(
    { KeyId },
    session: KeyringAccess & RegionChoice & CallerChoice & Clock & ScheduledWork & LogAccess & PageAccess,
  ) {
    const keyring = await session.open();
    const read = await keyring.transact(async (tx) => {
      const now = keyringTime(tx.settings, session.clock());
      await session.runDueJobs(tx, now);
      const key = await keyMeant(tx, KeyId, session.region);
      const grants: GrantRecord[] = [];
      for (const grant of await grantsOn(tx, key)) grants.push(await shownGrant(tx, grant));
      return {
        now,
        overview: await overviewOfKey(tx, key, { session, now }),
        policy: await shownPolicy(tx, key),
        grants,
      };
    });
    const events = await lastEvents(session.auditLog(), read.overview);
    if (session.asksData) return dataOf({ ...read, events });
    const page = await session.page();
    page.show(printLines(pageLines({ ...read, events }, page.columns), page));
    return {};
  },
});

/** As operations name it; besides, an alias without its prefix, and the beginning of a key ID that only one key has. */
async function keyMeant(tx: Transaction, text: string, region = tx.settings.region): Promise<KmsKey> {
  const home: Home = { account: tx.settings.account, region };
  const named = async (identifier: string): Promise<KmsKey> => (await keyNamed(tx, identifier, region)).key;
  if (text.startsWith('arn:') || isAliasIdentifier(text) || isKeyId(text)) return named(text);
  if (await findAlias(tx, home, `alias/${text}`)) return named(`alias/${text}`);
  const prefix = keysPath(home);
  const ids: string[] = [];
  if (/^(?:mrk-)?[0-9a-f-]{4,}$/.test(text)) {
    for await (const { path } of tx.rows(prefix + text)) {
      ids.push(path.slice(prefix.length));
      if (ids.length > 1) throw new EnvironmentError(`more than one key ID begins with ${text}`);
    }
  }
  return named(ids[0] ?? text);
}

/** Bytes of the log, so that what this costs does not depend on its size: some thousand events. */
const LOOKED_THROUGH = 4 * 2 ** 20;

async function lastEvents(log: AuditLog, { key, aliases }: KeyOverview): Promise<readonly LoggedEvent[]> {
  const isAboutKey = isAbout([key.keyId, keyArn(key, key.keyId), ...aliases]);
  const accepts = (line: string): boolean => {
    const event = eventIn(line);
    return event !== undefined && isAboutKey(event);
  };
  const events: LoggedEvent[] = [];
  for await (const line of followLog(log, { last: EVENTS, follow: false, accepts, within: LOOKED_THROUGH })) {
    const event = eventIn(line);
    if (event) events.push(event);
  }
  return events;
}

function dataOf({ overview, policy, grants, events }: KeyPage) {
  const { key, due, findings = [] } = overview;
  return {
    ...keyMembers(overview),
    MultiRegionKeyType: multiRegionKeyTypeOf(key),
    ...useMembers(overview),
    Tags: key.tags,
    PolicyStatements: policyWords(readPolicy(policy)).map(({ name, effect, text }) => ({
      Name: name,
      Effect: effect,
      Text: text,
    })),
    Grants: grants.map((grant) => ({
      GrantId: grant.id,
      Name: grant.name,
      GranteePrincipal: grant.granteePrincipal ?? grant.granteeServicePrincipal,
      RetiringPrincipal: grant.retiringPrincipal ?? grant.retiringServicePrincipal,
      Operations: grant.operations,
    })),
    Due: due.map(({ kind, time }) => ({ Date: new Date(time), Event: JOBS[kind].event })),
    Findings: findings.map(({ code, severity, message }) => ({ Code: code, Severity: severity, Message: message })),
    Events: events.map((event) => ({
      EventTime: textAt(event, 'eventTime'),
      EventName: textAt(event, 'eventName'),
      Username: callerOf(event),
      ErrorCode: textAt(event, 'errorCode') || undefined,
    })),
  };
}
