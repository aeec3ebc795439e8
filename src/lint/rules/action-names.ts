/** KP201, KP202, KP205 and KP211: rules on the names of actions. */
import { hasWildcard } from '../../policy/glob.ts';
import { quote, replace, type Fix } from '../core/edit.ts';
import { PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { didYouMean, nearest } from '../core/similar.ts';
import { ACTION_NAMES, actionsOf, isKmsAction, rowOfAction, splitAction } from '../core/action-name.ts';

export const ACTION_NAME_RULES: readonly LintRule[] = [
  {
    code: 'KP201',
    name: 'unknown-action',
    severity: 'error',
    scopes: POLICY,
    title: 'unknown KMS action',
    why: 'An action that does not exist has no effect, and KMS accepts it without an error.',
    bad: '"Action": "kms:Decrpyt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'INVALID_ACTION',
    action({ text, at, path }) {
      const parts = splitAction(text);
      if (!parts || parts.service !== 'kms' || hasWildcard(text) || rowOfAction(text) || meantBy(parts.name))
        return undefined;
      const near = nearest(text, ACTION_NAMES);
      const fix: Fix | undefined =
        near?.distance === 1 && near.unique
          ? { safe: true, title: `write ${quote(near.name)}`, edits: [replace(at, quote(near.name))] }
          : undefined;
      return { at, path, message: `KMS has no action ${quote(text)}${didYouMean(near)}`, fix };
    },
  },
  {
    code: 'KP202',
    name: 'wildcard-matches-nothing',
    severity: 'error',
    scopes: POLICY,
    title: 'action pattern without a match',
    why: 'The pattern matches no KMS action and has no effect.',
    bad: '"Action": "kms:Rencrypt*"',
    good: '"Action": "kms:ReEncrypt*"',
    see: PAGES.permissions,
    fix: 'none',
    issue: 'INVALID_ACTION',
    action({ text, at, path }) {
      if (!isKmsAction(text) || !hasWildcard(text) || actionsOf(text).length > 0) return undefined;
      const near = nearest(
        text,
        ACTION_NAMES.map((name) => `${name}*`),
      );
      return { at, path, message: `no KMS action matches ${quote(text)}${didYouMean(near)}` };
    },
  },
  {
    code: 'KP205',
    name: 'operation-not-permission',
    severity: 'error',
    scopes: POLICY,
    title: 'operation or command name instead of an action',
    why: 'ReEncrypt requires two actions, kms:ReEncryptFrom and kms:ReEncryptTo; kms:ReEncrypt does not exist. Command names (re-encrypt) are not actions.',
    bad: '"Action": "kms:ReEncrypt"',
    good: '"Action": "kms:ReEncrypt*"',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'INVALID_ACTION',
    action({ text, at, path }) {
      const parts = splitAction(text);
      const meant = parts?.service === 'kms' && !rowOfAction(text) ? meantBy(parts.name) : undefined;
      if (!meant) return undefined;
      const fix: Fix = { safe: true, title: `write ${quote(meant)}`, edits: [replace(at, quote(meant))] };
      return { at, path, message: `${quote(text)} is not an action; use ${quote(meant)}`, fix };
    },
  },
  {
    code: 'KP211',
    name: 'wildcard-in-service',
    severity: 'warning',
    scopes: POLICY,
    title: 'wildcard in the service prefix of an action',
    why: 'It matches other services that start with the same prefix.',
    bad: '"Action": "k*:Decrypt"',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.permissions,
    fix: 'none',
    issue: 'WILDCARD_IN_SERVICE_NAME',
    action({ text, at, path }) {
      const service = splitAction(text)?.service;
      if (service === undefined || !hasWildcard(service)) return undefined;
      return { at, path, message: `${quote(text)} has a wildcard in the service prefix` };
    },
  },
];

/** Names of operations, of the command line, or of families, for which there is a permission of another name. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['reencrypt', 'kms:ReEncrypt*'],
  ['generatedatakeys', 'kms:GenerateDataKey*'],
  ['generatedatakeypairs', 'kms:GenerateDataKeyPair*'],
]);
const meantBy = (name: string): string | undefined => {
  const plain = name.replaceAll('-', '').toLowerCase();
  const meant = MEANT.get(plain);
  if (meant) return meant;
  return name.includes('-') ? ACTION_NAMES.find((known) => known.toLowerCase() === `kms:${plain}`) : undefined;
};
