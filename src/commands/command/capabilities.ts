/** The capabilities that a frontend gives to local commands, each an interface of its own. */
import type { Readable } from 'node:stream';
import type { WithProgress } from '../../model/progress.ts';
import type { Paint, TextLook } from '../../model/styled-text.ts';

export interface Output {
  /** Prints a line of the output for people; control characters in it are escaped. */
  readonly print: (line: string) => void;
  /** Prints output for programs: unchanged, except on a terminal. @returns false: nobody reads it */
  readonly printData: (text: string) => boolean;
  /** Prints lines with escape sequences; quoted data must have been escaped by visible(). */
  readonly printStyled: (text: string) => void;
}

export interface Notes {
  /** Prints a note for the user; it is not part of the output. */
  readonly say: (line: string) => void;
}

/** The screen for output that is formatted for people. */
export interface Screen {
  readonly columns: number;
  readonly paint: Paint;
  /** Of the program. */
  readonly version: string;
}

export interface ScreenAccess {
  readonly screen: () => Promise<Screen>;
}

/** Output that is for people or for programs. */
export interface PageAccess {
  /** Whether --output or --query asks for data. */
  readonly asksData: boolean;
  readonly page: () => Promise<Page>;
}

/** Output for people: with color and a width on a terminal, through the pager if there is one. */
export interface Page extends TextLook {
  readonly show: (text: string) => void;
}

export interface TerminalText {
  /** Writes texts that only a terminal may show; undefined: stderr is not a terminal. */
  readonly toTerminal: () => ((text: string) => void) | undefined;
}

export interface Progress {
  /** Shows how far work is, its rate and the time that is left; on a terminal, and only if it takes a while. */
  readonly progress: WithProgress;
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
  /** The error in an answer, for people. */
  readonly check: (answer: string) => string | undefined;
}

export interface Questions {
  /** Prompts on the terminal; undefined if there is none. */
  readonly questions: () => ((question: Question) => Promise<string>) | undefined;
}

/** The result of another command line. */
export interface LineResult {
  readonly status: number;
  readonly stdout: string;
  /** stdout and stderr in the order of writing. */
  readonly shown: string;
}

export interface CommandLines {
  /** Runs a command line in this process, without a terminal, with this folder as its home. */
  readonly runLine: (argv: readonly string[], folder: string) => Promise<LineResult>;
  /** Waits for Enter if there is a terminal. */
  readonly pause: () => Promise<void>;
}
