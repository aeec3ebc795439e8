/** The types of the port to external key store proxies. */
import { expectTypeOf, test } from 'vitest';
import {
  XksError,
  type Xks,
  type XksCallMetadata,
  type XksCiphertext,
  type XksDecryption,
  type XksErrorName,
  type XksKeyUseMetadata,
  type XksProxyErrorName,
} from '../../../src/key-managers/xks/xks.ts';

test('what encrypt() returns is what decrypt() takes', () => {
  expectTypeOf<ReturnType<Xks['encrypt']>>().resolves.toEqualTypeOf<XksCiphertext>();
  expectTypeOf<XksDecryption>().toExtend<XksCiphertext>();
});

test('the use of a key names the KMS key', () => {
  expectTypeOf<XksCallMetadata>().not.toExtend<XksKeyUseMetadata>();
});

test('an error has a name of the specification, or says why there is no answer', () => {
  expectTypeOf<XksProxyErrorName>().toExtend<XksErrorName>();
  expectTypeOf<XksError['errorName']>().toEqualTypeOf<XksErrorName>();
});
