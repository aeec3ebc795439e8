/** Session policies: they limit what a session may do, so one with any error is refused. */
import { checkPolicyWrite } from '../policy/write-check.ts';

/** @throws MalformedPolicyDocumentException */
export const checkSessionPolicy = (text: string): void => checkPolicyWrite(text, { kind: 'identity' });
