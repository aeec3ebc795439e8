/** Limits of session tags ("Pass session tags in AWS STS" in the IAM User Guide). */
import { KmsError } from '../model/error.ts';
import { check } from '../model/check.ts';
import { list, required, string, structure } from '../model/shape.ts';

const TAGS = structure({
  Tags: list(structure({ Key: required(string({ min: 1, max: 128 })), Value: required(string({ max: 256 })) }), {
    max: 50,
  }),
});

/** @throws ValidationException */
export function checkSessionTags(tags: { readonly [key: string]: string }): void {
  check(TAGS, { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) });
  const keys = Object.keys(tags).map((key) => key.toLowerCase());
  if (new Set(keys).size < keys.length) throw duplicateTags();
}

export const duplicateTags = (): KmsError =>
  new KmsError('ValidationException', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
