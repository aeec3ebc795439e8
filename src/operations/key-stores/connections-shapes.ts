/** The shapes of ConnectCustomKeyStore, DisconnectCustomKeyStore. */
import { structure } from '../../model/shape.ts';
import { operationShape } from '../row/operation-shape.ts';
import { byId } from './members.ts';

export const connectCustomKeyStore = operationShape({
  name: 'ConnectCustomKeyStore',
  input: byId,
  output: structure({}),
});

export const disconnectCustomKeyStore = operationShape({
  name: 'DisconnectCustomKeyStore',
  input: byId,
  output: structure({}),
});
