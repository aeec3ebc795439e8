/**
 * What a call is about: of a key, a grant or a Region that was named this one, of one that was not each of those that there
 * are. Where a call needs permissions on several resources, all of them.
 */
import { keyArn, kmsArn } from '../../model/arn.ts';
import { KmsError } from '../../model/error.ts';
import { identities } from '../../keyring/identity.ts';
import { aliasesIn, aliasesOf } from '../../keyring/alias.ts';
import { findGrant, grantsOn } from '../../keyring/grant.ts';
import { keysIn } from '../../keyring/kms-key.ts';
import { relatedKeys } from '../../keyring/multi-region.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { AccessQuestion } from '../../pipeline/question.ts';
import { actionRow } from '../../policy/actions.ts';
import { keyNamed, type ActionOf, type FoundKey } from '../command/named.ts';

/** What is asked of one resource. */
type ResourceQuestion = ActionOf &
  Pick<AccessQuestion, 'key' | 'alias' | 'aliasArn' | 'roleArn' | 'grantId' | 'callKeys' | 'region' | 'conditions'>;

/** A call that may be meant. */
export interface CallTarget {
  /** Of one of several: which. */
  readonly name: string;
  /** What would name it. */
  readonly options: readonly string[];
  readonly questions: readonly ResourceQuestion[];
  /** Condition keys, lower-cased, that it leaves nothing to be specified of. */
  readonly decidedKeys?: readonly string[];
}

export interface TargetsAsked {
  readonly tx: Transaction;
  readonly actions: readonly ActionOf[];
  readonly found: FoundKey | undefined;
  /** Where keys are that were not named. */
  readonly region: string | undefined;
  readonly grantId?: string | undefined;
  /** The role that AssumeRole would assume. */
  readonly roleArn?: string | undefined;
  /** The alias of CreateAlias, UpdateAlias or DeleteAlias. */
  readonly aliasName?: string | undefined;
  /** Condition keys as they were told. */
  readonly conditions?: { readonly [key: string]: readonly string[] } | undefined;
  /** What was not told is not there. */
  readonly isExact?: boolean | undefined;
}

/** One after the other, so that whoever asks can end where it gets too much. */
export async function* targetsOf(asked: TargetsAsked): AsyncGenerator<CallTarget> {
  const { tx, actions, found, region = tx.settings.region } = asked;
  if (actions[0]!.operation === ASSUME_ROLE.operation) {
    yield* roleTargets(asked);
    return;
  }
  const named = found ?? (await keyOfAlias(asked));
  if (named ?? !actions.some(isAboutKey)) {
    yield* targetsOn(named, asked);
    return;
  }
  for await (const key of keysIn(tx, { account: tx.settings.account, region })) {
    for await (const target of targetsOn({ key }, asked)) {
      yield { ...target, options: [...new Set(['--key-id', ...target.options])] };
    }
  }
}

/** It is asked of AWS STS, and decided by the trust policy of the role. */
export const ASSUME_ROLE: ActionOf = { action: 'sts:AssumeRole', operation: 'AssumeRole' };

/** With session tags it needs a second permission. */
async function* roleTargets({ tx, roleArn, conditions }: TargetsAsked): AsyncGenerator<CallTarget> {
  const known = roleArn === undefined ? await identities(tx) : [];
  const roles = roleArn === undefined ? known.filter(({ kind }) => kind === 'role').map(({ arn }) => arn) : [roleArn];
  const actions = ['sts:AssumeRole', ...(areTagsTold(conditions) ? ['sts:TagSession'] : [])];
  for (const role of roles) {
    yield {
      name: `role ${role}`,
      options: ['--role'],
      // with session tags another permission is asked for: those that were not told are not there
      decidedKeys: TAG_KEYS,
      questions: actions.map((action) => ({
        action,
        operation: 'AssumeRole',
        key: undefined,
        roleArn: role,
        conditions,
      })),
    };
  }
}

const TAG_KEYS = ['aws:tagkeys', 'aws:requesttag/'];
const areTagsTold = (conditions: TargetsAsked['conditions'] = {}): boolean =>
  Object.keys(conditions).some((key) => /^aws:(RequestTag\/|TagKeys$)/i.test(key));

/** What has more to it than the key. */
const ALSO_ABOUT: {
  readonly [action: string]: (found: FoundKey, asked: TargetsAsked) => AsyncGenerator<CallTarget>;
} = {
  'kms:DeleteAlias': aliasTargets,
  'kms:UpdateAlias': aliasChanges,
  'kms:RetireGrant': grantTargets,
  'kms:UpdatePrimaryRegion': regionTargets,
};

async function* targetsOn(found: FoundKey | undefined, asked: TargetsAsked): AsyncGenerator<CallTarget> {
  const { actions } = asked;
  const also = found && ALSO_ABOUT[actions[0]!.action];
  if (found && also) yield* also(found, asked);
  else if (!asked.found && actions.length > 1 && actions.every(isAboutKey)) yield* pairTargets(found!, asked);
  else yield* taggedOrNot({ name: nameOf(found), options: [], questions: questionsOn(found, asked) }, asked);
}

/** Whoever makes a key with tags needs kms:TagResource too. */
function* taggedOrNot(target: CallTarget, { conditions, isExact }: TargetsAsked): Generator<CallTarget> {
  const made = target.questions.find(({ action }) => action === 'kms:CreateKey');
  if (!made) {
    yield target;
    return;
  }
  const tagged = {
    ...target,
    questions: [...target.questions, { ...made, action: 'kms:TagResource', key: undefined }],
  };
  const areTold = areTagsTold(conditions);
  if (areTold || isExact) {
    yield areTold ? tagged : target;
    return;
  }
  yield { ...target, name: 'a new key without tags', options: TAG_OPTIONS, decidedKeys: TAG_KEYS };
  yield { ...tagged, name: 'a new key with tags', options: TAG_OPTIONS };
}

const TAG_OPTIONS = ['--context aws:RequestTag/...=...'];

const nameOf = (found: FoundKey | undefined): string => (found ? `key ${keyArn(found.key, found.key.keyId)}` : '');

/** Those of aliases are about the alias and the key; what is about no key may be done in another Region. */
function questionsOn(
  found: FoundKey | undefined,
  { actions, conditions, grantId, aliasName }: TargetsAsked,
): readonly ResourceQuestion[] {
  const callKeys = found && actions.length > 1 && !actions.every(isAboutKey) ? [found.key] : undefined;
  return actions.flatMap((action): readonly ResourceQuestion[] => {
    const one = { ...action, key: found?.key, alias: found?.alias, callKeys, conditions, grantId };
    if (!isAboutKey(action)) return [{ ...one, ...inReplicaRegion(conditions) }];
    const isAboutAlias = resourcesOf(action).includes('alias');
    return isAboutAlias && found ? [{ ...one, aliasArn: aliasArnOf(found, aliasName) }, one] : [one];
  });
}

function inReplicaRegion(conditions: TargetsAsked['conditions']): Pick<ResourceQuestion, 'region' | 'conditions'> {
  const region = valueOf(conditions, 'kms:ReplicaRegion');
  return region === undefined ? {} : { region, conditions: { ...conditions, 'aws:RequestedRegion': [region] } };
}

const resourcesOf = ({ action }: ActionOf): readonly string[] => actionRow(action.toLowerCase())?.resources ?? ['key'];
const isAboutKey = (action: ActionOf): boolean => resourcesOf(action).includes('key');

/** Of a key that was not named by an alias any alias. */
const aliasArnOf = ({ key: { account, region }, alias = 'alias/*' }: FoundKey, name = alias): string =>
  kmsArn({ account, region }, name);

/** DeleteAlias names its key by the alias alone. */
async function keyOfAlias({ tx, actions, region, aliasName }: TargetsAsked): Promise<FoundKey | undefined> {
  if (aliasName === undefined || actions[0]!.action !== 'kms:DeleteAlias') return undefined;
  return keyNamed(tx, aliasName, region);
}

function valueOf(conditions: TargetsAsked['conditions'] = {}, name: string): string | undefined {
  const told = Object.entries(conditions).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return told?.[1][0];
}

/** The keys that a call is about may be two. */
async function* pairTargets({ key }: FoundKey, { tx, actions, conditions }: TargetsAsked): AsyncGenerator<CallTarget> {
  for await (const other of keysIn(tx, key)) {
    const callKeys = [key, other];
    yield {
      name: `keys ${callKeys.map((one) => keyArn(one, one.keyId)).join(' and ')}`,
      options: ['--key-id'],
      questions: actions.map((action, at) => ({ ...action, key: callKeys[at]!, callKeys, conditions })),
    };
  }
}

/** Of a key that was not named by an alias any of its aliases. */
async function* aliasTargets(found: FoundKey, asked: TargetsAsked): AsyncGenerator<CallTarget> {
  const { key, alias = asked.aliasName } = found;
  const own = alias === undefined ? await aliasesOf(asked.tx, key, key.keyId) : [];
  if (own.length === 0) yield { name: nameOf(found), options: [], questions: questionsOn(found, asked) };
  for (const { name } of own) {
    yield {
      name: `${name} of ${nameOf(found)}`,
      options: ['--key-id'],
      questions: questionsOn({ key, alias: name }, asked),
    };
  }
}

/**
 * UpdateAlias is about an alias, its key, and the key that it is to name: a key that was named by an alias is the one that
 * the alias names now, and any other the one that it is to name.
 */
async function* aliasChanges(found: FoundKey, asked: TargetsAsked): AsyncGenerator<CallTarget> {
  const { tx, aliasName = found.alias } = asked;
  const isTargetNamed = found.alias === undefined || asked.aliasName !== undefined;
  const names = aliasName === undefined ? await aliasesIn(tx, found.key) : [aliasName];
  if (names.length === 0) yield { name: nameOf(found), options: [], questions: questionsOn(found, asked) };
  const targets = isTargetNamed ? [found.key] : keysIn(tx, found.key);
  for await (const key of targets) {
    for (const name of names) {
      const { key: current } = await keyNamed(tx, name, key.region);
      const [onAlias, ...onKey] = questionsOn({ key }, { ...asked, aliasName: name });
      const onCurrent = current.keyId === key.keyId ? [] : onKey.map((one) => ({ ...one, key: current }));
      yield {
        name: `${name}, to ${nameOf({ key })}`,
        options: [...(aliasName === undefined ? ['--alias-name'] : []), ...(isTargetNamed ? [] : ['--key-id'])],
        questions: [onAlias!, ...onCurrent, ...onKey],
      };
    }
  }
}

/** @throws NotFoundException for a grant that was named, and is not on the key that was named */
async function* grantTargets(found: FoundKey, asked: TargetsAsked): AsyncGenerator<CallTarget> {
  const { tx, grantId } = asked;
  const { key } = found;
  const named = grantId === undefined ? undefined : await findGrant(tx, { ...key, id: grantId });
  if (grantId !== undefined && !named && asked.found) {
    throw new KmsError('NotFoundException', `Grant '${grantId}' does not exist`);
  }
  const grants = grantId === undefined ? await grantsOn(tx, key) : named ? [named] : [];
  for (const { id } of grants) {
    yield {
      name: `grant ${id} of ${nameOf(found)}`,
      options: ['--grant-id'],
      questions: questionsOn(found, { ...asked, grantId: id }),
    };
  }
}

/** The key that becomes the primary is asked too: it is in another Region, and has a policy of its own. */
async function* regionTargets(found: FoundKey, asked: TargetsAsked): AsyncGenerator<CallTarget> {
  const told = valueOf(asked.conditions, PRIMARY_REGION);
  const related = await relatedKeys(asked.tx, found.key);
  const next = told === undefined ? related : related.filter(({ region }) => region === told);
  if (next.length === 0) yield { name: nameOf(found), options: [], questions: questionsOn(found, asked) };
  for (const key of next) {
    const conditions = { ...asked.conditions, [PRIMARY_REGION]: [key.region] };
    const both: readonly FoundKey[] = [found, { key }];
    yield {
      name: `${nameOf(found)} with ${PRIMARY_REGION} = ${key.region}`,
      options: [`--context ${PRIMARY_REGION}=...`],
      questions: both.flatMap((one) => questionsOn(one, { ...asked, conditions })),
    };
  }
}

const PRIMARY_REGION = 'kms:PrimaryRegion';
