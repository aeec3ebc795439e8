/** What a frontend offers to local commands, each capability by itself. */
import type { Readable } from 'node:stream';
import type { Paint } from '../../lint/output/report.ts';

export interface Output {
  /** A line of the answer, as it comes, for people: what is quoted in it cannot reach a terminal as it is. */
  readonly print: (line: string) => void;
  /** Lines of the answer that programs read: bytes as they are, save on a terminal. */
  readonly printData: (text: string) => void;
  /** Lines with styles of our own, in which whatever is quoted is visible() already. */
  readonly printStyled: (text: string) => void;
}

export interface Notes {
  /** A line for the person at the terminal; never part of the answer. */
  readonly say: (line: string) => void;
}

/** What an answer that is laid out for people is shown on. */
export interface Screen {
  readonly columns: number;
  readonly paint: Paint;
  /** Of the program. */
  readonly version: string;
}

export interface ScreenAccess {
  readonly screen: () => Promise<Screen>;
}

export interface TerminalText {
  /** Writes texts that only a terminal may show; undefined: stderr is none. */
  readonly toTerminal: () => ((text: string) => void) | undefined;
}

export interface Progress {
  /** Shows how far long work has come, on a terminal; told how much was done, and `undefined` at the end. */
  readonly progress: (total: number | undefined) => (done: number | undefined) => void;
}

export interface ProgramWords {
  /** The words behind `--`, for a command that takes them. */
  readonly passthroughArgs: readonly string[];
}

export interface OptionSyntax {
  /** Of every command line: the global options that take a value, as they are typed. */
  readonly valueOptions: readonly string[];
}

export interface Environment {
  /** That of the process. */
  readonly env: { readonly [name: string]: string | undefined };
}

export interface StandardStreams {
  readonly isTerminal: (stream: 'stdin' | 'stdout') => boolean;
  readonly stdin: () => Readable;
}

export interface Question {
  readonly message: string;
  readonly defaultValue: string;
  /** What is wrong with an answer, for people. */
  readonly check: (answer: string) => string | undefined;
}

export interface Questions {
  /** Asks on the terminal; undefined where there is none. */
  readonly questions: () => ((question: Question) => Promise<string>) | undefined;
}

/** How another command line ended. */
export interface LineResult {
  readonly status: number;
  readonly stdout: string;
  /** stdout and stderr as they came. */
  readonly shown: string;
}

export interface CommandLines {
  /** Runs a command line in this process, without a terminal, in a folder that is its home too. */
  readonly runLine: (argv: readonly string[], folder: string) => Promise<LineResult>;
  /** Waits for Enter; where there is no terminal it does not. */
  readonly pause: () => Promise<void>;
}
