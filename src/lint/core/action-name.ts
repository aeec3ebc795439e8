/** Names of actions as a policy writes them. */
import { ACTIONS, actionRow, type Action } from '../../policy/actions.ts';
import { patternCovers } from './subject.ts';

export const ACTION_NAMES = ACTIONS.map(({ name }) => `kms:${name}`);

/** The service and the name of an action as written. */
export function splitAction(text: string): { readonly service: string; readonly name: string } | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { service: text.slice(0, colon).toLowerCase(), name: text.slice(colon + 1) };
}

export const isKmsAction = (text: string): boolean => splitAction(text)?.service === 'kms';
export const rowOfAction = (text: string): Action | undefined => actionRow(text.toLowerCase());

/** Those that a pattern matches. */
export const actionsOf = (pattern: string): readonly string[] =>
  ACTIONS.filter(({ name }) => patternCovers(pattern, name)).map(({ name }) => `kms:${name}`);
