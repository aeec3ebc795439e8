/** The one error of everything that is no ciphertext of a key and context: it says nothing about why. */
import { KmsError } from '../../model/error.ts';

export const invalidCiphertext = (): KmsError => new KmsError('InvalidCiphertextException');
