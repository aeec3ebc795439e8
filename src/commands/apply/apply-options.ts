/** Options about the file that is applied, which `kms apply` and `kms serve --seed` have. */
import { fileName } from '../../model/members.ts';
import { boolean, map, string, structure, type ValueOf } from '../../model/shape.ts';

export const applyMembers = {
  StackName: string({ min: 1, max: 128 }),
  Parameters: map(),
  Imports: map(),
  ManagedPolicies: fileName,
  LocalstackTags: boolean,
} as const;

const shape = structure(applyMembers);

export interface FileOptions {
  readonly stackName: string | undefined;
  readonly parameters: { readonly [name: string]: string } | undefined;
  readonly imports: { readonly [name: string]: string } | undefined;
  /** A seed whose managed policies the file may name too. */
  readonly managedPolicies: string | undefined;
  readonly localstackTags: boolean | undefined;
}

export const fileOptions = (input: ValueOf<typeof shape>): FileOptions => ({
  stackName: input.StackName,
  parameters: input.Parameters,
  imports: input.Imports,
  managedPolicies: input.ManagedPolicies,
  localstackTags: input.LocalstackTags,
});
