/** Rules on conditions on the attestation documents of recipients. */
import { type Fix, quote, replace } from '../core/edit.ts';
import { draftAt, type FindingDraft, PAGES, POLICY, type LintRule } from '../core/rule.ts';
import { type TestView, placeOfItem, placeOfTest } from '../core/subject.ts';
import { isVariable } from './condition-values.ts';

const ATTESTED = /^kms:recipientattestation:/;
/** The registers with the measurements of an image: of an enclave without a role or a signed image others are zeros too. */
const IMAGE = /^kms:recipientattestation:(?:imagesha384|pcr[012])$/;

export const ATTESTATION_RULES: readonly LintRule[] = [
  {
    code: 'KP427',
    name: 'recipient-optional',
    severity: 'security',
    scopes: POLICY,
    title: 'condition on an attestation document that is true without one',
    why: 'Requests without the Recipient parameter have no kms:RecipientAttestation: keys. Negated operators and Null with the value true then match, so the Allow statement also applies to callers outside of an enclave, who get plaintext. Use a positive operator, or add a Null condition with the value false.',
    bad: '"Effect": "Allow", "Condition": { "StringNotEquals": { "kms:RecipientAttestation:PCR0": "0000..." } }',
    good: '"Effect": "Allow", "Condition": { "StringEqualsIgnoreCase": { "kms:RecipientAttestation:PCR0": "9fed..." } }',
    see: PAGES.attestation,
    fix: 'none',
    test(test) {
      const { statement, name } = test;
      if (statement.effect !== 'Allow' || !ATTESTED.test(name) || !isTrueWithout(test)) return undefined;
      if (statement.tests.some((other) => ATTESTED.test(other.name) && needsDocument(other))) return undefined;
      return { ...placeOfTest(test), message: 'requests without an attestation document are allowed' };
    },
  },
  {
    code: 'KP428',
    name: 'debug-enclave',
    severity: 'security',
    scopes: POLICY,
    title: 'measurement of an enclave in debug mode',
    why: 'The registers of enclaves in debug mode are zeros, whatever image they run, and their console is readable. An Allow statement for zeros applies to each of them.',
    bad: '"StringEquals": { "kms:RecipientAttestation:PCR0": "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" }',
    good: 'the PCR0 that nitro-cli build-enclave prints',
    see: PAGES.attestation,
    fix: 'none',
    test({ statement, name, use, values }) {
      if (statement.effect !== 'Allow' || !IMAGE.test(name) || !use || use.operator.negated) return undefined;
      return values
        .filter(({ text }) => /^(?:0x)?0{96}$/.test(text))
        .map((value) => draftAt(placeOfItem(value), { message: 'any enclave in debug mode has this value' }));
    },
  },
  {
    code: 'KP429',
    name: 'attestation-value',
    severity: 'warning',
    scopes: POLICY,
    title: 'value that no attestation document has',
    why: 'Registers are SHA-384 digests: 96 hexadecimal digits in lower case, without 0x. Other values never match.',
    bad: '"StringEquals": { "kms:RecipientAttestation:NitroTPMPCR4": "0xab" }',
    good: '"StringEqualsIgnoreCase": { "kms:RecipientAttestation:NitroTPMPCR4": "<96 hexadecimal digits>" }',
    see: PAGES.attestation,
    fix: 'safe',
    test: impossibleDigests,
  },
];

/** KP412 has IfExists without a negation, KP408 set operators. */
const isTrueWithout = ({ use, values }: TestView): boolean =>
  use !== undefined &&
  !use.set &&
  (use.operator.family === 'Null' ? values.some(({ text }) => /^true$/i.test(text)) : use.operator.negated);

function needsDocument({ use, values }: TestView): boolean {
  if (!use || use.set === 'ForAllValues' || use.ifExists) return false;
  if (use.operator.family === 'Null') return values.length > 0 && values.every(({ text }) => /^false$/i.test(text));
  return !use.operator.negated;
}

function impossibleDigests({ name, use, values }: TestView): readonly FindingDraft[] {
  if (!use || use.operator.family !== 'String' || !ATTESTED.test(name)) return [];
  const isPattern = use.operator.name.endsWith('Like');
  const ignoresCase = use.operator.name.endsWith('IgnoreCase');
  const form = isPattern ? /^[0-9a-f*?]{1,97}$/ : ignoresCase ? /^[0-9a-f]{96}$/i : /^[0-9a-f]{96}$/;
  return values.flatMap((value): readonly FindingDraft[] => {
    const { text } = value;
    if (isVariable(text) || form.test(text) || (!isPattern && /[*?]/.test(text))) return []; // KP406 has wildcards
    const digest = text.replace(/^0x/i, '').toLowerCase();
    const fix: Fix | undefined =
      !isPattern && /^[0-9a-f]{96}$/.test(digest)
        ? { safe: true, title: `write ${quote(digest)}`, edits: [replace(value.at, quote(digest))] }
        : undefined;
    const message = `${quote(text)} never matches: a register is 96 hexadecimal digits in lower case`;
    return [{ ...placeOfItem(value), message, fix }];
  });
}
