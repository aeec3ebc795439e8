/** Scheduled jobs and key states as people read them. */
import type { KeyState } from '../../model/enumeration.ts';
import type { TextStyle } from '../../model/styled-text.ts';
import type { DueJob } from '../../keyring/due.ts';

/** What each scheduled job is called. */
export const JOBS: {
  readonly [kind in DueJob['kind']]: { readonly event: string; readonly short: string; readonly text: string };
} = {
  'delete-key': { event: 'DELETION', short: 'delete', text: 'the key is deleted' },
  'expire-material': { event: 'EXPIRATION', short: 'expire', text: 'the imported key material expires' },
  'finish-transition': { event: 'TRANSITION', short: 'ready', text: 'the key becomes ready for use' },
  'forget-wrapping-key': { event: 'IMPORT_EXPIRATION', short: 'import', text: 'the import token expires' },
  rotate: { event: 'ROTATION', short: 'rotate', text: 'the key material is rotated' },
  'rotate-on-demand': { event: 'ROTATION', short: 'rotate', text: 'the rotation on demand is completed' },
  synchronize: { event: 'SYNCHRONIZATION', short: 'sync', text: 'shared properties are synchronized' },
};

/** In the width of a column, and in color. */
export const STATES: { readonly [state in KeyState]: readonly [text: string, style: TextStyle] } = {
  Creating: ['creating', 'hint'],
  Enabled: ['enabled', 'good'],
  Disabled: ['disabled', 'warning'],
  PendingDeletion: ['deletion', 'error'],
  PendingImport: ['import', 'warning'],
  PendingReplicaDeletion: ['replicas', 'error'],
  Unavailable: ['unavail.', 'error'],
  Updating: ['updating', 'hint'],
};
