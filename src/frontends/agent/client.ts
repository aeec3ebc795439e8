/**
 * Calls through an agent. An agent answers only for the keyring that a call is for, and only a call that needs nothing else
 * to be unlocked; in all other cases, and in any doubt, a call goes the usual way, which has its own checks and errors.
 */
import { statSync } from 'node:fs';
import { EnvironmentError } from '../../model/error.ts';
import { checkFileAndFolders } from '../../files/private-file.ts';
import { realKeyring } from '../../keyring/place.ts';
import type { KnownShape } from '../../operations/index.ts';
import type { AnyInput } from '../../operations/row/operation.ts';
import type { ShapeCalls } from '../../runtime/capabilities.ts';
import type { OriginOptions } from '../../runtime/call-origin.ts';
import { findPlace, type PlaceSource } from '../../runtime/find-place.ts';
import { trustDecisions, type TrustOptions } from '../../runtime/trust.ts';
import { namesMaterial, type UnlockMaterialOptions } from '../../runtime/unlock-options.ts';
import { agentFiles, type AgentFile } from './agent-file.ts';
import { takeChannel } from './channel.ts';
import { greet, NoAnswer, type AgentConnection } from './connection.ts';
import { connectTo } from './socket-transport.ts';
import { agentFolder } from './folder.ts';
import { originOf, thrownError, type AgentAnswer, type AgentQuestion } from './message.ts';
import { NotAValue } from './value.ts';

/** What of the options of a session an agent is found by, and told. */
export interface AgentCallOptions extends PlaceSource, TrustOptions, UnlockMaterialOptions, OriginOptions {}

/** @param usual opens the same calls without an agent @returns undefined: there is no agent for them */
export async function callsOf(
  options: AgentCallOptions,
  { usual, version }: { readonly usual: () => Promise<ShapeCalls>; readonly version: string },
): Promise<ShapeCalls | undefined> {
  const file = findAgent(options, version);
  if (!file) return undefined;
  const origin = originOf(options);
  let connection = await connect(file, version);
  if (!connection) return undefined;
  let opened: Promise<ShapeCalls> | undefined;
  const withoutAgent = (): Promise<ShapeCalls> => (opened ??= usual());
  const ask = async (question: AgentQuestion): Promise<Given> => {
    const given = connection ? await askOn(connection, question, file.keyring) : REFUSED;
    if (given.answer !== 'refused' || !connection) return given;
    connection.close();
    // an agent ends a connection that is not used for a while
    connection = await connect(file, version);
    return connection ? askOn(connection, question, file.keyring) : given;
  };
  const outputOf = async ({ name }: KnownShape, input: unknown): Promise<{ readonly output: AnyInput } | undefined> => {
    const answer = await ask({ ask: 'call', operation: name, input, origin });
    // the output of its row's run(), of the same version
    return answer.answer === 'output' ? { output: answer.output as AnyInput } : undefined;
  };
  return {
    async invoke(operation, input) {
      const made = await outputOf(operation, input);
      return made ? made.output : (await withoutAgent()).invoke(operation, input);
    },
    async *invokeChain(operation, chain) {
      const { inputAt, next } = chain;
      for (let at: typeof chain.first | undefined = chain.first; at !== undefined;) {
        const made = await outputOf(operation, inputAt(at));
        if (!made) {
          yield* (await withoutAgent()).invokeChain(operation, { ...chain, first: at });
          return;
        }
        const answered = { at, ...made };
        at = next(at, made.output);
        yield answered;
      }
    },
    async aliasExists(name) {
      const answer = await ask({ ask: 'alias', name, region: options.region });
      return answer.answer === 'value' ? answer.value === true : (await withoutAgent()).aliasExists(name);
    },
    async close() {
      connection?.close();
      await (await opened)?.close();
    },
  };
}

/** Through a channel, if one is free. */
async function connect(file: AgentFile, version: string): Promise<AgentConnection | undefined> {
  const channel = takeChannel(file);
  return (channel && (await greet(channel, file, version))) ?? connectTo(file, version);
}

type Given = Exclude<AgentAnswer, { readonly answer: 'error' }>;

const REFUSED: Given = { answer: 'refused' };

/** @returns `refused`: it was not done, so it can go the usual way */
async function askOn(connection: AgentConnection, question: AgentQuestion, keyring: string): Promise<Given> {
  try {
    const answer = await connection.ask(question);
    if (answer.answer === 'error') throw thrownError(answer.error);
    return answer;
  } catch (error) {
    if (error instanceof NotAValue) return REFUSED;
    if (!(error instanceof NoAnswer)) throw error;
    throw new EnvironmentError(`the agent that holds the keyring ${keyring} did not answer the call`, [
      'whether the call took effect is not known: kms audit lookup-events shows the calls that did',
      'kms lock ends the agent',
    ]);
  }
}

/** @returns undefined: the call goes the usual way */
function findAgent(options: AgentCallOptions, version: string): AgentFile | undefined {
  const folder = agentFolder(options.env);
  if (folder === undefined || namesMaterial(options)) return undefined;
  try {
    const place = findPlace(options);
    const keyring = realKeyring(place);
    const file = agentFiles(folder).find((one) => one.keyring === keyring && one.version === version);
    if (!file) return undefined;
    const { isTrusted, isToBeRecorded, fingerprints } = trustDecisions(options).decide(place, file.keyringId);
    if (isToBeRecorded || (fingerprints && !fingerprints.includes(file.fingerprint))) return undefined;
    checkFileAndFolders(place.keyring, 'the keyring', { owner: isTrusted ? statSync(place.folder).uid : undefined });
    for (const passed of place.passedOver) options.note(`ignored ${passed}, which belongs to another user`);
    return file;
  } catch {
    return undefined;
  }
}
