/** Texts of profiles. */
import type { CommandTexts } from '../command-text/command-text.ts';

const SETTINGS =
  'principal, account, region, output, cli_binary_format, cli_timestamp_format, cli_pager, cli_auto_prompt or session_tags';
export const configure: CommandTexts = {
  Configure: {
    summary: 'Configures a profile interactively',
    description: [
      'A profile says whom calls are made as, and which Region and output format they have. --profile names it; the one without a name is default. Needs a terminal.',
      'Region, output format and the settings that begin with cli_ are taken from the configuration of the AWS CLI where a profile here has none.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'A profile for a role', lines: ['kms configure --profile reader'] }],
    seeAlso: ['ConfigureSet', 'ConfigureGet', 'ConfigureList', 'GetCallerIdentity'],
  },

  ConfigureSet: {
    summary: 'Sets a setting of a profile',
    description: ['An empty value removes the setting.'],
    members: {
      Name: `The setting: ${SETTINGS}.`,
      Value:
        'Its value: for principal an ARN or the host name of a service, for account 12 digits, for session_tags pairs like Department=IT,Project=X.',
    },
    errors: [],
    examples: [
      {
        title: 'A profile for a role',
        lines: ['kms configure set principal arn:aws:iam::111122223333:role/reader --profile reader'],
      },
    ],
    seeAlso: ['Configure', 'ConfigureGet'],
  },

  ConfigureGet: {
    summary: 'Gets a setting of a profile',
    description: ['Prints the value and nothing else. Exits 1 if it is not set.'],
    members: { Name: `The setting: ${SETTINGS}.` },
    errors: [],
    examples: [{ title: 'The Region of a profile', lines: ['kms configure get region --profile reader'] }],
    seeAlso: ['ConfigureSet', 'ConfigureList'],
    output: 'The value, on one line.',
  },

  ConfigureList: {
    summary: 'Lists all profiles and their settings',
    description: [
      'Answers what is in the configuration file of kms; options, environment variables and the configuration of the AWS CLI are not looked at.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'For people', lines: ['kms configure list --output table'] }],
    seeAlso: ['Configure', 'GetCallerIdentity'],
  },
};
