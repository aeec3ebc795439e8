/** Translates CryptoError to AWS's error codes and messages. */
import { KmsError } from '../../model/error.ts';
import type { CryptoError } from '../../crypto/crypto-error.ts';

export function refusalOf({ failure }: CryptoError): KmsError {
  switch (failure.code) {
    case 'spec-not-in-region': {
      const text = `${failure.member} ${failure.spec} is not supported in this Region`;
      return new KmsError('UnsupportedOperationException', text);
    }
    case 'algorithm-of-other-spec': {
      const text = `Algorithm ${failure.algorithm} is incompatible with key spec ${failure.spec}.`;
      return new KmsError('InvalidKeyUsageException', text);
    }
    case 'plaintext-too-long':
      return invalid(
        `Algorithm ${failure.algorithm} and key spec ${failure.spec} cannot encrypt data larger than ${failure.max} bytes.`,
      );
    case 'message-type-of-other-spec':
      return invalid(`Message type ${failure.messageType} is incompatible with key spec ${failure.spec}.`);
    case 'message-type-of-other-algorithm':
      return invalid(`Message type ${failure.messageType} is incompatible with algorithm ${failure.algorithm}.`);
    case 'digest-length':
      return invalid(`Digest is invalid length for algorithm ${failure.algorithm}.`);
    case 'context-not-unicode':
      return invalid('EncryptionContext must be well-formed Unicode');
    case 'context-too-large':
      return invalid('EncryptionContext is too large: at most 65535 pairs of 65535 bytes each');
    case 'wrapping-not-offered': {
      const { wrappingAlgorithm, wrappingKeySpec, spec } = failure;
      const text = `Wrapping algorithm ${wrappingAlgorithm} with wrapping key spec ${wrappingKeySpec} is not supported for key spec ${spec}.`;
      return new KmsError('UnsupportedOperationException', text);
    }
    case 'not-a-peer-key':
      return invalid(''); // the service gives no message
  }
}

const invalid = (text: string): KmsError => new KmsError('ValidationException', text);
