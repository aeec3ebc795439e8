/** Reading a file as a seed: one as it is, a CloudFormation template, or a seed file of local-kms. */
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import type { Home } from '../../../model/arn.ts';
import { check } from '../../../model/check.ts';
import { EnvironmentError, KmsError } from '../../../model/error.ts';
import { fromWire } from '../../../model/json-wire.ts';
import { readLocalstackTags } from '../template/localstack-tags.ts';
import type { SkippedPart } from '../template/skipped.ts';
import type { StackOptions } from '../template/stack.ts';
import type { SeededStack } from '../template/template.ts';
import { seed, type Seed } from './document.ts';
import { refuseDuplicates } from './duplicates.ts';
import { parse } from './parse.ts';
import { refuseUnknown } from './unknown.ts';

export interface ReadOptions extends StackOptions {
  /** The file's name, for messages and as the default name of the stack. */
  readonly name: string;
  readonly home: Home;
}

export interface ReadSeed {
  readonly seed: Seed;
  readonly skipped: readonly SkippedPart[];
  /** Of a template. */
  readonly stack?: SeededStack | undefined;
}

/** @throws EnvironmentError if the text is no valid seed, template or seed file of local-kms */
export async function readSeed(text: string, options: ReadOptions): Promise<ReadSeed> {
  const { name } = options;
  const value = await parse(text, name);
  const inFile = async <T>(read: () => T | Promise<T>): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof EnvironmentError) throw new EnvironmentError(`${name}: ${error.message}`, error.hints);
      if (error instanceof KmsError) throw new EnvironmentError(`${name}: ${error.message || 'a blob is not base64'}`);
      throw error;
    }
  };
  return inFile(async () => {
    if (!isObject(value)) throw new EnvironmentError('neither an object of JSON nor a mapping of YAML');
    const { seed: given, ...more } = await seedIn(value, options);
    const wire = options.localstackTags ? withLocalstackTags(given) : given;
    refuseUnknown(seed, wire);
    const checked = check(seed, fromWire(seed, wire));
    refuseDuplicates(checked, options.home);
    return { seed: checked, ...more };
  });
}

interface GivenSeed extends Omit<ReadSeed, 'seed'> {
  readonly seed: JsonObject;
}

async function seedIn(value: JsonObject, options: ReadOptions): Promise<GivenSeed> {
  if (isObject(value['Resources'])) {
    const { seedOfTemplate } = await import('../template/template.ts');
    return seedOfTemplate(value, options);
  }
  const { readLocalKms } = await import('./local-kms.ts');
  return readLocalKms(value) ?? { seed: value, skipped: [] };
}

function withLocalstackTags(given: JsonObject): JsonObject {
  const { Keys: keys } = given;
  return Array.isArray(keys) ? { ...given, Keys: keys.map(chosenByTags) } : given;
}

/** Not with Object.assign(), which takes a member `__proto__` for the prototype. */
function chosenByTags(key: unknown): unknown {
  if (!isObject(key) || !Array.isArray(key['Tags'])) return key;
  const { keyId, material, tags } = readLocalstackTags(key['Tags']);
  return {
    ...key,
    Tags: tags,
    ...(keyId !== undefined && { KeyId: keyId }),
    ...(material !== undefined && { KeyMaterial: material }),
  };
}
