/**
 * The service behind both programs: it answers in JSON as AWS KMS does over the wire. `echo` answers every call with an
 * error whose text is the request, so that what was sent is seen; the others are canned answers (answers.json), a list
 * of them being the pages of a list operation.
 */
import { readFileSync } from 'node:fs';
import { canonical } from './canonical.ts';

type Json = { readonly [name: string]: unknown };

export interface Reply {
  readonly status: number;
  readonly body: Json;
}

type Canned = Json | readonly Json[];

const ANSWERS = JSON.parse(readFileSync(new URL('./answers.json', import.meta.url), 'utf8')) as {
  readonly [name: string]: Canned;
};

/** @param request members as on the wire */
export function reply(answer: string, request: Json): Reply {
  if (answer === 'echo') return refuse('EchoException', canonical(request));
  const canned = ANSWERS[answer];
  if (canned === undefined) throw new Error(`there is no answer ${answer}`);
  const body = isPages(canned) ? pageOf(canned, request) : canned;
  return '__type' in body ? { status: 400, body } : { status: 200, body };
}

const isPages = (canned: Canned): canned is readonly Json[] => Array.isArray(canned);

const refuse = (code: string, message: string): Reply => ({ status: 400, body: { __type: code, message } });

/** Markers count pages: the first page is asked for without one. */
function pageOf(pages: readonly Json[], { Marker = '0' }: Json): Json {
  return pages[Number(Marker)] ?? refuse('InvalidMarkerException', `no page ${String(Marker)}`).body;
}
