/** CryptoError: the kind of failure and the subject, as data. Messages are made by the layers above. */

export type CryptoFailure =
  | { readonly code: 'spec-not-in-region'; readonly spec: string; readonly member: string }
  | { readonly code: 'algorithm-of-other-spec'; readonly spec: string; readonly algorithm: string }
  | { readonly code: 'plaintext-too-long'; readonly spec: string; readonly algorithm: string; readonly max: number }
  | { readonly code: 'message-type-of-other-spec'; readonly spec: string; readonly messageType: string }
  | { readonly code: 'message-type-of-other-algorithm'; readonly algorithm: string; readonly messageType: string }
  | { readonly code: 'digest-length'; readonly algorithm: string }
  | { readonly code: 'context-not-unicode' }
  | { readonly code: 'context-too-large' }
  | {
      readonly code: 'wrapping-not-offered';
      readonly spec: string;
      readonly wrappingAlgorithm: string;
      readonly wrappingKeySpec: string;
    }
  | { readonly code: 'not-a-peer-key' };

export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  readonly failure: CryptoFailure;
  constructor(failure: CryptoFailure) {
    super(failure.code);
    this.failure = failure;
  }
}
