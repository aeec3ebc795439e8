/** KP701 to KP704: rules on role trust policies. */
import { matchesPattern } from '../../policy/glob.ts';
import { quote } from '../core/edit.ts';
import { PAGES, TRUST, type FindingDraft, type LintRule } from '../core/rule.ts';
import type { PrincipalItem, StatementView, TestView } from '../core/subject.ts';

export const TRUST_RULES: readonly LintRule[] = [
  {
    code: 'KP701',
    name: 'public-trust',
    severity: 'security',
    scopes: TRUST,
    title: 'role that anyone can assume',
    why: '"*" matches principals of every account, and an identity provider that everyone can use (GitHub, GitLab.com, HCP Terraform) issues tokens to everyone. Name the principals, or add a condition on their organization or account, or on the subject of the token. An external ID is no secret and does not limit who can assume the role.',
    bad: '"Principal": { "AWS": "*" }, "Action": "sts:AssumeRole"',
    good: '…, "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } }',
    see: PAGES.trust,
    fix: 'none',
    principal: publicTrust,
  },
  {
    code: 'KP702',
    name: 'trust-without-source',
    severity: 'warning',
    scopes: TRUST,
    title: 'trusted service without a source condition',
    why: 'A service uses the same service principal for all its customers (confused deputy). This service sends aws:SourceArn and aws:SourceAccount when it assumes a role: limit the role to your resources. Only services whose documentation has such a trust policy are reported, with its page: of others it is not known that they send these keys, and a condition on a key that is not sent is never fulfilled.',
    bad: '"Principal": { "Service": "ecs-tasks.amazonaws.com" }, "Action": "sts:AssumeRole"',
    good: '…, "Condition": { "StringEquals": { "aws:SourceAccount": "111122223333" } }',
    see: PAGES.confusedDeputy,
    fix: 'none',
    principal({ statement, text, at, path, type, negated }) {
      if (statement.effect !== 'Allow' || negated || type !== 'Service') return undefined;
      const page = SENDS_SOURCE.get(text.split('.', 1)[0]!);
      if (page === undefined || statement.tests.some(isOf(SOURCES))) return undefined;
      return { at, path, message: `${text} can assume the role for resources of any account`, notes: [`see: ${page}`] };
    },
  },
  {
    code: 'KP703',
    name: 'trust-cross-account',
    severity: 'hint',
    scopes: TRUST,
    title: 'role for another account without an external ID or organization',
    why: 'If the other account acts for several customers, it can be made to use this role for another one of them (confused deputy). Require the external ID that it gave you, or your organization.',
    bad: '"Principal": { "AWS": "arn:aws:iam::444455556666:root" }, "Action": "sts:AssumeRole"',
    good: '…, "Condition": { "StringEquals": { "sts:ExternalId": "example-id" } }',
    see: PAGES.confusedDeputy,
    fix: 'none',
    principal({ read, statement, text, at, path, negated }, { account, settings }) {
      const other = read.account;
      if (statement.effect !== 'Allow' || negated || !account || !other || other === account) return undefined;
      if (settings.trustedAccounts?.includes(other) || statement.tests.some(isOf(PARTNERS))) return undefined;
      return { at, path, message: `${quote(text)} is of account ${other}, the role of account ${account}` };
    },
  },
  {
    code: 'KP704',
    name: 'trust-action',
    severity: 'error',
    scopes: TRUST,
    title: 'action that is not for trust policies',
    why: 'A trust policy allows sts:AssumeRole, sts:AssumeRoleWithSAML, sts:AssumeRoleWithWebIdentity, sts:TagSession, sts:SetSourceIdentity and sts:SetContext. Other actions are rejected or have no effect.',
    bad: '"Action": "kms:Decrypt"',
    good: '"Action": "sts:AssumeRole"',
    see: PAGES.trust,
    fix: 'none',
    action: ({ text, at, path }) =>
      text.toLowerCase().startsWith('sts:') &&
      ACTIONS.some((action) => matchesPattern(text.toLowerCase(), action.toLowerCase()))
        ? undefined
        : { at, path, message: `${quote(text)} is not an action of a trust policy, such as sts:AssumeRole` },
  },
];

/** AWS STS API Reference. */
const ACTIONS =
  'sts:AssumeRole sts:AssumeRoleWithSAML sts:AssumeRoleWithWebIdentity sts:TagSession sts:SetSourceIdentity sts:SetContext'.split(
    ' ',
  );

/**
 * Services whose documentation says that they send these keys when they assume a role, and the page that has such a trust
 * policy. A service that no page was found of is not here.
 */
const SENDS_SOURCE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    autoscaling: 'Amazon EC2 Auto Scaling User Guide, Cross-service confused deputy prevention',
    bedrock: 'Amazon Bedrock User Guide, Create a service role for importing pre-trained models',
    codebuild: 'AWS CodeBuild User Guide, Allow CodeBuild to interact with other AWS services',
    codedeploy: 'AWS CodeDeploy User Guide, Cross-service confused deputy prevention',
    comprehend: 'Amazon Comprehend Developer Guide, Cross-service confused deputy prevention',
    datasync: 'AWS DataSync User Guide, Cross-service confused deputy prevention',
    'ecs-tasks': 'Amazon ECS Developer Guide, Amazon ECS task IAM role',
    greengrass: 'AWS IoT Greengrass Developer Guide, Version 1, Greengrass service role',
    iot: 'AWS IoT Core Developer Guide, Cross-service confused deputy prevention',
    logs: 'Amazon CloudWatch Logs User Guide, Create a destination',
    personalize: 'Amazon Personalize Developer Guide, Cross-service confused deputy prevention',
    pipes: 'Amazon EventBridge User Guide, Getting started: Create an Amazon EventBridge pipe',
    sagemaker: 'Amazon SageMaker Developer Guide, Cross-Service Confused Deputy Prevention',
    scheduler: 'Amazon EventBridge Scheduler User Guide, Confused deputy prevention in EventBridge Scheduler',
    ssm: 'AWS Systems Manager User Guide, Cross-service confused deputy prevention',
    states: 'AWS Step Functions Developer Guide, Creating an IAM role for your state machine in Step Functions',
    transcribe: 'Amazon Transcribe Developer Guide, Amazon Transcribe identity-based policy examples',
    transfer: 'AWS Transfer Family User Guide, Cross-service confused deputy prevention',
    translate: 'Amazon Translate Developer Guide, Prerequisites for batch translation jobs',
  }),
);

const SOURCES = /^aws:source(?:arn|account|orgid|orgpaths)$/;
const PARTNERS = /^(?:sts:externalid|aws:principal(?:orgid|orgpaths|tag\/.*|arn)|aws:userid)$/;
const NARROWING =
  /^(?:aws:principal(?:orgid|orgpaths|account|arn|serviceorgid)|aws:userid|aws:source(?:ip|vpc|vpce|vpcarn|arn|account|orgid|orgpaths))$/;

/** What a token says of whom it is for. */
const OF_TOKENS = /:(?:sub|repository\w*)$/;

/** Identity providers that everyone has an account of, by host (IAM User Guide, OIDC federation). */
const SHARED_ISSUERS = ['token.actions.githubusercontent.com', 'gitlab.com', 'app.terraform.io'];

const isOf =
  (keys: RegExp) =>
  ({ name, use }: TestView): boolean =>
    keys.test(name) && !!use && !use.operator.negated && !use.ifExists && use.set !== 'ForAllValues';

/** A condition that a value `*` satisfies limits nobody. */
const limits = (statement: StatementView, keys: RegExp): boolean =>
  statement.tests.some((test) => isOf(keys)(test) && test.values.every(({ text }) => !/^\**$/.test(text)));

function publicTrust(principal: PrincipalItem): FindingDraft | undefined {
  const { read, statement, at, path, negated, type, text } = principal;
  if (statement.effect !== 'Allow' || negated) return undefined;
  if (read.class === 'star' && !limits(statement, NARROWING))
    return { at, path, message: 'every principal in every account can assume the role' };
  const issuer = type === 'Federated' ? SHARED_ISSUERS.find((one) => text.endsWith(`oidc-provider/${one}`)) : undefined;
  if (issuer === undefined || limits(statement, OF_TOKENS)) return undefined;
  return {
    at,
    path,
    message: `every user of ${issuer} can assume the role`,
    label: `without a condition on ${issuer}:sub`,
  };
}
