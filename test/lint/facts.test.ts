import * as model from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { ACTIONS } from '../../src/policy/actions.ts';
import { CONDITION_KEYS } from '../../src/policy/condition-keys.ts';
import { supplies } from '../../src/lint/facts/condition-actions.ts';
import { valuesOf } from '../../src/lint/facts/values.ts';
import { nearest } from '../../src/lint/core/similar.ts';

test.each([
  ['kms:DataKeyPairSpec', model.DataKeyPairSpec],
  ['kms:EncryptionAlgorithm', model.EncryptionAlgorithmSpec],
  ['kms:ExpirationModel', model.ExpirationModelType],
  ['kms:GrantOperations', model.GrantOperation],
  ['kms:KeyAgreementAlgorithm', model.KeyAgreementAlgorithmSpec],
  ['kms:KeyOrigin', model.OriginType],
  ['kms:KeySpec', model.KeySpec],
  ['kms:KeyUsage', model.KeyUsageType],
  ['kms:MacAlgorithm', model.MacAlgorithmSpec],
  ['kms:MessageType', model.MessageType],
  ['kms:MultiRegionKeyType', model.MultiRegionKeyType],
  ['kms:SigningAlgorithm', model.SigningAlgorithmSpec],
  ['kms:WrappingAlgorithm', model.AlgorithmSpec],
  ['kms:WrappingKeySpec', model.WrappingKeySpec],
])('%s has the values of the public model', (key, values) => {
  expect(valuesOf(key.toLowerCase())?.toSorted()).toEqual(Object.values(values).toSorted());
});

test('every condition key of KMS is supplied by some action', () => {
  for (const { name } of CONDITION_KEYS) {
    expect(
      ACTIONS.some((action) => supplies(action, name.toLowerCase())),
      name,
    ).toBe(true);
  }
});

test.each([
  ['kms:Decrypt', 'kms:encryptioncontext:app', true],
  ['kms:DescribeKey', 'kms:encryptioncontext:app', false],
  ['kms:CreateGrant', 'kms:grantoperations', true],
  ['kms:ListKeys', 'kms:keyspec', false],
  ['kms:ListKeys', 'aws:sourceip', true],
])('%s and %s: %s', (action, key, expected) => {
  expect(
    supplies(
      ACTIONS.find(({ name }) => `kms:${name}` === action)!,
      key,
    ),
  ).toBe(expected);
});

test.each([
  ['kms:Decrpyt', 'kms:Decrypt', 1, true],
  ['kms:decrypt', 'kms:Decrypt', 0, true],
  ['kms:Encrypts', 'kms:Encrypt', 1, true],
])('nearest to %s is %s', (word, name, distance, unique) => {
  expect(nearest(word, ['kms:Decrypt', 'kms:Encrypt', 'kms:Sign'])).toEqual({ name, distance, unique });
});

test('nothing is near to what nobody means', () => {
  expect(nearest('kms:SomethingElse', ['kms:Decrypt'])).toBeUndefined();
  expect(nearest('x'.repeat(100_000), ['kms:Decrypt'])).toBeUndefined();
});
