/**
 * Terraform's HCL as source nodes, as far as a plain reader goes (HCL Native Syntax Specification): blocks, attributes,
 * literal values, jsonencode() of them, and heredocs. Every other expression is unknown.
 */
import { MAX_DEPTH, type StringPiece, type SourceMember, type SourceNode } from './source-node.ts';

/** A block `resource "aws_kms_key" "app" {` is a member `resource`, with its labels in front of its own members. */
export const LABELS = '(labels)';

export function hclSource(text: string): SourceNode {
  return new HclReader(text).body(0);
}

const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;
const BLANK = /(?:[ \t\r]+|#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))+/y;
const BLANK_LINES = /(?:[ \t\r\n]+|#[^\n]*|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))+/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEREDOC = /<<(-?)([\p{L}_][\p{L}\p{N}_-]*)\r?\n/uy;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

class HclReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The members up to a closing brace, or the end of the file. */
  body(depth: number): SourceNode {
    const start = this.#at;
    const members: SourceMember[] = [];
    for (;;) {
      this.#blank(true);
      const from = this.#at;
      if (from >= this.#text.length || this.#text[from] === '}') break;
      const name = this.#token(NAME);
      if (name === undefined) {
        this.#at++; // nothing that belongs here: go on behind it
        continue;
      }
      const to = this.#at;
      this.#blank(false);
      if (this.#text[this.#at] === '=') {
        this.#at++;
        members.push({ name, start: from, end: to, value: this.expression(depth + 1) });
        continue;
      }
      const block = this.#block(depth);
      if (block) members.push({ name, start: from, end: to, value: block });
    }
    return { kind: 'object', start, end: this.#at, members, plain: false };
  }

  #block(depth: number): SourceNode | undefined {
    const labels: SourceNode[] = [];
    for (;;) {
      this.#blank(false);
      const start = this.#at;
      if (this.#text[start] === '"') {
        labels.push(this.#quoted());
        continue;
      }
      const label = this.#token(NAME);
      if (label === undefined) break;
      labels.push({ kind: 'string', start, end: this.#at, pieces: [{ start, end: this.#at, text: label }] });
    }
    if (this.#text[this.#at] !== '{') return undefined;
    if (depth >= MAX_DEPTH) {
      this.#skipBrackets();
      return undefined;
    }
    const { start } = { start: this.#at++ };
    const body = this.body(depth + 1);
    const end = ++this.#at;
    const own = body.kind === 'object' ? body.members : [];
    const list: SourceNode = { kind: 'array', start, end: start, items: labels, plain: false };
    return {
      kind: 'object',
      start,
      end,
      members: [{ name: LABELS, start, end: start, value: list }, ...own],
      plain: false,
    };
  }

  expression(depth: number, inList = false): SourceNode {
    this.#blank(inList);
    const start = this.#at;
    const value = depth > MAX_DEPTH ? undefined : this.#primary(depth);
    if (value && this.#isEnd(inList)) return value;
    this.#skipExpression(inList);
    return { kind: 'unknown', start, end: Math.max(start, this.#at) };
  }

  #primary(depth: number): SourceNode | undefined {
    const start = this.#at;
    const character = this.#text[start];
    if (character === '"') return this.#quoted();
    if (character === '[') return this.#list(depth);
    if (character === '{') return this.#object(depth);
    if (character === '<') return this.#heredoc();
    const number = this.#token(NUMBER);
    if (number !== undefined) return { kind: 'literal', start, end: this.#at, json: String(Number(number)) };
    const name = this.#token(NAME);
    if (name === 'true' || name === 'false' || name === 'null')
      return { kind: 'literal', start, end: this.#at, json: name };
    if (name === 'jsonencode' && this.#text[this.#at] === '(') {
      this.#at++;
      const value = this.expression(depth + 1, true);
      this.#blank(true);
      if (this.#text[this.#at] === ',') this.#at++;
      this.#blank(true);
      if (this.#text[this.#at] === ')') {
        this.#at++;
        return value;
      }
    }
    if (name === undefined) return undefined;
    // a reference: data.aws_caller_identity.current.account_id
    const path = this.#token(/[\p{L}\p{N}_.-]*/uy) ?? '';
    return { kind: 'string', start, end: this.#at, pieces: [{ start, end: this.#at, expression: name + path }] };
  }

  #list(depth: number): SourceNode {
    const start = this.#at++;
    const items: SourceNode[] = [];
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) break;
      if (this.#text[this.#at] === ']') {
        this.#at++;
        break;
      }
      const from = this.#at;
      items.push(this.expression(depth + 1, true));
      this.#blank(true);
      if (this.#text[this.#at] === ',' || this.#at === from) this.#at++;
    }
    return { kind: 'array', start, end: this.#at, items, plain: false };
  }

  #object(depth: number): SourceNode {
    const start = this.#at++;
    const members: SourceMember[] = [];
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) break;
      if (this.#text[this.#at] === '}') {
        this.#at++;
        break;
      }
      const from = this.#at;
      const key = this.#text[from] === '"' ? this.#quoted() : undefined;
      const name = key ? undefined : this.#token(NAME);
      if (!key && name === undefined) this.#skipExpression(true); // (var.name) = ...
      const to = this.#at;
      this.#blank(true);
      if (this.#text[this.#at] === '=' || this.#text[this.#at] === ':') {
        this.#at++;
        const value = this.expression(depth + 1, false);
        const known = name ?? (key?.kind === 'string' ? piecesText(key.pieces) : undefined);
        members.push(
          known === undefined
            ? { name: 'unresolved', isNameUnknown: true, start: from, end: to, value }
            : { name: known, start: from, end: to, value },
        );
      }
      this.#blank(true);
      if (this.#text[this.#at] === ',' || this.#at === from) this.#at++;
    }
    return { kind: 'object', start, end: this.#at, members, plain: false };
  }

  #quoted(): SourceNode {
    const start = this.#at++;
    const pieces = this.#template((at) => this.#text[at] === '"' || this.#text[at] === '\n', true);
    const end = Math.min(++this.#at, this.#text.length);
    return { kind: 'string', start, end, pieces };
  }

  /** `<<EOF` and `<<-EOF`, which takes the common indentation away. */
  #heredoc(): SourceNode | undefined {
    const start = this.#at;
    HEREDOC.lastIndex = start;
    const [opening, strips, word] = HEREDOC.exec(this.#text) ?? [];
    if (opening === undefined) return undefined;
    const from = start + opening.length;
    const closing = new RegExp(`^[ \\t]*${word}[ \\t]*\\r?$`, 'mu'); // a word has no special characters but `-`
    const length = this.#text.slice(from).search(closing);
    if (length < 0) {
      this.#at = this.#text.length;
      return undefined;
    }
    const to = from + length;
    const body = this.#text.slice(from, to);
    const indents = body.split('\n').flatMap((line) => (line.trim() === '' ? [] : [/^[ \t]*/.exec(line)![0].length]));
    const indent = strips === '-' && indents.length > 0 ? indents.reduce((a, b) => Math.min(a, b)) : 0;
    this.#at = from;
    const pieces = this.#template((at) => at >= to, false).flatMap((piece) =>
      'text' in piece ? unindented(piece, this.#text, indent) : [piece],
    );
    this.#at = to;
    this.#token(/[^\n]*/y);
    return { kind: 'string', start: from, end: to, pieces };
  }

  /** Text with `${...}`, up to where it ends. */
  #template(isEnd: (at: number) => boolean, escapes: boolean): readonly StringPiece[] {
    const pieces: StringPiece[] = [];
    const text = this.#text;
    let from = this.#at;
    const flush = (): void => {
      if (this.#at > from) pieces.push({ start: from, end: this.#at, text: text.slice(from, this.#at) });
    };
    while (this.#at < text.length && !isEnd(this.#at)) {
      const [one, two] = [text[this.#at]!, text[this.#at + 1]];
      if ((one === '$' || one === '%') && two === one && text[this.#at + 2] === '{') {
        flush(); // $${aws:username} is a policy variable
        pieces.push({ start: this.#at, end: this.#at + 2, text: one });
        from = this.#at += 2;
        this.#at++;
      } else if ((one === '$' || one === '%') && two === '{') {
        flush();
        const start = this.#at++;
        this.#skipBrackets();
        pieces.push({ start, end: this.#at, expression: text.slice(start + 2, this.#at - 1).trim() });
        from = this.#at;
      } else if (escapes && one === '\\' && two !== undefined) {
        flush();
        const start = this.#at;
        this.#at += 2;
        pieces.push({
          start,
          end: this.#at,
          text: ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[two] ?? two,
        });
        from = this.#at;
      } else this.#at++;
    }
    flush();
    return pieces;
  }

  /** Behind a value: the expression ends here, and does not go on with an operator. */
  #isEnd(inList: boolean): boolean {
    this.#blank(inList);
    const character = this.#text[this.#at];
    return character === undefined || '\n,]})'.includes(character) || (inList && character === ']');
  }

  /** Up to the line's end, or to a comma or bracket of what is around; what is in brackets or quotes is skipped whole. */
  #skipExpression(inList: boolean): void {
    for (let character; (character = this.#text[this.#at]) !== undefined;) {
      if (',]})'.includes(character) || (!inList && character === '\n')) return;
      if (inList && (character === '=' || character === ':') && this.#text[this.#at + 1] !== '=') return;
      if (character === '"') this.#quoted();
      else if (character in CLOSING) this.#skipBrackets();
      else if (character === '<' && this.#heredoc()) continue;
      else this.#at++;
    }
  }

  #skipBrackets(): void {
    const open: string[] = [];
    do {
      const character = this.#text[this.#at];
      if (character === undefined) return;
      if (character === '"') {
        this.#skipString();
        continue;
      }
      if (character in CLOSING) open.push(CLOSING[character]!);
      else if (character === open.at(-1)) open.pop();
      this.#at++;
    } while (open.length > 0);
  }

  #skipString(): void {
    this.#at++;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"')
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    this.#at++;
  }

  #blank(lines: boolean): void {
    this.#token(lines ? BLANK_LINES : BLANK);
  }

  #token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.#at += found.length;
    return found;
  }
}

const piecesText = (pieces: readonly StringPiece[]): string | undefined =>
  pieces.every((piece) => 'text' in piece) ? pieces.map(({ text }) => text).join('') : undefined;

/** A run of several lines, each without its indentation. A run begins within a line where an expression is before it. */
function unindented(piece: StringPiece, source: string, indent: number): readonly StringPiece[] {
  const pieces: StringPiece[] = [];
  let at = piece.start;
  while (at < piece.end) {
    const next = source.indexOf('\n', at);
    const to = next < 0 || next >= piece.end ? piece.end : next + 1;
    const isLine = at === 0 || source[at - 1] === '\n';
    const from = isLine ? Math.min(to, at + Math.min(indent, /^[ \t]*/.exec(source.slice(at, to))![0].length)) : at;
    if (to > from) pieces.push({ start: from, end: to, text: source.slice(from, to) });
    at = to;
  }
  return pieces;
}
