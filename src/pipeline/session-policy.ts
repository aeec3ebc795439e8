/** Session policies: they bound what a session may do, so one that is not understood as a whole is refused. */
import { checkPolicyWrite } from '../policy/write-check.ts';

/** @throws MalformedPolicyDocumentException */
export const checkSessionPolicy = (text: string): void => checkPolicyWrite(text, { kind: 'identity' });
