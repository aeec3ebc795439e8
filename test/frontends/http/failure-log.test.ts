/** The messages of the server on stderr about failed requests: a line each, at a limited rate, no stacks. */
import { ListKeysCommand } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EnvironmentError, KmsError } from '../../../src/model/error.ts';
import { failureLog } from '../../../src/frontends/http/failure-log.ts';
import { memoryLog } from '../../../src/keyring/memory-log.ts';
import { fixture } from '../../support/fixture.ts';
import { service } from './service.ts';

const full = new EnvironmentError('keyring.db cannot be written: the disk is full', ['free some space'], {
  cause: new Error('inner'),
});

describe('failures of requests', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function recorder(): {
    readonly lines: string[];
    readonly traced: string[];
    readonly log: ReturnType<typeof failureLog>;
  } {
    const [lines, traced]: [string[], string[]] = [[], []];
    const log = failureLog({ say: (line) => lines.push(line), trace: (_, message) => traced.push(message) });
    return { lines, traced, log };
  }

  test('the same one is reported once a second, with their number', () => {
    const { lines, log } = recorder();
    for (let count = 0; count < 1_000; count += 1) log.tell(`id-${count}`, full);
    expect(lines).toEqual(['request id-0: keyring.db cannot be written: the disk is full']);
    vi.advanceTimersByTime(1_000);
    expect(lines.slice(1)).toEqual(['keyring.db cannot be written: the disk is full: 999 more requests']);
    log.tell('id-next', full);
    log.tell('id-other', new EnvironmentError('another'));
    expect(lines.slice(2)).toEqual(['request id-other: another']);
    vi.advanceTimersByTime(1_000);
    expect(lines.slice(3)).toEqual(['keyring.db cannot be written: the disk is full: 1 more request']);
    vi.advanceTimersByTime(5_000);
    log.tell('id-late', full);
    expect(lines.slice(4)).toEqual(['request id-late: keyring.db cannot be written: the disk is full']);
  });

  test('pending counts are reported at the end', () => {
    const { lines, log } = recorder();
    for (let count = 0; count < 3; count += 1) log.tell('id', full);
    log.close();
    log.close();
    expect(lines.slice(1)).toEqual(['keyring.db cannot be written: the disk is full: 2 more requests']);
  });

  test('many that differ are counted too: neither lines nor memory grow without end', () => {
    const { lines, log } = recorder();
    for (let count = 0; count < 10_000; count += 1) log.tell('id', new EnvironmentError(`file ${count}`));
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe('request id: file 100; further failures are counted');
    log.close();
    expect(lines.slice(101)).toEqual(['further failures: 9899 more requests']);
  });

  test.each([
    [full, 'keyring.db cannot be written: the disk is full', 0],
    [new KmsError('KMSInternalException', 'x'), 'KMSInternalException: x', 0],
    [new TypeError('oops'), 'internal error (--debug shows the stack trace): oops', 1],
    ['text', 'internal error (--debug shows the stack trace): a value that is not an Error was thrown', 0],
    [new EnvironmentError('a\n\u001B[31mkms: [OK]\u0085\u202E\u2028b'), 'a [31mkms: [OK] b', 0],
  ])('%s is one line; the stack of a defect is for --debug', (thrown, line, stacks) => {
    const { lines, traced, log } = recorder();
    log.tell('id', thrown);
    expect(lines).toEqual([`request id: ${line}`]);
    expect(traced).toHaveLength(stacks);
    for (const text of traced) expect(text).toMatch(/^request id: TypeError: oops\n {4}at /);
  });
});

test('a log that cannot be written: an error of the service, and one line', async () => {
  let isFull = false;
  const log = memoryLog();
  const home = await fixture('http', {
    log: {
      ...log,
      write(lines, at) {
        if (isFull) throw new EnvironmentError('the audit log cannot be written: the disk is full');
        log.write(lines, at);
      },
    },
  });
  const { client, said } = await service({ home });
  await client().send(new ListKeysCommand({})); // the first event is in the keyring too, so its call would be answered
  isFull = true;
  for (let count = 0; count < 5; count += 1) {
    await expect(client().send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: 'KMSInternalException',
      message: 'The keyring cannot be used; see the output of kms serve.',
      $metadata: { httpStatusCode: 500 },
    });
  }
  expect(said).toEqual([expect.stringMatching(/^request [0-9a-f-]{36}: the audit log cannot be written: [^\n]*$/)]);
});
