/** Managed policies, which principals name by their ARNs: those of the seed, and a few of AWS's. */
import { parseArn } from '../../../model/arn.ts';
import { EnvironmentError } from '../../../model/error.ts';
import type { Seed } from '../seed/document.ts';
import { policyText } from './step.ts';

export interface ManagedPolicies {
  /** undefined: one of AWS's whose statements are not known here. @throws EnvironmentError for any other */
  find(arn: string): string | undefined;
}

export function managedPolicies(seeds: readonly Seed[]): ManagedPolicies {
  const texts = new Map<string, string>();
  for (const { Arn, PolicyDocument } of seeds.flatMap(({ ManagedPolicies = [] }) => ManagedPolicies)) {
    if (texts.has(Arn)) throw new EnvironmentError(`the managed policy ${Arn} is declared twice`);
    texts.set(Arn, policyText(PolicyDocument));
  }
  return {
    find(arn) {
      const name = awsPolicyName(arn);
      const known = texts.get(arn) ?? (name !== undefined && AWS_POLICIES.get(name));
      if (known) return known;
      if (name !== undefined && !RESTRICTS.test(name)) return undefined;
      throw new EnvironmentError(`the managed policy ${arn} is not known`, [
        'a seed declares it as ManagedPolicies: [{Arn: ..., PolicyDocument: ...}]; --managed-policies names such a file for a template',
      ]);
    },
  };
}

/** Without it, callers would have more permissions than in AWS. */
const RESTRICTS = /deny|quarantine|boundary/i;

/** `arn:aws:iam::aws:policy/service-role/NAME` */
function awsPolicyName(arn: string): string | undefined {
  const { service, account, resource } = parseArn(arn) ?? {};
  return service === 'iam' && account === 'aws' ? resource!.split('/').at(-1) : undefined;
}

const statement = (Effect: 'Allow' | 'Deny', Action: string | readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect, Action, Resource: '*' }] });

/** Those that are about KMS and have one statement (AWS Managed Policy Reference Guide). */
const AWS_POLICIES: ReadonlyMap<string, string> = new Map([
  ['AdministratorAccess', statement('Allow', '*')],
  ['AWSDenyAll', statement('Deny', '*')],
  [
    'AWSKeyManagementServicePowerUser',
    statement('Allow', [
      'kms:CreateAlias',
      'kms:CreateKey',
      'kms:DeleteAlias',
      'kms:Describe*',
      'kms:GenerateRandom',
      'kms:Get*',
      'kms:List*',
      'kms:TagResource',
      'kms:UntagResource',
      'iam:ListGroups',
      'iam:ListRoles',
      'iam:ListUsers',
    ]),
  ],
]);
