import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boolean, list, string, structure } from '../../../../src/model/shape.ts';
import {
  decodeToken,
  encodeToken,
  pages,
  type PagingOptions,
  type PagedCall,
} from '../../../../src/frontends/cli/output/paging.ts';
import { unwatched } from '../../../../src/model/progress.ts';
import { printAnswer, printPages, type Printing } from '../../../../src/frontends/cli/output/print.ts';
import { compileQuery } from '../../../../src/frontends/cli/output/query.ts';

const shape = structure({
  Keys: list(structure({ KeyId: string(), KeyArn: string() })),
  NextMarker: string(),
  Truncated: boolean,
});

type Request = { readonly [member: string]: unknown };

/** Seven keys in pages of three, three and one; the marker of a page is its number. */
function listKeys(requests: Request[] = []): (request: Request) => Promise<Request> {
  return async (request) => {
    requests.push(request);
    const size = Number(request['Limit'] ?? 3);
    const page = Number(request['Marker'] ?? 0);
    const all = Array.from({ length: 7 }, (_, index) => ({ KeyId: `k${index}`, KeyArn: `arn:k${index}` }));
    const Truncated = (page + 1) * size < all.length;
    const Keys = all.slice(page * size, (page + 1) * size);
    return { Keys, ...(Truncated ? { NextMarker: String(page + 1) } : {}), Truncated };
  };
}

const oneByOne = (call: (request: Request) => Promise<Request>): PagedCall['calls'] =>
  async function* ({ first, inputAt, next }) {
    for (let at: typeof first | undefined = first; at !== undefined;) {
      const output = await call(inputAt(at) as Request);
      yield { at, output };
      at = next(at, output);
    }
  };

async function printing(format: string, query?: string): Promise<{ printing: Printing; written: string[] }> {
  const written: string[] = [];
  const compiled = query === undefined ? undefined : await compileQuery(query);
  const write = (text: string): void => void written.push(text);
  return {
    printing: { format, query: compiled, title: 'ListKeys', shape, timestampFormat: 'iso8601', write },
    written,
  };
}

async function printed(format: string, options: PagingOptions = {}, query?: string): Promise<string> {
  const { printing: how, written } = await printing(format, query);
  await printPages(how, { progress: unwatched, calls: oneByOne(listKeys()), input: {}, resultKey: 'Keys', ...options });
  return written.join('');
}

const tokens = {
  two: 'eyJNYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAyfQ==',
  three: 'eyJNYXJrZXIiOiAiMSJ9',
  four: 'eyJNYXJrZXIiOiAiMSIsICJib3RvX3RydW5jYXRlX2Ftb3VudCI6IDF9',
};

describe('tokens', () => {
  test.each([
    [2, tokens.two],
    [3, tokens.three],
    [4, tokens.four],
    [7, undefined],
    [8, undefined],
  ])('--max-items %d', async (maxItems, token) => {
    const { Keys, NextToken } = JSON.parse(await printed('json', { maxItems })) as { Keys: []; NextToken?: string };
    expect(Keys).toHaveLength(Math.min(7, maxItems));
    expect(NextToken).toBe(token);
  });

  test('--max-items 0 gives an empty list and a token', async () => {
    const { Keys, NextToken } = JSON.parse(await printed('json', { maxItems: 0 })) as { Keys: []; NextToken: string };
    expect(Keys).toEqual([]);
    expect(decodeToken(NextToken)).toEqual({ marker: null, shown: 0 });
  });

  test.each([
    ['1', { marker: '1' }],
    ['{"Marker": 5}', { marker: '{"Marker": 5}' }],
    ['MTIz', { marker: 'MTIz' }], // base64 of JSON, but of no object
    [tokens.two, { marker: null, shown: 2 }],
  ])('the token %j', (token, resume) => {
    expect(decodeToken(token)).toEqual(resume);
  });

  test('are ASCII inside', () => {
    expect(Buffer.from(encodeToken({ marker: 'é"🔑' }), 'base64').toString()).toBe(
      '{"Marker": "\\u00e9\\"\\ud83d\\udd11"}',
    );
  });

  test('any marker comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.option(fc.nat(), { nil: undefined }), (marker, shown) => {
        expect(decodeToken(encodeToken({ marker, shown }))).toEqual({ marker, shown });
      }),
    );
  });
});

describe('requests', () => {
  const requested = async (options: PagingOptions): Promise<Request[]> => {
    const requests: Request[] = [];
    for await (const page of pages({
      progress: unwatched,
      calls: oneByOne(listKeys(requests)),
      input: { A: 1 },
      resultKey: 'Keys',
      ...options,
    })) {
      expect(page.answer).toHaveProperty('Keys');
    }
    return requests;
  };

  test.each<[PagingOptions, Request[]]>([
    [{}, [{ A: 1 }, { A: 1, Marker: '1' }, { A: 1, Marker: '2' }]],
    [
      { pageSize: 5 },
      [
        { A: 1, Limit: 5 },
        { A: 1, Marker: '1', Limit: 5 },
      ],
    ],
    [{ maxItems: 3 }, [{ A: 1 }]],
    [
      { startingToken: tokens.four },
      [
        { A: 1, Marker: '1' },
        { A: 1, Marker: '2' },
      ],
    ],
    [{ startingToken: '2' }, [{ A: 1, Marker: '2' }]],
  ])('%j', async (options, requests) => {
    expect(await requested(options)).toEqual(requests);
  });

  test.each<[PagingOptions, string]>([
    [{ pageSize: 0 }, 'Invalid value for parameter Limit, value: 0, valid min value: 1'],
    [{ startingToken: '' }, 'Invalid length for parameter Marker, value: 0, valid min length: 1'],
  ])('%j is refused', async (options, text) => {
    await expect(requested(options)).rejects.toThrow(`Parameter validation failed:\n${text}`);
  });

  test('a service that repeats its marker is not asked for ever', async () => {
    const call = async (): Promise<Request> => ({ Keys: [], NextMarker: 'm', Truncated: true });
    const { printing: how } = await printing('json');
    await expect(
      printPages(how, { progress: unwatched, calls: oneByOne(call), input: {}, resultKey: 'Keys' }),
    ).rejects.toThrow('The same next token was received twice');
  });
});

test('pieces of any size are together the whole list', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), async (maxItems, pageSize) => {
      const seen: string[] = [];
      let startingToken: string | undefined;
      do {
        const options = { maxItems, pageSize, startingToken };
        const { Keys, NextToken } = JSON.parse(await printed('json', options)) as {
          Keys: { KeyId: string }[];
          NextToken?: string;
        };
        seen.push(...Keys.map(({ KeyId }) => KeyId));
        startingToken = NextToken;
      } while (startingToken !== undefined);
      expect(seen).toEqual(['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6']);
    }),
  );
});

describe('what is printed', () => {
  test.each<[string, PagingOptions, string | undefined, string]>([
    ['json', {}, 'length(Keys)', '7\n'],
    ['json', { maxItems: 2 }, 'NextToken', `"${tokens.two}"\n`],
    ['json', {}, 'Truncated', 'null\n'],
    ['text', {}, 'length(Keys)', '3\n3\n1\n'],
    ['text', {}, 'Keys[0].KeyId', 'k0\nk3\nk6\n'],
    ['text', {}, 'Nope', 'None\nNone\nNone\n'],
    ['text', { maxItems: 2 }, 'Keys[].KeyId', 'k0\tk1\nNone\n'],
    ['text', { maxItems: 2 }, undefined, `KEYS\tarn:k0\tk0\nKEYS\tarn:k1\tk1\nNEXTTOKEN\t${tokens.two}\n`],
    ['text', { maxItems: 2 }, 'NextToken.NextToken', `None\n${tokens.two}\n`],
    [
      'yaml',
      { maxItems: 1, pageSize: 1 },
      undefined,
      'Keys:\n- KeyArn: arn:k0\n  KeyId: k0\nNextToken: eyJNYXJrZXIiOiAiMSJ9\n',
    ],
    ['yaml-stream', {}, 'length(Keys)', '- 3\n- 3\n- 1\n'],
    [
      'yaml-stream',
      { maxItems: 1 },
      undefined,
      "- Keys:\n  - KeyArn: arn:k0\n    KeyId: k0\n  NextMarker: '1'\n  Truncated: true\n",
    ],
    ['off', {}, 'bogus(@)', ''],
  ])('%s %j %s', async (format, options, query, output) => {
    expect(await printed(format, options, query)).toBe(output);
  });

  test.each([
    ['json', '{\n    "Keys": []\n}\n'],
    ['text', ''],
    ['yaml', 'Keys: []\n'],
    ['yaml-stream', '- Keys: []\n  Truncated: false\n'],
    ['table', '----------\n|ListKeys|\n+--------+\n'],
  ])('%s of no items', async (format, output) => {
    const { printing: how, written } = await printing(format);
    const call = async (): Promise<Request> => ({ Keys: [], Truncated: false });
    await printPages(how, { progress: unwatched, calls: oneByOne(call), input: {}, resultKey: 'Keys' });
    expect(written.join('')).toBe(output);
  });

  test('text is written page by page, json only when all is there', async () => {
    const failing = async (request: Request): Promise<Request> => {
      if (request['Marker'] === '1') throw new Error('lost');
      return listKeys()(request);
    };
    for (const [format, pieces] of [
      ['text', 1],
      ['json', 0],
    ] as const) {
      const { printing: how, written } = await printing(format);
      await expect(
        printPages(how, { progress: unwatched, calls: oneByOne(failing), input: {}, resultKey: 'Keys' }),
      ).rejects.toThrow('lost');
      expect(written).toHaveLength(pieces);
    }
  });

  test('a single call is printed whole', async () => {
    const { printing: how, written } = await printing('json');
    await printAnswer(how, { Truncated: true, NextMarker: '1', Keys: [] });
    expect(written.join('')).toBe('{\n    "Keys": [],\n    "NextMarker": "1",\n    "Truncated": true\n}\n');
  });

  test.each([
    ['json', undefined, ''],
    ['json', 'X', 'null\n'],
    ['text', 'X', 'None\n'],
    ['yaml', 'X', 'null\n'],
    ['off', 'X', ''],
  ])('an operation without output: %s %s', async (format, query, output) => {
    const { printing: how, written } = await printing(format, query);
    await printAnswer(how, {});
    expect(written.join('')).toBe(output);
  });

  test('an unknown format is found when the answer is printed', async () => {
    const { printing: how } = await printing('xml');
    await expect(printAnswer(how, {})).rejects.toThrow('Unknown output type: xml');
  });
});

test('progress counts the items of formats that print at the end, towards --max-items if it is given', async () => {
  const told = async (format: string, maxItems?: number): Promise<unknown> => {
    let [unit, total, done]: [string | undefined, number | undefined, number] = [undefined, undefined, 0];
    const progress: PagedCall['progress'] = (counted, work) => {
      unit = counted;
      return work({ expect: (all) => void (total = all), advance: (more) => void (done += more) });
    };
    const { printing: how } = await printing(format);
    await printPages(how, { progress, calls: oneByOne(listKeys()), input: {}, resultKey: 'Keys', maxItems });
    return { unit, total, done };
  };
  expect(await told('json')).toEqual({ unit: 'keys', total: undefined, done: 7 });
  expect(await told('json', 5)).toEqual({ unit: 'keys', total: 5, done: 5 });
  expect(await told('text')).toEqual({ unit: undefined, total: undefined, done: 0 });
});
