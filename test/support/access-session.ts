/** What the commands that explain access need, over a fixture: questions with the attributes of its calls. */
import type { PageAccess, StandardStreams } from '../../src/commands/command/capabilities.ts';
import type { AccessQuestions, CallerChoice, KeyringAccess, RegionChoice } from '../../src/runtime/capabilities.ts';
import { questionRequest } from '../../src/pipeline/question.ts';
import { plainPaint } from '../../src/model/styled-text.ts';
import { callerOf, type Caller } from '../../src/policy/principal.ts';
import { specifiedKeys, type RequestOptions } from '../../src/runtime/specified-keys.ts';
import { ACCOUNT, REGION, ROOT, type Fixture } from './fixture.ts';

type AccessSession = KeyringAccess &
  AccessQuestions &
  CallerChoice &
  RegionChoice &
  PageAccess &
  Pick<StandardStreams, 'isTerminal'>;

interface AccessSessionOptions extends Pick<RequestOptions, 'service' | 'network'> {
  /** Whom the session's own calls are made as. */
  readonly caller?: Caller;
}

export function accessSession(
  home: Fixture,
  { caller = ROOT, service, network }: AccessSessionOptions = {},
): AccessSession {
  const context = {
    home: { account: ACCOUNT, region: REGION },
    sourceIp: '127.0.0.1',
    userAgent: 'test',
    service,
    network,
  };
  return {
    open: async () => home.keyring,
    caller: () => caller,
    region: undefined,
    callerAs: (principal: string) => callerOf(principal),
    specifiedKeys: specifiedKeys({ service, network }),
    question: (tx, question) => questionRequest(tx, { ...context, caller: question.caller, time: home.now }, question),
    isTerminal: () => false,
    asksData: true,
    page: async () => ({ columns: undefined, paint: plainPaint, show: () => {} }),
  };
}
