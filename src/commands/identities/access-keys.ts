/** Commands for access keys: long-term ones of users, and those of sessions of roles. */
import { EnvironmentError } from '../../model/error.ts';
import { fileName } from '../../model/members.ts';
import { boolean, integer, list, map, required, string, structure, timestamp } from '../../model/shape.ts';
import {
  accessKeys,
  addAccessKey,
  asksForSignatures,
  chosenKeyPair,
  newKeyPair,
  removeAccessKey,
  secretText,
  type KeyPair,
} from '../../keyring/access-key.ts';
import { keyringTime } from '../../keyring/root.ts';
import { readSecretFile } from '../../files/private-file.ts';
import { assumeRole, checkRoleRequest } from '../../pipeline/assume-role.ts';
import { parseCredentials } from './credentials-file.ts';
import type { KeyringAccess } from '../../runtime/capabilities.ts';
import { logCommand, localCommand, type KeyringChange } from '../command/local-command.ts';

const accessKeyId = string({ pattern: '\\w{16,128}' });
const WHAT = 'the credentials file';

export const createAccessKey = localCommand({
  name: 'IdentityCreateAccessKey',
  command: 'identity create-access-key',
  input: structure({ PrincipalArn: required(string({ min: 1, max: 2048 })), FromFile: fileName }),
  output: structure({
    PrincipalArn: string(),
    AccessKeyId: string(),
    SecretAccessKey: string({ sensitive: true }),
    CreateDate: timestamp,
  }),
  positionals: ['PrincipalArn'],
  async run({ PrincipalArn, FromFile }, session: KeyringChange) {
    const pair = FromFile === undefined ? newKeyPair(session.random) : chosenPair(FromFile);
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const created = keyringTime(tx.settings, session.clock());
      await addAccessKey(tx, { ...pair, principal: PrincipalArn, created });
      const details = { principalArn: PrincipalArn, accessKeyId: pair.id };
      logCommand(tx, session, { eventName: 'CreateAccessKey', details });
      return {
        PrincipalArn,
        AccessKeyId: pair.id,
        // the user chose it and knows it
        ...(FromFile === undefined ? { SecretAccessKey: secretText(pair.secret) } : {}),
        CreateDate: new Date(created),
      };
    });
  },
});

const chosenPair = (file: string): KeyPair =>
  chosenKeyPair(
    parseCredentials(Buffer.from(readSecretFile(file, WHAT, { pipe: true })).toString(), `${WHAT} ${file}`),
  );

export const listAccessKeys = localCommand({
  name: 'IdentityListAccessKeys',
  command: 'identity list-access-keys',
  input: structure({}),
  output: structure({
    AccessKeys: list(
      structure({ AccessKeyId: string(), PrincipalArn: string(), Active: boolean, CreateDate: timestamp }),
    ),
    VerifySignatures: boolean,
  }),
  async run(_, session: KeyringAccess) {
    const keyring = await session.open();
    const { keys, asks } = await keyring.transact(async (tx) => ({
      keys: await accessKeys(tx),
      asks: await asksForSignatures(tx),
    }));
    return {
      AccessKeys: keys.map(({ id, principal, active, created }) => ({
        AccessKeyId: id,
        PrincipalArn: principal,
        Active: active,
        CreateDate: new Date(created),
      })),
      VerifySignatures: asks,
    };
  },
});

export const deleteAccessKey = localCommand({
  name: 'IdentityDeleteAccessKey',
  command: 'identity delete-access-key',
  input: structure({ AccessKeyId: required(accessKeyId) }),
  output: structure({}),
  positionals: ['AccessKeyId'],
  async run({ AccessKeyId }, session: KeyringChange) {
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      if (!(await accessKeys(tx)).some(({ id }) => id === AccessKeyId)) {
        throw new EnvironmentError(`the access key ${AccessKeyId} does not exist`, [
          'kms identity list-access-keys lists them',
        ]);
      }
      await removeAccessKey(tx, AccessKeyId);
      logCommand(tx, session, { eventName: 'DeleteAccessKey', details: { accessKeyId: AccessKeyId } });
      return {};
    });
  },
});

const HOUR = 3600;

export const assumeRoleCommand = localCommand({
  name: 'IdentityAssumeRole',
  command: 'identity assume-role',
  input: structure({
    RoleArn: required(string()),
    RoleSessionName: string(),
    DurationSeconds: integer(),
    Policy: string(),
    Tags: map(),
  }),
  output: structure({
    Credentials: structure({
      AccessKeyId: string(),
      SecretAccessKey: string({ sensitive: true }),
      SessionToken: string({ sensitive: true }),
      Expiration: timestamp,
    }),
    AssumedRoleUser: structure({ Arn: string() }),
  }),
  positionals: ['RoleArn'],
  async run({ RoleArn, RoleSessionName = 'session', DurationSeconds = HOUR, Policy, Tags }, session: KeyringChange) {
    const keyring = await session.open();
    return keyring.transact(async (tx) => {
      const request = checkRoleRequest({
        roleArn: RoleArn,
        sessionName: RoleSessionName,
        duration: DurationSeconds,
        policy: Policy,
        tags: Tags,
      });
      const { arn, credentials } = assumeRole(tx, request, session);
      const details = { roleArn: RoleArn, roleSessionName: RoleSessionName, accessKeyId: credentials.AccessKeyId };
      logCommand(tx, session, { eventName: 'AssumeRole', details });
      return { Credentials: credentials, AssumedRoleUser: { Arn: arn } };
    });
  },
});
