/** Texts of profiles. */
import type { CommandTexts } from '../command-text/command-text.ts';

const SETTINGS =
  'principal, account, region, output, cli_binary_format, cli_timestamp_format, cli_pager, cli_auto_prompt, cli_error_format, parameter_validation or session_tags';
export const configure: CommandTexts = {
  Configure: {
    summary: 'Configures a profile interactively',
    description: [
      'A profile holds the caller, the Region and the output format of calls. --profile selects the profile to configure; the default is the profile named default. Requires a terminal.',
      'Region, output format, parameter_validation and the settings that begin with cli_ default to those of the same profile in the AWS CLI configuration.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Configure a profile for a role', lines: ['kms configure --profile reader'] }],
    seeAlso: ['ConfigureSet', 'ConfigureGet', 'ConfigureList', 'GetCallerIdentity'],
  },

  ConfigureSet: {
    summary: 'Sets a setting of a profile',
    description: ['An empty value removes the setting.'],
    members: {
      Name: `The name of the setting: ${SETTINGS}.`,
      Value:
        'The value of the setting: an ARN or an AWS service principal for principal, 12 digits for account, KEY=VALUE,... for session_tags. An empty value removes the setting.',
    },
    errors: [],
    examples: [
      {
        title: 'Set the principal of a profile',
        lines: ['kms configure set principal arn:aws:iam::111122223333:role/reader --profile reader'],
      },
    ],
    seeAlso: ['Configure', 'ConfigureGet'],
  },

  ConfigureGet: {
    summary: 'Gets a setting of a profile',
    description: [
      'Prints only the value. Exits with status 1 if the setting has no value. Settings that kms takes from the AWS CLI configuration, such as region, are printed from there if the kms profile lacks them.',
    ],
    members: {
      Name: `The name of the setting: ${SETTINGS}. PROFILE.NAME and profile.PROFILE.NAME name the setting of another profile.`,
    },
    errors: [],
    examples: [{ title: 'Print the Region of a profile', lines: ['kms configure get region --profile reader'] }],
    seeAlso: ['ConfigureSet', 'ConfigureList'],
    output: 'The value, on one line.',
  },

  ConfigureList: {
    summary: 'Lists all profiles and their settings',
    description: [
      'Returns the contents of the kms configuration file. Options, environment variables and the AWS CLI configuration are not included.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'List the profiles as a table', lines: ['kms configure list --output table'] }],
    seeAlso: ['Configure', 'GetCallerIdentity'],
  },
};
