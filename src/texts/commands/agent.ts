/** Texts of the agent, which holds the keyring open. */
import type { CommandTexts } from '../command-text/command-text.ts';

export const agent: CommandTexts = {
  Unlock: {
    summary: 'Holds the keyring open for the calls that follow',
    description: [
      'Unlocks the keyring and starts a background process, the agent, that holds it open until kms lock. Commands of AWS KMS operations, such as kms encrypt, then neither ask for a passphrase nor derive a key from it. Other commands of kms unlock the keyring themselves.',
      'The agent makes the calls as the command would: with the principal and the options of the call, the same output and errors, and an event for each call. It is not used for a call with --key-file, --passphrase-file, --passphrase-fd or their environment variables, with --debug or --why, or of another version of kms. If there is no agent, commands unlock the keyring as usual.',
      'The agent ends at kms lock, after a time without a call (--idle), after a time in any case (--for), when the screen of the desktop is locked (if busctl of systemd is on PATH, and the desktop announces it on the session bus), and when the login session ends. If the keyring is replaced, or put back to an earlier state, calls fail until kms lock.',
      'Its socket is in the folder pocket-kms of XDG_RUNTIME_DIR, which only this user can access. Any process of this user can use the keyring while it is unlocked.',
    ],
    members: {
      For: 'The time after which the agent ends, such as 8h or 30m; at most 7d. Default: 12h.',
      Idle: 'The time without a call after which the agent ends; at most 7d. Default: 15m.',
    },
    errors: [],
    examples: [
      { title: 'Hold the keyring open for a working day', lines: ['kms unlock --for 8h --idle 1h'] },
      { title: 'Lock it again', lines: ['kms lock'] },
    ],
    seeAlso: ['Lock', 'AgentStatus', 'KeyringStatus'],
  },

  Lock: {
    summary: 'Ends the agent that holds the keyring open',
    description: ['Calls in progress are completed first. WasUnlocked is true if there was an agent.'],
    members: {},
    errors: [],
    examples: [{ title: 'Lock the keyring', lines: ['kms lock'] }],
    seeAlso: ['Unlock', 'AgentStatus'],
  },

  AgentStatus: {
    summary: 'Shows the agent that holds the keyring open',
    description: [
      'Unlocked is false if there is no agent. IdleUntil is when the agent ends if no call is made before, Until when it ends in any case, Calls the number of calls that it has made. Version is the version of kms that started it: kms of another version does not use it.',
    ],
    members: {},
    errors: [],
    examples: [{ title: 'Show whether the keyring is held open', lines: ['kms agent status --query Unlocked'] }],
    seeAlso: ['Unlock', 'Lock'],
  },
};
