/** An HTTP response as a value. */
import type { ServerResponse } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export function send(response: ServerResponse, requestId: string, { status, headers, body }: HttpAnswer): void {
  const length = Buffer.byteLength(body);
  const isAscii = length === body.length;
  response.writeHead(status, {
    ...headers,
    'x-amzn-requestid': requestId,
    'content-length': length,
    'cache-control': 'no-cache, no-store, must-revalidate, private',
  });
  response.end(body, isAscii ? 'latin1' : 'utf8'); // the former needs no conversion
}
