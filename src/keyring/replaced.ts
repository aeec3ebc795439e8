/** A keyring that this process has open, and that is not there any more: replaced, or put back to an earlier state. */
import { EnvironmentError } from '../model/error.ts';

export class KeyringReplaced extends EnvironmentError {}
