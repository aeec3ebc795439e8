/** `kms audit rotate`: the log goes on in a new file; old files can be compressed. */
import { EnvironmentError } from '../../model/error.ts';
import { boolean, list, string, structure } from '../../model/shape.ts';
import { compressOldLog, oldLogs } from '../../keyring/old-logs.ts';
import { ROTATION_EVENT, type LogLimits } from '../../keyring/rotation.ts';
import type { KeyringLocation, LogAccess } from '../../runtime/capabilities.ts';
import type { Progress } from '../command/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';
import { DURATION_FORM, readDuration } from '../keyring/duration.ts';
import { readSize, SIZE_FORM } from '../keyring/size.ts';

export const auditRotate = localCommand({
  name: 'AuditRotate',
  command: 'audit rotate',
  input: structure({ MaxSize: string({ min: 1 }), MaxAge: string({ min: 1 }), Compress: boolean }),
  output: structure({ Rotated: boolean, PutAside: string(), AuditLog: string(), Compressed: list(string()) }),
  async run({ MaxSize, MaxAge, Compress = false }, session: KeyringChange & KeyringLocation & LogAccess & Progress) {
    const limits = limitsOf(MaxSize, MaxAge);
    const keyring = await session.open();
    const { log, folder } = session.place;
    const putAside = await keyring.rotateLog(limits, async (tx, begun) => {
      if (begun) logCommand(tx, session, { eventName: ROTATION_EVENT, details: { ...begun } });
      return begun?.putAside;
    });
    const rotation = putAside === undefined ? { Rotated: false } : { Rotated: true, PutAside: `${folder}/${putAside}` };
    return { ...rotation, AuditLog: log, ...(Compress && { Compressed: await compressAll(session) }) };
  },
});

/** undefined: there are none. */
function limitsOf(size: string | undefined, age: string | undefined): LogLimits | undefined {
  if (size === undefined && age === undefined) return undefined;
  return {
    ...(size !== undefined && { logMaxSize: limit(size, readSize(size), { what: 'size', form: SIZE_FORM }) }),
    ...(age !== undefined && { logMaxAge: limit(age, readDuration(age), { what: 'duration', form: DURATION_FORM }) }),
  };
}

function limit(
  text: string,
  value: number | undefined,
  { what, form }: { readonly what: string; readonly form: string },
): number {
  if (value === undefined) throw new EnvironmentError(`'${text}' is not a ${what}`, [form]);
  if (value === 0)
    throw new EnvironmentError(`a ${what} of 0 is no limit`, ['without a limit, the log is rotated at once']);
  return value;
}

/** All that are not yet: also those that settings of the keyring have rotated, and those of an interrupted command. */
async function compressAll({ auditLog, progress }: LogAccess & Progress): Promise<readonly string[]> {
  const location = auditLog();
  const logs = oldLogs(location).filter(({ isCompressed }) => !isCompressed);
  return progress('files', async (meter) => {
    meter.expect(logs.length);
    const compressed: string[] = [];
    for (const log of logs) {
      compressed.push(await compressOldLog(log, location));
      meter.advance(1);
    }
    return compressed;
  });
}
