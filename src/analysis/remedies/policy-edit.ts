/** Edits of an attached policy: the statements as evaluate() reads them, and the text that would be written. */
import { isObject, type JsonObject } from '../../model/json-object.ts';
import { attachPolicy, type AttachedPolicy, type Statement } from '../../policy/document.ts';

/** @returns undefined if the text, written anew, could name others: a principal of it may be gone */
export const textToWrite = ({ boundIds, document, shownText }: AttachedPolicy): string | undefined =>
  shownText ?? (boundIds === undefined ? document.text : undefined);

/** A policy of one statement. */
export const policyOf = (name: string, statement: JsonObject): AttachedPolicy =>
  attachPolicy(name, jsonText({ Version: '2012-10-17', Statement: [statement] }));

export const withStatement = (policy: AttachedPolicy, statement: JsonObject): AttachedPolicy =>
  spliced(policy, policy.document.statements.length, {
    remove: 0,
    added: [{ statement: policyOf('', statement).document.statements[0]!, change: () => statement }],
  });

/** The policy without this very statement; one that does not have it stays as it is. */
export const withoutStatement = (policy: AttachedPolicy, statement: Statement): AttachedPolicy =>
  replaced(policy, statement, []);

/** The policy with another condition on this very statement; one that does not have it stays as it is. */
export const withCondition = (policy: AttachedPolicy, statement: Statement, condition: unknown): AttachedPolicy =>
  replaced(policy, statement, [
    { statement: { ...statement, condition }, change: (raw) => ({ ...raw, Condition: condition }) },
  ]);

interface Added {
  readonly statement: Statement;
  /** @param raw what stood there as it was written */
  readonly change: (raw: JsonObject) => JsonObject;
}

function replaced(policy: AttachedPolicy, statement: Statement, added: readonly Added[]): AttachedPolicy {
  const at = policy.document.statements.indexOf(statement);
  return at < 0 ? policy : spliced(policy, at, { remove: 1, added });
}

/** The text is made when it is asked for: most edits are only tried. */
function spliced(
  policy: AttachedPolicy,
  at: number,
  { remove, added }: { readonly remove: number; readonly added: readonly Added[] },
): AttachedPolicy {
  const { name, group, boundIds, document } = policy;
  const statements = document.statements.toSpliced(at, remove, ...added.map(({ statement }) => statement));
  return {
    name,
    ...(group ? { group } : {}),
    ...(boundIds ? { boundIds } : {}),
    document: { ...document, statements },
    get shownText() {
      const text = textToWrite(policy);
      if (text === undefined) return undefined;
      const { Statement: list, ...rest } = JSON.parse(text) as JsonObject;
      const raw: readonly unknown[] = Array.isArray(list) ? list : [list];
      const before = isObject(raw[at]) ? raw[at] : {};
      return jsonText({ ...rest, Statement: raw.toSpliced(at, remove, ...added.map(({ change }) => change(before))) });
    },
  };
}

/** In ASCII, so that no terminal and no shell changes it. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** `AllowDecrypt`, or another one if policies are called so: a policy of a name that is taken would be replaced. */
export function newName(action: string, taken: readonly AttachedPolicy[]): string {
  const names = new Set(taken.map(({ name }) => name));
  const name = `Allow${action.slice(action.indexOf(':') + 1)}`;
  let free = name;
  for (let number = 2; names.has(free); number += 1) free = `${name}${number}`;
  return free;
}
