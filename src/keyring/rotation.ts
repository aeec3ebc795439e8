/** Rotation of the audit log: it goes on in a new file when it is large or old enough, and the old file is kept. */
import { localEvent } from '../audit/event.ts';
import type { RandomBytes } from '../crypto/seal.ts';
import { uuid } from '../crypto/uuid.ts';
import type { LogEnd } from './log-head.ts';
import type { BegunLog } from './new-log.ts';
import { keyringTime, type Root, type Settings } from './root.ts';

/** Each of them is a limit unless it is 0 or absent. */
export type LogLimits = Pick<Settings, 'logMaxSize' | 'logMaxAge'>;

interface LogState {
  readonly root: Pick<Root, 'logStart' | 'logBegan' | 'settings'>;
  readonly end: LogEnd;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Not of a log that has only the event that it begins with: an idle keyring does not fill its folder. */
export function isRotationDue({ logMaxSize = 0, logMaxAge = 0 }: LogLimits, { root, end, now }: LogState): boolean {
  if (end.sequence - root.logStart.sequence <= 1) return false;
  const age = keyringTime(root.settings, now) - (root.logBegan ?? root.settings.created);
  return (logMaxSize > 0 && end.size >= logMaxSize) || (logMaxAge > 0 && age >= logMaxAge);
}

export const ROTATION_EVENT = 'RotateAuditLog';

/** The first event of a log that was begun because a setting of the keyring says so. */
export const rotationEvent = (
  begun: BegunLog,
  { settings, random, now }: { readonly settings: Settings; readonly random: RandomBytes; readonly now: number },
): object =>
  localEvent({
    eventName: ROTATION_EVENT,
    eventId: uuid(random),
    time: keyringTime(settings, now),
    region: settings.region,
    identity: { kind: 'service', arn: 'pocket-kms' },
    account: settings.account,
    requestParameters: { ...begun },
  });
