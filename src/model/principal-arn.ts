/**
 * ARNs of principals: the only parser of their forms (IAM User Guide, "IAM identifiers"; "AWS JSON policy elements:
 * Principal"). Any other form is an error, and never stands for a principal.
 */
import { isAccountId } from './account.ts';
import { arnText, parseArn, partitionOf } from './arn.ts';
import { EnvironmentError } from './error.ts';
import { DEFAULT_REGION } from './region.ts';

export type PrincipalForm = 'root' | 'user' | 'role' | 'assumed-role' | 'federated-user';

export interface PrincipalArn {
  readonly form: PrincipalForm;
  readonly partition: string;
  readonly account: string;
  /** Of a user, a role or a federated user, without its path; of an assumed role that of the role. Of root nothing. */
  readonly name: string;
  /** Of an assumed role. */
  readonly session?: string;
}

const PARTITIONS = new Set([
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-eusc',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
]);
const NAME = '[\\w+=,.@-]+';
/** Any visible characters of ASCII, slashes too (IAM API Reference, CreateUser, Path). */
const PATH = '(?:[!-~]*/)?';
const IAM = new RegExp(`^(?:(?<root>root)|(?<form>user|role)/${PATH}(?<name>${NAME}))$`);
/** Services assume roles of theirs under names with a colon: `aws:ec2-infrastructure`. */
const STS = new RegExp(`^(?<form>assumed-role|federated-user)/(?<name>(?:aws:)?${NAME})(?:/(?<session>${NAME}))?$`);
const RESOURCES: ReadonlyMap<string, RegExp> = new Map([
  ['iam', IAM],
  ['sts', STS],
]);

/** @returns undefined for a text that is not the ARN of a principal */
export function readPrincipalArn(text: string): PrincipalArn | undefined {
  const arn = parseArn(text);
  if (!arn || arn.region !== '') return undefined;
  const { partition, account, service, resource } = arn;
  if (!PARTITIONS.has(partition) || !isAccountId(account)) return undefined;
  const { root, form = root, name = '', session } = RESOURCES.get(service)?.exec(resource)?.groups ?? {};
  if (!form || (form === 'assumed-role') !== (session !== undefined)) return undefined;
  return { form: form as PrincipalForm, partition, account, name, ...(session === undefined ? {} : { session }) };
}

const GROUP = new RegExp(`^group/${PATH}(?<name>${NAME})$`);

/** A group is not a principal: it makes no calls, and policies cannot name it. */
export function readGroupArn(text: string): { readonly account: string; readonly name: string } | undefined {
  const arn = parseArn(text);
  if (arn?.service !== 'iam' || arn.region !== '' || !PARTITIONS.has(arn.partition) || !isAccountId(arn.account)) {
    return undefined;
  }
  const name = GROUP.exec(arn.resource)?.groups?.['name'];
  return name === undefined ? undefined : { account: arn.account, name };
}

/** An account's root user, and in policies the account. @param region any of the partition */
export const rootArn = (account: string, region = DEFAULT_REGION): string =>
  arnText({ partition: partitionOf(region), service: 'iam', region: '', account, resource: 'root' });

/** Host names of AWS's services: `s3.amazonaws.com`, `lambda.us-east-1.amazonaws.com`. */
export const isServiceName = (text: string): boolean =>
  /^[a-z0-9][a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal)$/.test(text);

/** Whether a call can be made as this: an ARN of a principal, or the host name of a service. */
export const isPrincipal = (text: string): boolean => readPrincipalArn(text) !== undefined || isServiceName(text);

/** Description of the accepted forms: after "must be" in an error, and in a hint. */
export const PRINCIPAL_FORMS =
  'an ARN of a user, role, role session, federated user or account root, or the host name of a service';

/** @param argument what the text was given as */
export const noPrincipal = (text: string, argument = 'a principal'): EnvironmentError =>
  new EnvironmentError(`${argument} must be ${PRINCIPAL_FORMS}, not '${text}'`, [
    'arn:aws:iam::111122223333:user/Alice, arn:aws:iam::111122223333:role/App, arn:aws:sts::111122223333:assumed-role/App/i-0abc, arn:aws:iam::111122223333:root, s3.amazonaws.com',
  ]);

/** @throws EnvironmentError that names the argument */
export function checkPrincipal(text: string, argument: string): string {
  if (isPrincipal(text)) return text;
  throw noPrincipal(text, argument);
}
