/** All that a frontend must offer for the table of local commands; each of them declares which part of it it needs. */
import type { Members } from '../model/shape.ts';
import type { Session } from '../runtime/capabilities.ts';
import type { AgentAccess } from './agent/agent.ts';
import type {
  CommandLines,
  Environment,
  Notes,
  OptionSyntax,
  Output,
  PageAccess,
  ProgramWords,
  Progress,
  Questions,
  ScreenAccess,
  StandardStreams,
  TerminalText,
} from './command/capabilities.ts';
import type { LocalCommand } from './command/local-command.ts';
import type { ProfileAccess } from './configure/profiles.ts';
import type { Serving } from './serve/serve.ts';
import type { XksProxying } from './xks-proxy/xks-proxy.ts';

export interface CommandDeps
  extends
    Session,
    Output,
    Notes,
    ScreenAccess,
    PageAccess,
    TerminalText,
    StandardStreams,
    Questions,
    Progress,
    ProgramWords,
    OptionSyntax,
    Environment,
    ProfileAccess,
    CommandLines,
    Serving,
    XksProxying,
    AgentAccess {}

/** A command of any shape, as the table holds it: see AnyOperation. */
export type AnyLocalCommand = LocalCommand<Members, Members, CommandDeps>;
