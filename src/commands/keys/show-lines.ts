/** The page of a key. */
import { keyArn, shortKeyId } from '../../model/arn.ts';
import { line, wrapped, type StyledLine, type StyledText } from '../../model/styled-text.ts';
import { policyWords, type StatementWords } from '../../analysis/policy-words.ts';
import type { GrantRecord } from '../../keyring/grant.ts';
import type { Finding } from '../../lint/core/finding.ts';
import type { KeyStore } from '../../keyring/key-store.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import { multiRegionKeyTypeOf, relationsOf } from '../../keyring/multi-region.ts';
import { readPolicy } from '../../policy/document.ts';
import { eventLine, type LoggedEvent } from '../audit/event-line.ts';
import { JOBS, STATES } from './jobs.ts';
import type { KeyOverview } from './key-overview.ts';
import { shortSpan } from './span.ts';

export interface KeyPage {
  readonly overview: KeyOverview;
  /** As GetKeyPolicy answers it, and the grants as ListGrants. */
  readonly policy: string;
  readonly grants: readonly GrantRecord[];
  readonly events: readonly LoggedEvent[];
  readonly now: number;
}

const LABEL = 14;
const EMPTY = line();

const field = (label: string, ...value: readonly StyledText[]): StyledLine =>
  wrapped(LABEL, ['faint', label], ' '.repeat(LABEL - label.length), ...value);

/** A heading and what belongs to it, if there is any. */
const section = (heading: string, lines: readonly StyledLine[]): readonly StyledLine[] =>
  lines.length === 0 ? [] : [EMPTY, line(['strong', heading]), ...lines];

export function pageLines(
  { overview, policy, grants, events, now }: KeyPage,
  columns: number | undefined,
): readonly StyledLine[] {
  const { key, aliases, due, findings = [] } = overview;
  const [, style] = STATES[key.state];
  return [
    line(['strong', aliases[0] ?? shortKeyId(key.keyId)], '  ', [style, key.state]),
    line(keyArn(key, key.keyId)),
    EMPTY,
    ...metadata(overview, now),
    ...section('Key policy', policyWords(readPolicy(policy)).flatMap(statementLines)),
    ...section(
      'Grants',
      grants.flatMap((grant) => grantLines(grant, now)),
    ),
    ...section(
      'What happens next',
      due.map(({ kind, time }) =>
        line(`  ${dateText(time)}  ${JOBS[kind].text}  `, ['faint', `in ${shortSpan(time - now)}`]),
      ),
    ),
    ...section('Findings of kms lint', findingLines(findings)),
    ...section(
      'Last events',
      events.map((event) => eventLine(event, columns)),
    ),
  ];
}

/** Of findings that read alike, as those of several grants do, one with their number. */
function findingLines(findings: readonly Finding[]): readonly StyledLine[] {
  const byText = Map.groupBy(findings, ({ code, message }) => `${code} ${message}`);
  return Array.from(byText.values(), ([first, ...others]) => {
    const { code, severity, message } = first!;
    const times = others.length === 0 ? '' : ` (${others.length + 1} times)`;
    return wrapped(4, '  ', [severity, `${severity}[${code}]`], ` ${message}${times}`);
  });
}

function metadata({ key, keyStore, aliases, lastUse }: KeyOverview, now: number): readonly StyledLine[] {
  const { description, spec, usage, origin, created, rotation, backingKeys, tags, manager } = key;
  const versions = backingKeys.length > 1 ? `; ${backingKeys.length} versions of the key material` : '';
  const [tag, ...otherTags] = tags.map(({ TagKey, TagValue }) => `${TagKey} = ${TagValue}`);
  return [
    ...(description === '' ? [] : [field('Description', description)]),
    field('Key spec', `${spec} for ${usage}, origin ${origin}${manager === 'AWS' ? ', managed by AWS' : ''}`),
    ...(keyStore ? [field('Key store', keyStoreText(key, keyStore))] : []),
    ...multiRegionLines(key),
    field('Created', timeText(created, now)),
    field('Rotation', `${rotation ? `every ${rotation.periodInDays} days` : 'off'}${versions}`),
    field('Last use', lastUse ? `${lastUse.operation}, ${timeText(lastUse.time, now)}` : 'never'),
    ...(aliases.length === 0 ? [] : [field('Aliases', aliases.join(', '))]),
    ...(tag === undefined ? [] : [field('Tags', tag), ...otherTags.map((other) => field('', other))]),
  ];
}

function keyStoreText({ externalKeyId }: KmsKey, keyStore: KeyStore): string {
  const { name, id, state, errorCode } = keyStore;
  const connection = errorCode === undefined ? state : `${state} with ${errorCode}`;
  const where = keyStore.type === 'AWS_CLOUDHSM' ? keyStore.clusterId : `external key ${externalKeyId}`;
  return `${name} (${id}), ${connection}, ${where}`;
}

function multiRegionLines(key: KmsKey): readonly StyledLine[] {
  const type = multiRegionKeyTypeOf(key);
  if (type === undefined) return [];
  const { primary, replicas } = relationsOf(key);
  const others = replicas.length === 0 ? 'no replicas' : `replicas in ${replicas.join(', ')}`;
  return [field('Multi-Region', type === 'PRIMARY' ? `primary key, ${others}` : `replica of the key in ${primary}`)];
}

function statementLines({ name, effect, text }: StatementWords): readonly StyledLine[] {
  const style = effect === 'Allow' ? 'good' : 'error';
  return [line('  ', [style, effect ?? 'no effect'], `  ${name}`), wrapped(4, `    ${text}`)];
}

function grantLines(grant: GrantRecord, now: number): readonly StyledLine[] {
  const { id, name, operations, constraints = {}, created } = grant;
  const { granteePrincipal, granteeServicePrincipal, retiringPrincipal, retiringServicePrincipal } = grant;
  const { encryptionContextEquals, encryptionContextSubset, sourceArn } = constraints;
  const pairs = (context: { readonly [key: string]: string }): string =>
    Object.entries(context)
      .map(([key, value]) => `${key} = ${value}`)
      .join(', ');
  const bounds = [
    ...(encryptionContextEquals ? [`if the encryption context is ${pairs(encryptionContextEquals)}`] : []),
    ...(encryptionContextSubset ? [`if the encryption context contains ${pairs(encryptionContextSubset)}`] : []),
    ...(sourceArn === undefined ? [] : [`for ${sourceArn}`]),
  ];
  const title = name === undefined ? '' : `  ${name}`;
  const who = granteePrincipal ?? granteeServicePrincipal ?? 'no principal';
  const retiring = retiringPrincipal ?? retiringServicePrincipal;
  return [
    line('  ', ['strong', `${id.slice(0, 8)}…`], title, ['faint', `  since ${timeText(created, now)}`]),
    wrapped(4, `    ${[`${who} may use ${operations.join(', ')}`, ...bounds].join(', ')}`),
    ...(retiring === undefined ? [] : [wrapped(4, `    ${retiring} may retire it`)]),
  ];
}

/** In UTC, as in the audit log. */
const dateText = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

function timeText(time: number, now: number): string {
  const span = shortSpan(now - time);
  return `${dateText(time)} (${span === 'now' ? 'now' : `${span} ago`})`;
}
