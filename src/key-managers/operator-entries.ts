/**
 * The entries that the operator has made for key managers (`kms hsm add`, `kms xks add`): which libraries are loaded and
 * which hosts are called is written there alone, never by callers.
 */
import { entryFolder, type EntryFolder, type EntryRules } from '../files/entry-folder.ts';

/** @param configFolder of this user; absolute @param kind of key manager: its folder */
export const operatorEntries = <T>(configFolder: string, kind: 'hsm' | 'xks', rules: EntryRules<T>): EntryFolder<T> =>
  entryFolder(`${configFolder}/key-managers/${kind}`, rules);

/** Of a member of an entry. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
export const isTextOrAbsent = (value: unknown): value is string | undefined => value === undefined || isText(value);
