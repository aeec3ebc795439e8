/** Refusals as a program sees them. */

interface Refusal {
  /** Of HTTP. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A refusal, as the AWS SDK throws it: its name is AWS's, `NotFoundException`. */
export class KmsException extends Error {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: number };
  constructor({ status, code, message }: Refusal) {
    super(message);
    this.name = code;
    this.$fault = status < 500 ? 'client' : 'server';
    this.$metadata = { httpStatusCode: status, attempts: 1 };
  }
}
