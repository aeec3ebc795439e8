import { expect, test } from 'vitest';
import { fixture, newKey, refusal, START } from '../../support/fixture.ts';
import { userWith } from '../stage.ts';
import { DAY } from '../timeline.ts';
import { FOREVER, MATERIAL, wrapped } from './wrap.ts';

interface Row {
  readonly operation: 'EnableKeyRotation' | 'GetParametersForImport' | 'ImportKeyMaterial';
  readonly condition: { readonly [operator: string]: { readonly [key: string]: string } };
  readonly input: object;
  readonly allowed: boolean;
}

const inDays = (days: number): string => String((START + days * DAY) / 1000);
const period = { NumericLessThanEquals: { 'kms:RotationPeriodInDays': '180' } };
const PARAMETERS = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
const algorithm = { StringNotEquals: { 'kms:WrappingAlgorithm': 'RSAES_OAEP_SHA_1' } };
const spec = { StringEquals: { 'kms:WrappingKeySpec': 'RSA_2048' } };
const model = { StringEquals: { 'kms:ExpirationModel': 'KEY_MATERIAL_DOES_NOT_EXPIRE' } };
const noModel = { Null: { 'kms:ExpirationModel': 'true' } };
const soon = { NumericLessThanEquals: { 'kms:ValidTo': inDays(30) } };
const until = (days: number): object => ({ ValidTo: new Date(START + days * DAY) });

/** AWS KMS Developer Guide, AWS KMS condition keys; the public API model for kms:RotationPeriodInDays. */
const ROWS: readonly Row[] = [
  { operation: 'EnableKeyRotation', condition: period, input: { RotationPeriodInDays: 180 }, allowed: true },
  { operation: 'EnableKeyRotation', condition: period, input: { RotationPeriodInDays: 181 }, allowed: false },
  { operation: 'EnableKeyRotation', condition: period, input: {}, allowed: false }, // 365
  { operation: 'GetParametersForImport', condition: algorithm, input: PARAMETERS, allowed: true },
  {
    operation: 'GetParametersForImport',
    condition: algorithm,
    input: { ...PARAMETERS, WrappingAlgorithm: 'RSAES_OAEP_SHA_1' },
    allowed: false,
  },
  { operation: 'GetParametersForImport', condition: spec, input: PARAMETERS, allowed: true },
  {
    operation: 'GetParametersForImport',
    condition: spec,
    input: { ...PARAMETERS, WrappingKeySpec: 'RSA_4096' },
    allowed: false,
  },
  { operation: 'ImportKeyMaterial', condition: model, input: FOREVER, allowed: true },
  { operation: 'ImportKeyMaterial', condition: model, input: until(9), allowed: false },
  { operation: 'ImportKeyMaterial', condition: noModel, input: until(9), allowed: true },
  { operation: 'ImportKeyMaterial', condition: noModel, input: FOREVER, allowed: false },
  { operation: 'ImportKeyMaterial', condition: soon, input: until(30), allowed: true },
  { operation: 'ImportKeyMaterial', condition: soon, input: until(31), allowed: false },
];

test.each(ROWS)(
  '$operation with $input where $condition: $allowed',
  async ({ operation, condition, input, allowed }) => {
    const home = await fixture('conditions');
    const key = await newKey(home, operation === 'EnableKeyRotation' ? {} : { Origin: 'EXTERNAL' });
    const material = operation === 'ImportKeyMaterial' ? await wrapped(home, key, MATERIAL) : {};
    const caller = userWith({ Effect: 'Allow', Action: `kms:${operation}`, Resource: '*', Condition: condition });
    const call = home.call(operation, { KeyId: key.id, ...material, ...input }, { caller });
    if (allowed) await call;
    else expect(await refusal(call)).toMatchObject({ code: 'AccessDeniedException' });
  },
);
