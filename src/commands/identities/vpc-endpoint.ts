/** Local commands for VPC endpoints: the policies for calls through them. */
import { EnvironmentError } from '../../model/error.ts';
import { list, required, string, structure } from '../../model/shape.ts';
import {
  findVpcEndpoint,
  putVpcEndpoint,
  removeVpcEndpoint,
  vpcEndpoints,
  type VpcEndpoint,
} from '../../keyring/vpc-endpoint.ts';
import { checkPolicyWrite } from '../../policy/write-check.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { localCommand, logCommand, type KeyringChange } from '../command/local-command.ts';

const endpointId = string({ min: 1, max: 64, pattern: 'vpce-[0-9a-z]+' });
const endpointShape = { VpcEndpointId: string(), PolicyDocument: string() };

/** The policy of an endpoint that was made without one (AWS KMS Developer Guide, "Controlling access to a VPC endpoint"). */
const FULL_ACCESS = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}';

const shown = ({ id, policy }: VpcEndpoint) => ({ VpcEndpointId: id, PolicyDocument: policy });

const unknown = (id: string): EnvironmentError =>
  new EnvironmentError(`the VPC endpoint ${id} has no policy in the keyring`, ['kms vpc-endpoint list lists them']);

export const putEndpoint = localCommand({
  name: 'VpcEndpointPut',
  command: 'vpc-endpoint put',
  input: structure({ VpcEndpointId: required(endpointId), Policy: string({ min: 1 }) }),
  output: structure(endpointShape),
  positionals: ['VpcEndpointId'],
  async run({ VpcEndpointId: id, Policy: policy = FULL_ACCESS }, session: KeyringChange) {
    checkPolicyWrite(policy, { kind: 'resource' });
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const endpoint: VpcEndpoint = { id, policy };
      putVpcEndpoint(tx, endpoint);
      logCommand(tx, session, { eventName: 'PutVpcEndpoint', details: { vpcEndpointId: id } });
      return shown(endpoint);
    });
  },
});

export const getEndpoint = localCommand({
  name: 'VpcEndpointGet',
  command: 'vpc-endpoint get',
  input: structure({ VpcEndpointId: required(endpointId) }),
  output: structure(endpointShape),
  positionals: ['VpcEndpointId'],
  async run({ VpcEndpointId: id }, session: KeyringAccess) {
    const keyring = await session.open();
    const found = await keyring.transact((tx) => findVpcEndpoint(tx, id));
    if (!found) throw unknown(id);
    return shown(found);
  },
});

export const listEndpoints = localCommand({
  name: 'VpcEndpointList',
  command: 'vpc-endpoint list',
  input: structure({}),
  output: structure({ VpcEndpoints: list(structure(endpointShape)) }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    return { VpcEndpoints: (await keyring.transact(vpcEndpoints)).map(shown) };
  },
});

export const deleteEndpoint = localCommand({
  name: 'VpcEndpointDelete',
  command: 'vpc-endpoint delete',
  input: structure({ VpcEndpointId: required(endpointId) }),
  output: structure({}),
  positionals: ['VpcEndpointId'],
  async run({ VpcEndpointId: id }, session: KeyringChange) {
    const keyring = await session.open();
    await keyring.transact(async (tx) => {
      if (!(await findVpcEndpoint(tx, id))) throw unknown(id);
      removeVpcEndpoint(tx, id);
      logCommand(tx, session, { eventName: 'DeleteVpcEndpoint', details: { vpcEndpointId: id } });
    });
    return {};
  },
});
