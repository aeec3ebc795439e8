/** The configuration of the linter, as JSON Schema (2020-12): for completion in editors, and for the checks of config.ts. */
import { ACCOUNT_ID } from '../model/account.ts';
import { PRINCIPAL_FORMS } from '../model/principal-arn.ts';
import { SEVERITIES } from './core/settings.ts';

/** The part of JSON Schema that is used here. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false | Schema;
  readonly propertyNames?: { readonly pattern: string };
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** Forms of our own, which JSON Schema lets a reader know or not. */
  readonly format?: 'principal' | 'principal-arn';
}

const text = (description: string, pattern?: string): Schema => ({
  type: 'string',
  description,
  ...(pattern === undefined ? {} : { pattern }),
});
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const CODE = '^KP[0-9]{0,3}$';
const ACCOUNT = `^${ACCOUNT_ID}$`;

export const CONFIG_SCHEMA: Schema & { readonly $schema: string; readonly title: string } = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'policylint.json, the configuration of kms lint',
  ...object({
    $schema: text('the location of this schema'),
    account: text('the account that owns the keys', ACCOUNT),
    trustedAccounts: {
      type: 'array',
      description: 'other accounts that may have access',
      items: text('an account', ACCOUNT),
    },
    identities: {
      type: 'array',
      description: 'the users, roles and accounts that exist; other principals are findings (KP105)',
      items: object(
        {
          arn: { ...text('an ARN of a user, role or account root'), format: 'principal-arn' },
          id: text('the unique ID of the identity', '^A(?:IDA|ROA)'),
        },
        ['arn'],
      ),
    },
    rules: {
      type: 'object',
      description: 'severities by rule code or code prefix, such as KP4',
      propertyNames: { pattern: CODE },
      additionalProperties: { type: 'string', enum: [...SEVERITIES, 'off'] },
    },
    failOn: {
      type: 'string',
      description: 'the lowest severity that makes kms lint exit with status 1',
      enum: SEVERITIES,
    },
    overrides: {
      type: 'array',
      description: 'findings to suppress',
      items: object(
        {
          file: text('file name pattern, with the wildcards * and ?'),
          sid: text('Sid of the statement'),
          pointer: text('JSON pointer of the element, or of an element that contains it', '^(?:/|$)'),
          rules: { type: 'array', items: text('a rule code or code prefix', CODE) },
          reason: text('why'),
          expires: text('the last day on which the override is effective', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
        },
        ['rules', 'reason'],
      ),
    },
    expect: {
      type: 'array',
      description: 'access that must, or must not, be allowed (KP610)',
      items: object(
        {
          principal: { ...text(PRINCIPAL_FORMS), format: 'principal' },
          action: text('kms:Decrypt', '^kms:[A-Za-z]+$'),
          allowed: { type: 'boolean' },
          context: {
            type: 'object',
            description: 'values of condition keys',
            additionalProperties: { type: 'string' },
          },
        },
        ['principal', 'action', 'allowed'],
      ),
    },
  }),
};
