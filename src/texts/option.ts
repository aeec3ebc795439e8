/** Texts of the options that are not members of an input: global options, and options of every command. */

/** By name; one or two sentences each. */
export const GLOBAL_OPTION_TEXTS: { readonly [name: string]: string } = {
  '--debug':
    'Print a trace of the call on stderr: keyring location, unlock slot, target keys, authorization decision, failures of CloudHSM clusters and external key store proxies, and timings. Secrets are never printed. Internal errors include a stack trace.',
  '--endpoint-url': 'Accepted for compatibility and ignored. The URL must include a scheme.',
  '--no-verify-ssl': 'Accepted for compatibility and ignored.',
  '--no-paginate': 'Return only the first page and its NextMarker. Default: all pages.',
  '--output': 'The output format. Default: AWS_DEFAULT_OUTPUT, then the profile, then json.',
  '--query': 'A JMESPath expression to filter the output.',
  '--profile': 'The profile whose settings are used. Default: AWS_PROFILE, then AWS_DEFAULT_PROFILE, then default.',
  '--region':
    'The Region of the call. Default: AWS_REGION, then AWS_DEFAULT_REGION, then the profile, then the default Region of the keyring.',
  '--version': 'Print the version and exit.',
  '--color':
    'When to use color in tables and in output for reading. Default: auto, which uses color on a terminal unless NO_COLOR is set.',
  '--no-sign-request': 'Accepted for compatibility and ignored.',
  '--ca-bundle': 'Accepted for compatibility and ignored.',
  '--cli-read-timeout': 'Accepted for compatibility and ignored. Must be a number.',
  '--cli-connect-timeout': 'Accepted for compatibility and ignored. Must be a number.',
  '--cli-binary-format':
    'The format of binary values on the command line: base64, or raw-in-base64-out for literal text. fileb:// always reads raw bytes. Default: base64.',
  '--no-cli-pager': 'Disable the pager.',
  '--cli-auto-prompt':
    'Prompt on the terminal for the command and its missing options, then print the resulting command line. Default: AWS_CLI_AUTO_PROMPT, then cli_auto_prompt of the profile: on, on-partial (only if the command line is not valid) or off.',
  '--no-cli-auto-prompt': 'Disable prompting for this call, regardless of the environment and the profile.',
  '--cli-error-format': 'The format of errors. Default: AWS_CLI_ERROR_FORMAT, then enhanced.',
  '--keyring':
    'The keyring folder or keyring file. Default: POCKET_KMS_KEYRING, then a .kms folder in the current folder or one of its parents, then the user keyring.',
  '--key-file':
    'The key file that unlocks the keyring. Default: POCKET_KMS_KEY_FILE, then the file recorded in the unlock slot of a trusted keyring, then the key file in the user configuration.',
  '--passphrase-file': 'The file that contains the passphrase of the keyring. Default: POCKET_KMS_PASSPHRASE_FILE.',
  '--passphrase-fd': 'The open file descriptor to read the passphrase of the keyring from.',
  '--as':
    'The caller: the ARN of a user, role, role session or account root user, or an AWS service principal. Default: the principal of the profile, then the root user of the keyring account.',
  '--session-policy':
    'A session policy for the caller, as JSON or file://PATH. It limits the permissions of the caller. Not valid for a root user or a service principal.',
  '--session-tags': 'Session tags for the caller, as KEY=VALUE,... (condition key aws:PrincipalTag).',
  '--mfa':
    'Make the call as a caller authenticated with MFA (condition keys aws:MultiFactorAuthPresent and aws:MultiFactorAuthAge).',
  '--via-service':
    'The AWS service that makes the call on behalf of the caller, such as s3.us-east-1.amazonaws.com (condition key kms:ViaService).',
  '--source-arn':
    'The ARN of the resource on whose behalf a service principal makes the call (condition key aws:SourceArn).',
  '--source-account':
    'The account of the resource on whose behalf a service principal makes the call (condition key aws:SourceAccount).',
  '--source-ip': 'The IP address of the caller (condition key aws:SourceIp). Default: 127.0.0.1.',
  '--source-vpc': 'The ID of the VPC that the call comes from (condition key aws:SourceVpc).',
  '--source-vpce': 'The ID of the VPC endpoint that the call goes through (condition key aws:SourceVpce).',
  '--why':
    'If access is denied, print the evaluation steps and the smallest changes that would allow the call on stderr.',
  '--help': 'Print the help of the command and exit.',
  '--quiet': 'Suppress notices and warnings on stderr. Errors are still printed.',
};

/** Of every command, and of those whose answers come in pages. */
export const COMMON_OPTION_TEXTS: { readonly [name: string]: string } = {
  '--cli-input-json':
    'The parameters as a JSON document, or file://PATH. Options on the command line override it. --generate-cli-skeleton prints a template.',
  '--cli-input-yaml': 'The parameters as a YAML document, or file://PATH. Options on the command line override it.',
  '--starting-token': 'The NextToken of the previous response, to continue a truncated list.',
  '--page-size': 'The number of items per page. All pages are returned regardless.',
  '--max-items': 'The maximum number of items to return. The response includes a NextToken if there are more.',
  '--generate-cli-skeleton':
    'Print a template instead of running the command: for --cli-input-json (input, the default), for --cli-input-yaml (yaml-input), or a sample response (output).',
};
