#!/usr/bin/env bash
# An experiment with Nitro Enclaves in a separate keyring: only an enclave with the right image gets a secret, and only it can
# open the answer. It needs openssl and no network, and does not change your keyring.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export XDG_CONFIG_HOME=$folder/config # kms init records there that you trust this keyring
export POCKET_KMS_KEYRING=$folder/keyring POCKET_KMS_KEY_FILE=$folder/keyring.key
cd "$folder"
account=111122223333
enclave=arn:aws:iam::$account:role/enclave

say() { printf '\n# %s\n' "$*"; }

# For calls that must be refused: if one succeeds, the experiment ends.
refused() {
  local status=0
  "$@" || status=$?
  if ((status != 254)); then
    echo "not refused: $* (exit status $status)" >&2
    exit 1
  fi
}

# What the code in an enclave does: a key pair, an attestation document with the public key, and a call.
# boot IMAGE: the digest of an image stands for the image
boot() {
  openssl genrsa -out private.pem 2048 2>/dev/null
  openssl rsa -in private.pem -pubout -out public.pem 2>/dev/null
  kms attestation document document.cbor --test-root nitro --public-key public.pem --pcrs "0=$1" --output off
}
call() {
  kms decrypt --as $enclave --ciphertext-blob fileb://secret.enc --query CiphertextForRecipient --output text \
    --recipient KeyEncryptionAlgorithm=RSAES_OAEP_SHA_256,AttestationDocument@=fileb://document.cbor
}

good=$(printf 'ab%.0s' {1..48})
changed=$(printf 'cd%.0s' {1..48})

say 'A key, and a secret that only the image may decrypt'
kms init --account-id $account --key-file "$POCKET_KMS_KEY_FILE" --output off
key=$(kms create-key --query KeyMetadata.KeyId --output text)
printf 'the payroll password' > secret
kms encrypt --key-id "$key" --plaintext fileb://secret --query CiphertextBlob --output text | base64 -d > secret.enc
cat > policy.json << END
{ "Version": "2012-10-17", "Id": "enclave", "Statement": [
  { "Sid": "Administration", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::$account:root" },
    "Action": "kms:*", "Resource": "*" },
  { "Sid": "Enclave", "Effect": "Allow", "Principal": { "AWS": "$enclave" },
    "Action": "kms:Decrypt", "Resource": "*",
    "Condition": { "StringEqualsIgnoreCase": { "kms:RecipientAttestation:ImageSha384": "$good" } } } ] }
END
kms put-key-policy --key-id "$key" --policy file://policy.json

say 'Outside of an enclave the role is denied'
refused kms decrypt --as $enclave --ciphertext-blob fileb://secret.enc

say 'A document under a root that the keyring does not trust is refused'
boot "$good"
refused call
kms attestation inspect document.cbor --query 'Problems[].Message' --output text || true

say 'Now it trusts the root, and the enclave opens its answer'
kms attestation trust-root add nitro/root.pem --output off
call | base64 -d > answer
openssl cms -decrypt -inform DER -in answer -inkey private.pem
echo

say 'With another image the role is denied'
boot "$changed"
refused call

say 'What the audit log has of these calls'
kms audit tail --lines 20 | jq -r 'select(.eventName == "Decrypt") |
  [.errorCode // "allowed", .additionalEventData.recipient.attestationDocumentEnclaveImageDigest[0:8] // "-"] | @tsv'
