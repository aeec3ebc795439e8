/** The AWS Encryption SDK, with a KMS client that makes calls in this keyring. */
import { EnvironmentError } from '../../model/error.ts';
import { loadOperation } from '../../operations/index.ts';
import type { AnyOperation } from '../../operations/row/operation.ts';
import type { OperationCalls } from '../../runtime/capabilities.ts';

/** The KMS client for the library; calls are made in the Region of the client. `failures` collects errors of calls. */
export const clientOf =
  ({ invoke }: OperationCalls, failures: unknown[]) =>
  (region: string) => {
    const call =
      (operation: 'GenerateDataKey' | 'Encrypt' | 'Decrypt') =>
      async (input: object): Promise<never> => {
        try {
          const row: AnyOperation = await loadOperation(operation);
          return (await invoke(row, { ...input }, region === '' ? undefined : region)) as never;
        } catch (error) {
          failures.push(error);
          throw error;
        }
      };
    return { generateDataKey: call('GenerateDataKey'), encrypt: call('Encrypt'), decrypt: call('Decrypt') };
  };

/** An optional dependency, with more packages than all others together. */
export async function library() {
  try {
    return await import('@aws-crypto/client-node');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && String(error.code).endsWith('MODULE_NOT_FOUND');
    if (!isMissing) throw error;
    throw new EnvironmentError(
      'kms envelope needs the package @aws-crypto/client-node, which is not installed',
      ['it is an optional dependency: npm install --include=optional installs it'],
      { cause: error },
    );
  }
}
