/** The shapes of TagResource, UntagResource, ListResourceTags. */
import { keyId, limit, marker, page, tagKey, tags } from '../../model/members.ts';
import { list, required, structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';

export const tagResource = operationShape({
  name: 'TagResource',
  input: structure({ KeyId: required(keyId), Tags: required(tags) }),
  output: structure({}),
});

export const untagResource = operationShape({
  name: 'UntagResource',
  input: structure({ KeyId: required(keyId), TagKeys: required(list(tagKey)) }),
  output: structure({}),
});

export const listResourceTags = operationShape({
  name: 'ListResourceTags',
  input: structure({ KeyId: required(keyId), Limit: limit, Marker: marker }),
  output: structure({ Tags: tags, ...page }),
  paginated: 'Tags',
});
