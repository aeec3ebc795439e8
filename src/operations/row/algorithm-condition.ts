/** Condition keys for the algorithm of a call, of which a key can be used with some only. */
import { KEY_SPECS } from '../../crypto/key-spec.ts';
import type { KeyUsage } from '../../model/enumeration.ts';
import { text, type InputCondition } from '../../policy/input-condition.ts';

interface AlgorithmMember {
  /** The member of the input, named as the condition key if it is not told. */
  readonly member?: string;
  readonly usage: KeyUsage;
  readonly default?: string;
}

export function algorithmCondition(name: string, { member = name, usage, ...absent }: AlgorithmMember): InputCondition {
  const fits = (value: string, keySpec: string): boolean => {
    const { algorithms }: { readonly algorithms: { readonly [U in KeyUsage]?: readonly { readonly name: string }[] } } =
      KEY_SPECS[keySpec as keyof typeof KEY_SPECS];
    return algorithms[usage]?.some((one) => one.name === value) ?? false;
  };
  return text(`kms:${name}`, member, { ...absent, fits });
}
