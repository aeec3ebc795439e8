/** The findings of the linter about keys: their policies and their grants. */
import type { Finding } from '../../lint/core/finding.ts';
import { SEVERITIES } from '../../lint/core/settings.ts';
import { lintDocuments } from '../../lint/run.ts';
import type { GrantsPlace } from '../../keyring/grant.ts';
import type { KmsKey } from '../../keyring/kms-key.ts';
import type { Transaction } from '../../keyring/transaction.ts';
import type { CallerChoice, Clock } from '../../runtime/capabilities.ts';
import { documentsByKey } from './lint-documents.ts';
import { lintOptionsOf } from './lint-options.ts';

/** All of each key, the most severe first. */
export async function findingsByKey(
  tx: Transaction,
  asked: { readonly keys: readonly KmsKey[]; readonly place: GrantsPlace; readonly session: CallerChoice & Clock },
): Promise<ReadonlyMap<string, readonly Finding[]>> {
  const documents = await documentsByKey(tx, asked);
  const linted = lintDocuments([...documents.values()].flat(), await lintOptionsOf({}, asked.session));
  let at = 0;
  return new Map(
    Array.from(documents, ([keyId, own]) => {
      const reports = linted.slice(at, (at += own.length));
      return [keyId, reports.flatMap(({ findings }) => findings).toSorted(bySeverity)];
    }),
  );
}

const bySeverity = (one: Finding, other: Finding): number =>
  SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
