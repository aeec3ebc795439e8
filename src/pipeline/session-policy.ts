/** Session policies: they limit what a session may do, so one with any error is refused. */
import { check } from '../model/check.ts';
import { string, structure } from '../model/shape.ts';
import { checkPolicyWrite } from '../policy/write-check.ts';

/** In characters (STS, AssumeRole, AssumeRoleWithWebIdentity and GetFederationToken: the plaintext of session policies). */
const LIMITS = structure({ Policy: string({ min: 1, max: 2048 }) });

/** @throws ValidationException, MalformedPolicyDocumentException */
export function checkSessionPolicy(text: string): void {
  check(LIMITS, { Policy: text });
  checkPolicyWrite(text, { kind: 'identity' });
}
