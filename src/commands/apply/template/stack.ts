/** The stack that a template is applied as: its name is what tells the resources of two templates apart. */
import { createHash } from 'node:crypto';
import { arnText, partitionOf, type Home } from '../../../model/arn.ts';
import { EnvironmentError } from '../../../model/error.ts';

export interface StackOptions {
  /** Absent: after the file. */
  readonly stackName?: string | undefined;
  readonly parameters?: { readonly [name: string]: string } | undefined;
  /** Values of Fn::ImportValue. */
  readonly imports?: { readonly [name: string]: string } | undefined;
  /** LocalStack's tags choose the ID and the material of keys. */
  readonly localstackTags?: boolean | undefined;
}

/** The tag in which a principal that CloudFormation makes has the name of its stack. */
export const STACK_TAG = 'aws:cloudformation:stack-name';

export interface Stack {
  readonly name: string;
  readonly home: Home;
}

/** The pattern of CreateStack's StackName (AWS CloudFormation API Reference). */
const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

/** @param file its name; a template that the AWS CDK wrote has the stack's: `AppStack.template.json` */
export function stackNameOf(file: string, chosen: string | undefined): string {
  const name =
    chosen ??
    file
      .split(/[/\\]/)
      .at(-1)!
      .replace(/(?:\.template)?(?:\.(?:json|ya?ml|template))?$/i, '');
  if (STACK_NAME.test(name)) return name;
  throw new EnvironmentError(`'${name}' cannot be the name of a stack`, [
    'use --stack-name: letters, digits and hyphens, a letter first, at most 128 characters',
  ]);
}

/** Hexadecimal digits that differ between accounts, Regions, stacks and logical IDs, and are always the same for these. */
const digitsOf = ({ name, home: { account, region } }: Stack, logicalId: string): string =>
  createHash('sha256')
    .update(JSON.stringify([account, region, name, logicalId]))
    .digest('hex');

/** A key ID, the same each time that the template is applied. */
export function keyIdIn(stack: Stack, logicalId: string, { multiRegion }: { readonly multiRegion: boolean }): string {
  const digits = digitsOf(stack, logicalId);
  return multiRegion ? `mrk-${digits.slice(0, 32)}` : uuidOf(digits);
}

function uuidOf(digits: string): string {
  const [a, b, c, d, e] = [0, 8, 12, 16, 20].map((at, index) => digits.slice(at, [8, 12, 16, 20, 32][index]));
  return `${a}-${b}-4${c!.slice(1)}-8${d!.slice(1)}-${e}`;
}

/** As CloudFormation names resources that have no name: stack, logical ID, and characters that make it unique. */
export const physicalName = (stack: Stack, logicalId: string): string =>
  `${stack.name.slice(0, 24)}-${logicalId.slice(0, 24)}-${digitsOf(stack, logicalId).slice(0, 12).toUpperCase()}`;

export const stackId = (stack: Stack): string =>
  arnText({
    partition: partitionOf(stack.home.region),
    service: 'cloudformation',
    region: stack.home.region,
    account: stack.home.account,
    resource: `stack/${stack.name}/${uuidOf(digitsOf(stack, ''))}`,
  });
