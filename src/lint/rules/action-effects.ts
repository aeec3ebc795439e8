/** KP203, KP204, KP206 and KP207: rules on actions that have no effect for the key. */
import { hasWildcard } from '../../policy/glob.ts';
import { dropItems } from '../core/drop-items.ts';
import { quote } from '../core/edit.ts';
import { KEY, PAGES, type LintRule } from '../core/rule.ts';
import { rowOfAction, splitAction } from '../core/action-name.ts';
import { unfit } from '../facts/key-actions.ts';

export const ACTION_EFFECT_RULES: readonly LintRule[] = [
  {
    code: 'KP203',
    name: 'foreign-action',
    severity: 'error',
    scopes: KEY,
    title: 'action of another service in a key policy',
    why: 'A key policy controls access to one KMS key. Actions of other services have no effect in it.',
    bad: '"Action": ["kms:Decrypt", "s3:GetObject"]',
    good: '"Action": "kms:Decrypt"',
    see: PAGES.keyPolicy,
    fix: 'safe',
    issue: 'UNSUPPORTED_ACTION_IN_POLICY',
    action(item, statement) {
      const { text, at, path } = item;
      const service = splitAction(text)?.service;
      if (service === undefined || hasWildcard(service) || service === 'kms') return undefined;
      const fix = dropItems(statement, [item], 'remove it');
      return { at, path, message: `${quote(text)} is an action of ${service}, not of AWS KMS`, fix };
    },
  },
  {
    code: 'KP204',
    name: 'not-a-key-action',
    severity: 'warning',
    scopes: KEY,
    title: 'action that a key policy cannot allow',
    why: 'CreateKey, ListKeys, ListAliases, GenerateRandom, ListRetirableGrants and the custom key store actions do not apply to a KMS key, and RetireGrant is authorized by the grant. Only identity policies can allow them.',
    bad: '"Action": ["kms:Decrypt", "kms:ListKeys"]',
    good: '"Action": "kms:Decrypt", and kms:ListKeys in an identity policy',
    see: PAGES.permissions,
    fix: 'safe',
    issue: 'UNSUPPORTED_ACTION_IN_POLICY',
    action(item, statement) {
      const { text, at, path } = item;
      const row = rowOfAction(text);
      if (!row || row.keyPolicy) return undefined;
      const message = `${quote(text)} has no effect in a key policy: only an identity policy can allow it`;
      return { at, path, message, fix: dropItems(statement, [item], 'remove it') };
    },
  },
  {
    code: 'KP206',
    name: 'action-vs-key-type',
    severity: 'warning',
    scopes: KEY,
    title: 'action that this type of key does not support',
    why: 'A key has one key usage and one key spec. Operations for another key usage fail, regardless of the policy.',
    bad: '"Action": "kms:Sign" on a key of SYMMETRIC_DEFAULT',
    good: '"Action": "kms:Encrypt"',
    see: PAGES.permissions,
    fix: 'unsafe',
    action(item, statement, { settings }) {
      const row = rowOfAction(item.text);
      const wanted = row && settings.key && unfit(row.name, settings.key);
      if (!wanted) return undefined;
      const { spec, usage } = settings.key;
      const fix = dropItems(statement, [item], 'remove it');
      const message = `${quote(item.text)} is for ${wanted}; this key is ${spec}, ${usage}`;
      return { at: item.at, path: item.path, message, fix: fix && { ...fix, safe: false } };
    },
  },
  {
    code: 'KP207',
    name: 'cross-account-ineffective',
    severity: 'warning',
    scopes: KEY,
    title: 'action that cannot be used across accounts',
    why: 'Only cryptographic operations, CreateGrant, DescribeKey, GetKeyRotationStatus, GetPublicKey, ListGrants, RetireGrant and RevokeGrant work across accounts. Other actions have no effect for principals in another account.',
    bad: '"Principal": { "AWS": "444455556666" }, "Action": ["kms:Decrypt", "kms:EnableKey"]',
    good: '"Principal": { "AWS": "444455556666" }, "Action": "kms:Decrypt"',
    see: PAGES.crossAccount,
    fix: 'safe',
    action(item, statement, { account }) {
      const row = rowOfAction(item.text);
      if (!row || row.crossAccount || !row.keyPolicy || statement.effect !== 'Allow' || !account) return undefined;
      const { principals } = statement;
      const foreign =
        principals.length > 0 &&
        principals.every(({ read, negated }) => !negated && read.account && read.account !== account);
      if (!foreign) return undefined;
      const message = `${quote(item.text)} does not work across accounts`;
      return { at: item.at, path: item.path, message, fix: dropItems(statement, [item], 'remove it') };
    },
  },
];
