/** Tags of keys. */
import { tagsOf, texts } from '../../policy/input-condition.ts';
import { KmsError } from '../../model/error.ts';
import { putKey, type Tag } from '../../keyring/kms-key.ts';
import { operation } from '../row/operation.ts';
import { pageOfItems } from '../row/page.ts';
import { key, keyOf } from '../row/target.ts';
import * as shapes from './tags-shapes.ts';

/** AWS KMS Developer Guide, Resource quotas */
const TAGS_PER_KEY = 50;

/** Checks of tags in CreateKey and TagResource, with AWS's texts. */
export function checkTags(pairs: readonly Tag[]): void {
  const keys = pairs.map(({ TagKey }) => TagKey);
  checkTagKeys(keys);
  if (new Set(keys).size < keys.length) throw new KmsError('TagException', 'Duplicate tag keys');
  if (keys.length > TAGS_PER_KEY) throw new KmsError('TagException', 'Too many tags');
}

function checkTagKeys(keys: readonly string[]): void {
  if (keys.some((name) => name.toLowerCase().startsWith('aws:'))) {
    throw new KmsError('TagException', 'Tags beginning with aws: are reserved');
  }
}

/** AWS's own text is not known. */
function refuseNone(items: readonly unknown[]): void {
  if (items.length === 0) throw new KmsError('ValidationException', 'At least one tag is required.');
}

export const tagResource = operation({
  ...shapes.tagResource,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'TagResource')],
  state: 'not-pending',
  validateMembers: ({ Tags }) => {
    refuseNone(Tags);
    checkTags(Tags);
  },
  conditions: [tagsOf('Tags')],
  run(call) {
    const { key: found } = keyOf(call);
    // an existing tag keeps its position
    const merged = [...new Map([...found.tags, ...call.input.Tags].map((tag) => [tag.TagKey, tag])).values()];
    if (merged.length > TAGS_PER_KEY) throw new KmsError('TagException', 'Too many tags');
    putKey(call.tx, { ...found, tags: merged });
    return {};
  },
});

export const untagResource = operation({
  ...shapes.untagResource,
  access: 'write',
  targets: ({ KeyId }) => [key(KeyId, 'UntagResource')],
  state: 'not-pending',
  validateMembers: ({ TagKeys }) => {
    refuseNone(TagKeys);
    checkTagKeys(TagKeys);
  },
  conditions: [texts('aws:TagKeys', 'TagKeys')],
  log: { response: 'keyId' },
  run(call) {
    const { key: found } = keyOf(call);
    const gone = new Set(call.input.TagKeys);
    putKey(call.tx, { ...found, tags: found.tags.filter(({ TagKey }) => !gone.has(TagKey)) });
    return {};
  },
});

export const listResourceTags = operation({
  ...shapes.listResourceTags,
  access: 'read',
  targets: ({ KeyId }) => [key(KeyId, 'ListResourceTags')],
  state: 'any',
  run(call) {
    const { key: found, arn } = keyOf(call);
    const rules = { default: 50, max: 50 };
    const { items, ...rest } = pageOfItems(call.tx, {
      list: `tags of ${arn}`,
      all: found.tags,
      nameOf: ({ TagKey }) => TagKey,
      request: call.input,
      rules,
    });
    return { Tags: items, ...rest };
  },
});
