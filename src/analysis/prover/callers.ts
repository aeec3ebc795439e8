/**
 * Callers to try: all principals that the policies name, and one of each class of others that principals and the
 * conditions on the caller's ARN and account can distinguish.
 */
import { parseArn } from '../../model/arn.ts';
import { DEFAULT_ACCOUNT } from '../../model/account.ts';
import type { PrincipalForm } from '../../model/principal-arn.ts';
import type { Budget } from './budget.ts';
import { readGlob } from '../../policy/glob.ts';
import { callerAs, callerOf, readPrincipal, sessionOf, type Caller } from '../../policy/principal.ts';
import type { NamedPrincipal } from '../../policy/document.ts';
import { attachPolicy, type PolicyDocument } from '../../policy/document.ts';
import { textClasses, type TextDomain, type TextPattern } from './automaton.ts';
import type { Test } from './condition-test.ts';
import { patternOf } from './values.ts';

export interface PrincipalModel {
  readonly caller: Caller;
  /** As people know them: the ARN that a policy names, or a class. */
  readonly label: string;
  /** For a whole class: all principals of an account that are not named, or of all other accounts. */
  readonly principalClass?: string;
  /** The principal of a policy that this is; undefined: one for a whole class. */
  readonly named?: NamedPrincipal;
}

export interface PrincipalModels {
  readonly principals: readonly PrincipalModel[];
  readonly complete: boolean;
}

export interface CallerScope {
  readonly documents: readonly PolicyDocument[];
  readonly tests: readonly Test[];
  readonly partition: string;
  /** Accounts that are to be told apart: the key's owner and those that are trusted. */
  readonly accounts: readonly string[];
  readonly budget: Budget;
}

/**
 * The identity policies in a proof about a key policy: any that are possible. A caller of another account, or
 * one to whom an account delegates, has whatever its own account chose to give.
 */
const EVERYTHING = attachPolicy(
  'everything',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
);
export const unlimited = (caller: Caller): Caller =>
  caller.kind === 'root' || caller.kind === 'service' ? caller : { ...caller, identityPolicies: [EVERYTHING] };

/** Condition keys that the caller alone decides. */
const ACCOUNT_KEYS = new Set(['aws:principalaccount', 'kms:calleraccount']);
const ARN_KEY = 'aws:principalarn';
/** These differ within the classes that are made here: what is tried on one caller proves nothing for others. */
const PERSONAL_KEYS = new Set([
  'aws:userid',
  'aws:username',
  'aws:principalservicename',
  'aws:principalservicenameslist',
]);

export function principalModelsOf(scope: CallerScope): PrincipalModels {
  scope.budget.spend(8 * scope.documents.flatMap(everyPrincipal).length);
  const named = namedPeople(scope.documents);
  const generic = genericPeople(scope, named);
  const principals = new Map<string, PrincipalModel>();
  for (const principal of [...named, ...generic.principals]) {
    const { arn, uniqueId = '' } = principal.caller;
    if (!principals.has(arn + uniqueId)) principals.set(arn + uniqueId, principal);
  }
  const complete = generic.complete && !scope.tests.some(({ key }) => PERSONAL_KEYS.has(key));
  return { principals: [...principals.values()], complete };
}

export const everyPrincipal = ({ statements }: PolicyDocument): readonly NamedPrincipal[] =>
  statements.flatMap(({ principals = [], notPrincipals = [] }) => [...principals, ...notPrincipals]);

function namedPeople(documents: readonly PolicyDocument[]): readonly PrincipalModel[] {
  return documents.flatMap(everyPrincipal).flatMap((named) => {
    const { class: kind, account, byId } = readPrincipal(named);
    if (kind === 'star' || kind === 'invalid' || kind === 'account') return [];
    const { text } = named;
    if (!byId) return [{ caller: callerOf(text), label: account === undefined ? `service ${text}` : text, named }];
    // whoever has this id: the account and the name do not matter to the policy that names it
    const { roleId = text, session } = sessionOf(text) ?? {};
    const arn =
      session === undefined
        ? `arn:aws:iam::${DEFAULT_ACCOUNT}:${kind === 'user' ? 'user' : 'role'}/${text}`
        : `arn:aws:sts::${DEFAULT_ACCOUNT}:assumed-role/${roleId}/${session}`;
    return [{ caller: callerOf(arn, { uniqueId: roleId }), label: text, named }];
  });
}

const DIGITS = '9012345678';
const NAME = 'xabcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-/';

interface Kind {
  readonly name: string;
  readonly service: 'iam' | 'sts';
  readonly tail: string;
  readonly hasName: boolean;
  readonly form: PrincipalForm;
}
const KINDS: readonly Kind[] = [
  { name: 'root user', service: 'iam', tail: ':root', hasName: false, form: 'root' },
  { name: 'user', service: 'iam', tail: ':user/', hasName: true, form: 'user' },
  { name: 'role', service: 'iam', tail: ':role/', hasName: true, form: 'role' },
  { name: 'federated user', service: 'sts', tail: ':federated-user/', hasName: true, form: 'federated-user' },
];

function domainOf({ service, tail, hasName }: Kind, partition: string): TextDomain {
  const account = Array.from({ length: 12 }, () => DIGITS);
  const positions = [
    ...`arn:${partition}:${service}::`.split(''),
    ...account,
    ...tail.split(''),
    ...(hasName ? [NAME] : []),
  ];
  return { positions, repeats: hasName };
}

const glob = (kind: TextPattern['kind'], text: string): TextPattern => ({ kind, glob: readGlob(text) });

function genericPeople(scope: CallerScope, named: readonly PrincipalModel[]): PrincipalModels {
  const { documents, tests, partition, accounts, budget } = scope;
  const own = new Set([
    ...accounts,
    ...documents.flatMap(everyPrincipal).flatMap((who) => readPrincipal(who).account ?? []),
  ]);
  const arns = new Set(
    named.flatMap(({ caller }) => (caller.kind === 'service' ? [] : [caller.roleArn ?? caller.arn])),
  );
  const patterns: TextPattern[] = [
    ...Array.from(arns, (arn) => glob('glob', arn)),
    ...Array.from(own, (account) => glob('arn', `arn:*:*::${account}:*`)),
  ];
  for (const test of tests) {
    if (test.open) continue;
    for (const wanted of test.wanted) {
      const pattern = patternOf(test, wanted);
      if (pattern && test.key === ARN_KEY) patterns.push(pattern);
      if (pattern && ACCOUNT_KEYS.has(test.key)) patterns.push(ofAccount(pattern));
      if (test.key === ARN_KEY) arns.add(wanted);
    }
  }
  const principals: PrincipalModel[] = [];
  let complete = true;
  for (const kind of KINDS) {
    const classes = textClasses(patterns, { budget, domain: domainOf(kind, partition) });
    complete &&= classes.complete;
    budget.spend(8 * classes.texts.length);
    for (const arn of classes.texts) principals.push(principalOf(arn, kind, { arns, own }));
  }
  principals.push({ caller: callerOf('other.amazonaws.com'), label: 'any other service' });
  return { principals, complete };
}

interface KnownPrincipals {
  readonly arns: ReadonlySet<string>;
  readonly own: ReadonlySet<string>;
}

function principalOf(arn: string, { name, hasName, form }: Kind, { arns, own }: KnownPrincipals): PrincipalModel {
  const { partition, account } = parseArn(arn)!;
  // made up of what patterns tell apart, which need not be a name that IAM allows
  const caller = callerAs({ form, partition, account, name: arn.slice(arn.lastIndexOf('/') + 1) }, arn);
  if (arns.has(arn)) return { caller, label: name === 'role' ? `any session of ${arn}` : arn };
  if (!own.has(account)) {
    return {
      caller,
      label: `any ${name} in another account, such as ${arn}`,
      principalClass: 'any principal in another account',
    };
  }
  if (!hasName) return { caller, label: arn };
  if (!arn.endsWith('/x')) return { caller, label: `any ${name} such as ${arn}` };
  return {
    caller,
    label: `any other ${name} in account ${account}`,
    principalClass: `any other principal in account ${account}`,
  };
}

/** A pattern on a bare account as one on the ARN that the account stands in. */
function ofAccount({ glob: account }: TextPattern): TextPattern {
  return { kind: 'arn', glob: [...readGlob('arn:*:*::'), ...account, ...readGlob(':*')] };
}
