/**
 * The credentials file of the AWS SDKs ("Shared config and credentials files"): profiles as sections, and in each of them
 * an access key and what else a client needs.
 */
import { textLines } from '../../model/lines.ts';
import { EnvironmentError } from '../../model/error.ts';

const [ID, SECRET, TOKEN] = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token'];

export interface FilePair {
  readonly id: string;
  readonly secret: string;
}

export const formatCredentials = ({ id, secret }: FilePair, more: { readonly [name: string]: string }): string =>
  ['[default]', ...Object.entries({ [ID]: id, [SECRET]: secret, ...more }).map((entry) => entry.join(' = ')), ''].join(
    '\n',
  );

/** The access key of the only profile, or of the profile `default`. @param name of the file, for what is said of it */
export function parseCredentials(text: string, name: string): FilePair {
  const profiles = profilesIn(text, name);
  const profile = profiles.get('default') ?? (profiles.size === 1 ? [...profiles.values()][0] : undefined);
  if (!profile) {
    throw new EnvironmentError(`${name} has no profile default, and ${profiles.size} others`, [
      `[default], ${ID} = ..., ${SECRET} = ..., each on a line`,
    ]);
  }
  const [id, secret] = [profile.get(ID), profile.get(SECRET)];
  if (!id || !secret) throw new EnvironmentError(`${name} has no ${id ? SECRET : ID}`);
  if (profile.has(TOKEN))
    throw new EnvironmentError(`the access key in ${name} has a session token: temporary credentials cannot be added`);
  return { id, secret };
}

function profilesIn(text: string, name: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const profiles = new Map<string, Map<string, string>>();
  let profile: Map<string, string> | undefined;
  for (const [index, line] of textLines(text).entries()) {
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    const [, section, key, value] = /^\s*(?:\[\s*(.*?)\s*\]|([\w.-]+)\s*=\s*(.*?))\s*$/.exec(line) ?? [];
    if (section !== undefined) profiles.set(section, (profile = profiles.get(section) ?? new Map<string, string>()));
    else if (key === undefined || !profile || profile.has(key)) throw malformed(name, index + 1);
    else profile.set(key, value!);
  }
  return profiles;
}

/** Without the line: it may be the secret. */
const malformed = (name: string, line: number): EnvironmentError =>
  new EnvironmentError(`${name}:${line} is not [PROFILE] or NAME = VALUE, or is a duplicate`);
