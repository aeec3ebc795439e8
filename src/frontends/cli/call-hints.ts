/** Hints for calls that failed: a name without `alias/`, a path without `fileb://`. Loaded only for those. */
import { KmsError } from '../../model/error.ts';
import type { NamedThing, StructureShape } from '../../model/shape.ts';
import type { KnownAliases } from '../../runtime/capabilities.ts';
import { optionName } from './input/option.ts';

interface FailedCall {
  readonly shape: StructureShape;
  readonly input: { readonly [member: string]: unknown };
  readonly session: KnownAliases;
  /** For values of this type that name a file. */
  readonly fileHints: (type: 'blob' | 'string') => readonly string[];
}

/** What of the input may be the reason for each error. */
const REASONS: { readonly [code: string]: 'name' | 'blob' | 'string' } = {
  NotFoundException: 'name',
  ValidationException: 'name',
  InvalidAliasNameException: 'name',
  InvalidCiphertextException: 'blob',
  InvalidImportTokenException: 'blob',
  IncorrectKeyMaterialException: 'blob',
  KMSInvalidMacException: 'blob',
  KMSInvalidSignatureException: 'blob',
  MalformedPolicyDocumentException: 'string',
  IncorrectTrustAnchorException: 'string',
};

export async function callHints(error: unknown, call: FailedCall): Promise<readonly string[]> {
  const reason = error instanceof KmsError ? REASONS[error.code] : undefined;
  if (reason === undefined) return [];
  return reason === 'name' ? aliasHints(call) : call.fileHints(reason);
}

const ALIASED: ReadonlySet<NamedThing | undefined> = new Set(['key', 'alias']);

async function aliasHints({ shape, input, session }: FailedCall): Promise<readonly string[]> {
  const hints: string[] = [];
  for (const [member, { shape: of }] of Object.entries(shape.members)) {
    const item = of.type === 'list' ? of.of : of;
    if (item.type !== 'string' || !ALIASED.has(item.names)) continue;
    for (const name of [input[member]].flat()) {
      if (typeof name !== 'string' || !/^[\w/-]+$/.test(name) || name.startsWith('alias/')) continue;
      const alias = `alias/${name}`;
      if (await session.aliasExists(alias)) hints.push(`did you mean ${optionName(member)} ${alias}?`);
    }
  }
  return hints;
}
