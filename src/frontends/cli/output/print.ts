/** Printing of an output: conversion to printable values, query, format, writing. */
import type { StructureShape } from '../../../model/shape.ts';
import { findFormat, type OutputStyle, type Printer } from './format.ts';
import { pages, type PagedCall } from './paging.ts';
import { unwatched } from '../../../model/progress.ts';
import { printable, type TimestampOptions, type Printable, type PrintableMap } from '../../../model/printable.ts';
import type { Query } from './query.ts';

export interface Printing extends OutputStyle, TimestampOptions {
  /** Not checked before it is used. */
  readonly format: string;
  readonly query?: Query | undefined;
  /** The operation's output. */
  readonly shape: StructureShape;
  readonly write: (text: string) => void;
}

/** Prints the answer of a single call, whole. */
export async function printAnswer(printing: Printing, answer: unknown): Promise<void> {
  const format = findFormat(printing.format);
  if (format.pages === 'none') return;
  show(printing, await format.printer(), printable(printing.shape, answer, printing));
}

/** Calls a list operation as often as it takes and prints what it finds, in the way of the format. */
export async function printPages(printing: Printing, paged: PagedCall): Promise<void> {
  const format = findFormat(printing.format);
  const printer = await format.printer();
  const { resultKey } = paged;
  const together: Printable[] = [];
  let lastToken: string | undefined;
  // what is printed meanwhile may be shown on the same terminal, also by a program that reads it
  const watched = format.pages === 'together' ? paged.progress : unwatched;
  await watched(resultKey.toLowerCase(), async (meter) => {
    if (paged.maxItems !== undefined) meter.expect(paged.maxItems);
    for await (const { answer, nextToken } of pages(paged)) {
      const page = printable(printing.shape, answer, printing);
      const items = page[resultKey] ?? [];
      if (format.pages === 'raw') show(printing, printer, page);
      if (format.pages === 'each') show(printing, printer, { [resultKey]: items });
      if (format.pages === 'together') together.push(...(items as readonly Printable[]));
      lastToken = nextToken;
      meter.advance((items as readonly Printable[]).length);
    }
  });
  const token: PrintableMap = lastToken === undefined ? {} : { NextToken: lastToken };
  if (format.pages === 'together') show(printing, printer, { [resultKey]: together, ...token });
  // the query is applied to the token too, and normally finds nothing: the extra line `None`
  else if (format.pages === 'each' && lastToken !== undefined) show(printing, printer, { NextToken: token });
}

function show(printing: Printing, printer: Printer, value: Printable): void {
  const text = printer(printing.query ? printing.query(value) : value, printing);
  if (text !== '') printing.write(text);
}
