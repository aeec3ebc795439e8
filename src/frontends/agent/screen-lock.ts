/** Tells when the screen is locked, from the session bus of the desktop: `busctl monitor`, where it is on PATH. */
import { spawn } from 'node:child_process';
import { isObject } from '../../model/json-object.ts';
import type { UserFolders } from '../../runtime/user-folders.ts';
import { programOnPath } from './program-on-path.ts';

/** Of org.freedesktop.ScreenSaver, and of GNOME's and others' interfaces, which have the same. */
const MATCH = "type='signal',member='ActiveChanged'";
/** In characters; a line of another signal may have any length. */
const MAX_LINE = 65_536;

/** @returns ends the watch */
export function watchScreen(env: UserFolders['env'], onLock: () => void): () => void {
  const busctl = programOnPath('busctl', env['PATH']);
  if (busctl === undefined || !env['DBUS_SESSION_BUS_ADDRESS']) return () => {};
  const child = spawn(busctl, ['--user', 'monitor', '--json=short', '--match', MATCH], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  child.on('error', () => {});
  let line = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    const lines = (line + text).split('\n');
    line = lines.pop()!.slice(-MAX_LINE);
    if (lines.some(isScreenLock)) onLock();
  });
  return () => void child.kill();
}

export function isScreenLock(line: string): boolean {
  try {
    const message: unknown = JSON.parse(line);
    if (!isObject(message) || message['type'] !== 'signal' || message['member'] !== 'ActiveChanged') return false;
    const { payload } = message;
    return isObject(payload) && Array.isArray(payload['data']) && payload['data'][0] === true;
  } catch {
    return false;
  }
}
