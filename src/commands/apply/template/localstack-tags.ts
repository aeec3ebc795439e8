/** Tags with which LocalStack lets clients choose a key's ID and material (LocalStack's documentation, "Key Management Service"). */
import { isObject, type JsonObject } from '../../../model/json-object.ts';

const CUSTOM_ID = '_custom_id_';
const CUSTOM_MATERIAL = '_custom_key_material_';

export interface LocalstackTags {
  readonly keyId?: unknown;
  /** In base64. */
  readonly material?: unknown;
  /** Without the material, which tags would show to everyone who may list them. */
  readonly tags: readonly JsonObject[];
}

/** @param tags with the members TagKey and TagValue */
export function readLocalstackTags(tags: readonly unknown[]): LocalstackTags {
  const all = tags.filter(isObject);
  const valueOf = (key: string): unknown => all.find(({ TagKey }) => TagKey === key)?.['TagValue'];
  return {
    keyId: valueOf(CUSTOM_ID),
    material: valueOf(CUSTOM_MATERIAL),
    tags: all.filter(({ TagKey }) => TagKey !== CUSTOM_MATERIAL),
  };
}
