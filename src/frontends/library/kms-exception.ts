/** The exceptions of the library. */

interface Refusal {
  /** Of HTTP. */
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** A refused call, as the AWS SDK throws it, with AWS's error code as its name: `NotFoundException`. */
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
