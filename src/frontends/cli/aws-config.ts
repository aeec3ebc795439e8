/**
 * The configuration of the AWS CLI, for settings that our profiles lack: Region, output format and CLI settings.
 * Credentials are not used; the credentials file only gives names of profiles and their Regions.
 */
import { existsSync, readFileSync } from 'node:fs';
import { textLines } from '../../model/lines.ts';
import { CommandError } from '../../commands/command/command-error.ts';
import type { UserFolders } from '../../runtime/user-folders.ts';

export type ConfigSection = { readonly [setting: string]: string };

/** The settings of a profile in AWS's files, or undefined if neither has it. */
export function awsProfile(name: string, { env, home }: UserFolders): ConfigSection | undefined {
  const { config, credentials } = readFiles({ env, home });
  const inConfig = config.get(`profile ${name}`) ?? (name === 'default' ? config.get('default') : undefined);
  const inCredentials = credentials.get(name);
  if (!inConfig && !inCredentials) return undefined;
  const { region } = { ...inCredentials };
  return { ...(region === undefined ? {} : { region }), ...inConfig };
}

/** The names of all profiles in AWS's files. */
export function awsProfileNames(source: UserFolders): readonly string[] {
  const { config, credentials } = readFiles(source);
  const named = [...config.keys()].flatMap(
    (name) => /^(?:profile (.+)|(default))$/.exec(name)?.slice(1).filter(Boolean) ?? [],
  );
  return [...new Set([...named, ...credentials.keys()])];
}

type Sections = ReadonlyMap<string, ConfigSection>;

const readFiles = ({ env, home }: UserFolders): { readonly config: Sections; readonly credentials: Sections } => ({
  config: readIni(env['AWS_CONFIG_FILE'] || `${home}/.aws/config`),
  credentials: readIni(env['AWS_SHARED_CREDENTIALS_FILE'] || `${home}/.aws/credentials`),
});

/** A missing file counts as empty. */
function readIni(path: string): ReadonlyMap<string, ConfigSection> {
  // looked for first: an error with its stack takes longer than the rest, and most calls find no file
  if (!existsSync(path)) return new Map();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return new Map();
  }
  return parseIni(text, path);
}

export function parseIni(text: string, path: string): ReadonlyMap<string, ConfigSection> {
  const sections = new Map<string, { [setting: string]: string }>();
  let section: { [setting: string]: string } | undefined;
  for (const line of textLines(text)) {
    if (/^\s*(?:[#;].*)?$/.test(line)) continue;
    if (/^\s/.test(line)) continue; // a nested setting (`s3 =` and its own lines): none of them has a meaning here
    const header = /^\[\s*(.+?)\s*\]/.exec(line);
    const setting = /^([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (header) {
      const name = header[1]!.replace(/^profile\s+["']?(.*?)["']?$/, 'profile $1');
      section = sections.get(name) ?? {};
      sections.set(name, section);
    } else if (setting && section) section[setting[1]!] = setting[2]!;
    else throw new CommandError('other', `Unable to parse config file: ${path}`);
  }
  return sections;
}
