import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { isOperationName } from '../../src/operations/index.ts';
import { DIFFERENCES, IMPOSSIBLE_ERRORS } from '../../src/texts/differences.ts';

const root = join(import.meta.dirname, '../..');

/** The texts of all files below a folder. */
const textsBelow = (folder: string, skip: RegExp): string =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !skip.test(entry.parentPath))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

const modeled = Object.keys(sdk).filter((name) => name.endsWith('Exception') && name !== 'KMSServiceException');

test('differences are about operations that exist', () => {
  expect(Object.keys(DIFFERENCES).filter((name) => !isOperationName(name))).toEqual([]);
});

test('every exception of the model is raised by the code and by a test, or cannot occur', () => {
  // external key store proxies have error names of their own, some of which are the same
  const code = textsBelow('src', /src\/(?:texts|key-managers|frontends\/xks-proxy)/);
  const tests = textsBelow('test', /test\/(?:texts|differential)|vectors\/model/);
  const isRaised = (name: string): boolean => code.includes(`'${name}'`);
  expect(modeled.length).toBeGreaterThan(40);
  expect(modeled.filter((name) => isRaised(name) === Object.hasOwn(IMPOSSIBLE_ERRORS, name))).toEqual([]);
  expect(modeled.filter((name) => isRaised(name) && !tests.includes(name))).toEqual([]);
});
