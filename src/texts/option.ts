/** Texts of the options that are no members: global ones, and those that every command has. */

/** By name; one or two sentences each. */
export const GLOBAL_OPTION_TEXTS: { readonly [name: string]: string } = {
  '--debug':
    'Tells the way of the call on stderr: place, unlocking, targets, decision, times; never a secret. After a defect of the program, prints where it happened.',
  '--endpoint-url': 'Accepted without effect, so that scripts written for emulators run; the scheme must be there.',
  '--no-verify-ssl': 'Accepted without effect: there is no connection.',
  '--no-paginate': 'Answers the first page only, with its NextMarker, instead of all pages. Default: all pages.',
  '--output': 'The format of the answer. Default: AWS_DEFAULT_OUTPUT, then the profile, then json.',
  '--query': 'A JMESPath expression that picks or reshapes the answer before it is printed.',
  '--profile': 'The profile to take settings from. Default: AWS_PROFILE, then AWS_DEFAULT_PROFILE, then default.',
  '--region':
    'The Region that keys are made and looked up in. Default: AWS_REGION, then AWS_DEFAULT_REGION, then the profile, then the default Region of the keyring.',
  '--version': 'Prints the version and stops.',
  '--color': 'Color in table output. Default: auto, only on a terminal and without NO_COLOR.',
  '--no-sign-request': 'Accepted without effect: requests are not signed.',
  '--ca-bundle': 'Accepted without effect: there is no connection.',
  '--cli-read-timeout': 'Accepted without effect; must be a number.',
  '--cli-connect-timeout': 'Accepted without effect; must be a number.',
  '--cli-binary-format':
    'How binary values are given as text: base64, or raw-in-base64-out, which takes the characters themselves. Files after fileb:// are always taken as bytes. Default: base64.',
  '--no-cli-pager': 'Prints straight to the terminal instead of through a pager.',
  '--cli-auto-prompt':
    'Asks on the terminal for the command and for the options that it lacks, and shows the line that it made. Default: AWS_CLI_AUTO_PROMPT, then cli_auto_prompt of the profile: on, on-partial (only if the line is wrong) or off.',
  '--no-cli-auto-prompt': 'Does not ask for options, whatever the environment or the profile says.',
  '--cli-error-format': 'How errors are printed. Default: AWS_CLI_ERROR_FORMAT, then enhanced.',
  '--keyring':
    'The folder of the keyring, or the keyring file. Default: POCKET_KMS_KEYRING, then a folder .kms here or above, then your own place.',
  '--key-file':
    'The key file that unlocks the keyring. Default: POCKET_KMS_KEY_FILE, then the file that the unlock slot of a trusted keyring names, then the one in your configuration.',
  '--passphrase-file': 'A file with the passphrase that unlocks the keyring. Default: POCKET_KMS_PASSPHRASE_FILE.',
  '--passphrase-fd': 'An open file descriptor to read the passphrase from that unlocks the keyring.',
  '--as':
    'Whom the call is made as: the ARN of a user, a role, a session of a role or the root user of an account, or the host name of a service. Default: the principal of the profile, then the root user of the account of the keyring.',
  '--session-policy':
    'A session policy for the caller that --as or the profile names, as JSON or file://PATH: what it does not allow is not allowed. The root user and services have none.',
  '--session-tags': 'Tags of the session, like Department=IT,Project=X, for conditions on aws:PrincipalTag.',
  '--mfa': 'The caller has authenticated with a second factor just now (aws:MultiFactorAuthPresent).',
  '--via-service': 'The service that makes the call for the caller, like s3.us-east-1.amazonaws.com (kms:ViaService).',
  '--source-arn': 'The resource that a service calls for (aws:SourceArn).',
  '--source-account': 'The account of the resource that a service calls for (aws:SourceAccount).',
  '--source-ip': 'The address that the call comes from (aws:SourceIp). Default: 127.0.0.1.',
  '--source-vpc': 'The VPC that the call comes from (aws:SourceVpc).',
  '--source-vpce': 'The VPC endpoint that the call comes through (aws:SourceVpce).',
  '--why': 'After a denial, prints on stderr how it came to it, and the nearest ways to be allowed.',
  '--help': 'Prints the help of the command and stops.',
  '--quiet': 'No remarks on stderr; errors are still printed.',
};

/** Of every command, and of those whose answers come in pages. */
export const COMMON_OPTION_TEXTS: { readonly [name: string]: string } = {
  '--cli-input-json':
    'All members at once, as a JSON text or file://PATH; options on the line come first. kms CMD --generate-cli-skeleton prints a form for it.',
  '--cli-input-yaml': 'As --cli-input-json, but YAML.',
  '--starting-token': 'Goes on where a list was cut: the NextToken of the last answer.',
  '--page-size': 'How many items to ask for at a time. All pages are answered in any case.',
  '--max-items': 'At most so many items in all; the answer has a NextToken if there are more.',
  '--generate-cli-skeleton':
    'Does not run the command: prints a form for --cli-input-json (input, the default), for --cli-input-yaml (yaml-input), or a sample of the answer (output).',
};
