/** The configuration of the linter, as JSON Schema (2020-12): what editors complete by, and what config.ts checks by. */
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
    $schema: text('where this schema is'),
    account: text('the account that owns the keys', ACCOUNT),
    trustedAccounts: {
      type: 'array',
      description: 'other accounts that may have access',
      items: text('an account', ACCOUNT),
    },
    identities: {
      type: 'array',
      description: 'users, roles and accounts that exist; others are found wrong (KP105)',
      items: object(
        {
          arn: { ...text('ARN of a user, role or account root'), format: 'principal-arn' },
          id: text('its unique id', '^A(?:IDA|ROA)'),
        },
        ['arn'],
      ),
    },
    rules: {
      type: 'object',
      description: 'severities by code, or by the beginning of one: KP4',
      propertyNames: { pattern: CODE },
      additionalProperties: { type: 'string', enum: [...SEVERITIES, 'off'] },
    },
    failOn: { type: 'string', description: 'the least severity that makes kms lint exit with 1', enum: SEVERITIES },
    overrides: {
      type: 'array',
      description: 'findings that somebody answers for',
      items: object(
        {
          file: text('name of the file, * and ? as wildcards'),
          sid: text('Sid of the statement'),
          pointer: text('JSON pointer of the element, or of one around it', '^(?:/|$)'),
          rules: { type: 'array', items: text('a code, or the beginning of one', CODE) },
          reason: text('why'),
          expires: text('the last day that it holds', '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
        },
        ['rules', 'reason'],
      ),
    },
    expect: {
      type: 'array',
      description: 'who must, and must not, be allowed something (KP610)',
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
