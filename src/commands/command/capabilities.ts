/** What a frontend offers to local commands, each capability by itself. */
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
