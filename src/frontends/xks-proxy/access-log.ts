/** The access log of a proxy: a line of JSON for each request, with what the request says of the call that it is made for. */
import { appendLines } from '../../files/appended-lines.ts';

export interface AccessRecord {
  readonly time: string;
  readonly requestId: string;
  readonly sourceIp: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly accessKeyId?: string | undefined;
  readonly operation?: string | undefined;
  readonly externalKeyId?: string | undefined;
  readonly requestMetadata?: unknown;
  readonly errorName?: string | undefined;
  /** More than the client is told. */
  readonly reason?: string | undefined;
}

export interface AccessLog {
  write(record: AccessRecord): void;
  close(): void;
}

interface Deps {
  /** undefined: no log. */
  readonly file: string | undefined;
  /** A log that cannot be written is told of, and requests are answered. */
  readonly failed: (requestId: string, thrown: unknown) => void;
}

/** @throws EnvironmentError if the file cannot be opened */
export function openAccessLog({ file, failed }: Deps): AccessLog {
  if (file === undefined) return { write: () => {}, close: () => {} };
  const lines = appendLines(file, `the access log ${file}`);
  return {
    write(record) {
      try {
        lines.append(asciiJson(record));
      } catch (error) {
        failed(record.requestId, error);
      }
    },
    close: () => lines.close(),
  };
}

/** Others choose some of the values: nothing but printable ASCII, whatever shows the log. */
const asciiJson = (record: AccessRecord): string =>
  JSON.stringify(record).replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
