/**
 * Seed files of local-kms, an emulator of AWS KMS (its README, "Seeding file format"): `Keys` with `Symmetric` and
 * `Asymmetric` keys, or with `Version` a list of keys. Their material is hexadecimal, or a private key in PEM.
 */
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { check } from '../../../model/check.ts';
import { integer, list, required, string, structure, type StructureShape, type ValueOf } from '../../../model/shape.ts';
import { toBase64 } from '../../../model/base64.ts';
import type { SkippedPart } from '../template/skipped.ts';
import { refuseUnknown } from './unknown.ts';

const hexKey = string({ pattern: '(?:[0-9a-fA-F]{2})+', sensitive: true });

const symmetric = structure({
  Metadata: required(
    structure({ KeyId: required(string()), Description: string(), Origin: string(), KeyUsage: string() }),
  ),
  BackingKeys: list(hexKey),
  NextKeyRotation: string(),
});
const pair = structure({
  Metadata: required(structure({ KeyId: required(string()), Description: string(), KeyUsage: string() })),
  PrivateKeyPem: required(string({ sensitive: true })),
});
const aliases = list(structure({ AliasName: required(string()), TargetKeyId: required(string()) }));

const byKind = structure({
  Keys: structure({
    Symmetric: structure({ Aes: list(symmetric) }),
    Asymmetric: structure({ Rsa: list(pair), Ecc: list(pair) }),
  }),
  Aliases: aliases,
});

const asList = structure({
  Version: required(integer(2, 2)),
  Keys: list(
    structure({
      KeyId: required(string()),
      Metadata: structure({ Description: string(), KeySpec: string(), KeyUsage: string() }),
      NextKeyRotation: string(),
      Material: structure({ BackingKeys: list(hexKey), PrivateKeyPem: string({ sensitive: true }) }),
    }),
  ),
  Aliases: aliases,
});

export interface ReadLocalKms {
  readonly seed: JsonObject;
  readonly skipped: readonly SkippedPart[];
}

/** @returns undefined for a document that is no such file */
export function readLocalKms(value: JsonObject): ReadLocalKms | undefined {
  if (Object.hasOwn(value, 'Version')) return ofList(checked(asList, value));
  const { Keys } = value;
  return isObject(Keys) ? ofKinds(checked(byKind, value)) : undefined;
}

function checked<S extends StructureShape>(shape: S, value: JsonObject): ValueOf<S> {
  refuseUnknown(shape, value);
  return check(shape, value);
}

function ofKinds({ Keys = {}, Aliases = [] }: ValueOf<typeof byKind>): ReadLocalKms {
  const aes = Keys.Symmetric?.Aes ?? [];
  const pairs = [
    ...(Keys.Asymmetric?.Rsa ?? []),
    ...(Keys.Asymmetric?.Ecc ?? []).map(({ Metadata, PrivateKeyPem }) => ({
      Metadata: Object.assign({ KeyUsage: 'SIGN_VERIFY' }, Metadata),
      PrivateKeyPem,
    })),
  ];
  return {
    seed: {
      Keys: [
        ...aes.map(({ Metadata, BackingKeys, NextKeyRotation }) => ({
          ...Metadata,
          ...materialOf(BackingKeys),
          ...rotationOf(NextKeyRotation),
        })),
        ...pairs.map(({ Metadata, PrivateKeyPem }) => Object.assign({ PrivateKeyPem }, Metadata)),
      ],
      Aliases,
    },
    skipped: aes.flatMap(({ Metadata, NextKeyRotation }) => skippedDate(Metadata.KeyId, NextKeyRotation)),
  };
}

function ofList({ Keys = [], Aliases = [] }: ValueOf<typeof asList>): ReadLocalKms {
  return {
    seed: {
      Keys: Keys.map(({ KeyId, Metadata, NextKeyRotation, Material: { BackingKeys, PrivateKeyPem } = {} }) => ({
        KeyId,
        ...Metadata,
        ...(PrivateKeyPem === undefined ? materialOf(BackingKeys) : { PrivateKeyPem }),
        ...rotationOf(NextKeyRotation),
      })),
      Aliases,
    },
    skipped: Keys.flatMap(({ KeyId, NextKeyRotation }) => skippedDate(KeyId, NextKeyRotation)),
  };
}

/** The last backing key is the current one. */
function materialOf(backingKeys: readonly string[] = []): JsonObject {
  const [current, ...previous] = backingKeys.map((key) => toBase64(Buffer.from(key, 'hex'))).toReversed();
  if (current === undefined) return {};
  return {
    KeyMaterial: current,
    ...(previous.length > 0 ? { PreviousKeyMaterial: previous.toReversed() } : {}),
  };
}

const rotationOf = (date: string | undefined): JsonObject => (date === undefined ? {} : { EnableKeyRotation: true });

const skippedDate = (keyId: string, date: string | undefined): readonly SkippedPart[] =>
  date === undefined
    ? []
    : [
        {
          name: keyId,
          reason: `NextKeyRotation ${date}: rotation is enabled, from now on and with the default period`,
        },
      ];
