#!/usr/bin/env bash
# An experiment with a CloudHSM key store, whose cluster is a token of SoftHSM. It needs softhsm2-util and openssl, no network,
# and does not change your keyring.
#
#   cloudhsm-key-store.sh            in a temporary folder that is removed at the end
#   cloudhsm-key-store.sh FOLDER     in a new folder that is kept
set -euo pipefail

folder=${1-}
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
umask 077
mkdir -p "$folder/tokens"
cd "$folder"
# trusted keyrings and the entries of kms hsm add go here
export XDG_CONFIG_HOME=$PWD/config POCKET_KMS_KEYRING=$PWD/keyring
export SOFTHSM2_CONF=$PWD/softhsm2.conf
account=111122223333
cluster=cluster-2a23b4cdefg

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

decrypted() {
  kms decrypt --ciphertext-blob fileb://ciphertext --query Plaintext --output text | base64 -d
}

state() {
  kms describe-custom-key-stores --query 'CustomKeyStores[0].[ConnectionState,ConnectionErrorCode]' --output text
}

say 'The cluster: a token with a user, and the certificate of the cluster'
echo "directories.tokendir = $PWD/tokens" >softhsm2.conf
softhsm2-util --init-token --free --label experiment --so-pin 12345678 --pin firstPassword >/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out customerCA.crt \
  -subj /CN=customerCA 2>/dev/null
kms hsm add $cluster --module "$(realpath "${SOFTHSM:-/usr/lib/softhsm/libsofthsm2.so}")" --token experiment \
  --trust-anchor customerCA.crt --output off

say 'A key store with the wrong password: the call succeeds, the connection fails'
kms init --account-id $account --key-file "$PWD/keyring.key" --output off
store=$(kms create-custom-key-store --custom-key-store-name experiment --cloud-hsm-cluster-id $cluster \
  --key-store-password wrongPassword --trust-anchor-certificate file://customerCA.crt \
  --query CustomKeyStoreId --output text)
kms connect-custom-key-store --custom-key-store-id "$store"
state

say 'With the right one it is connected; the password of the token is another one now'
kms disconnect-custom-key-store --custom-key-store-id "$store"
kms update-custom-key-store --custom-key-store-id "$store" --key-store-password firstPassword
kms connect-custom-key-store --custom-key-store-id "$store"
state

say 'A KMS key whose key material the token has made, and a value that the token encrypts'
key=$(kms create-key --origin AWS_CLOUDHSM --custom-key-store-id "$store" --query KeyMetadata.KeyId --output text)
echo 'the payroll password' | kms encrypt --key-id "$key" --plaintext fileb:///dev/stdin \
  --query CiphertextBlob --output text | base64 -d >ciphertext
decrypted

say 'The token is taken away, and comes back'
mv tokens elsewhere
refused decrypted
mv elsewhere tokens
decrypted

say 'The key store is disconnected: its keys are unavailable, and can still be managed'
kms disconnect-custom-key-store --custom-key-store-id "$store"
refused decrypted
kms describe-key --key-id "$key" --query KeyMetadata.KeyState --output text

say 'Connected again, the KMS key is deleted, and its key material in the token with it'
kms connect-custom-key-store --custom-key-store-id "$store"
kms schedule-key-deletion --key-id "$key" --pending-window-in-days 7 --query KeyState --output text
kms clock advance 8d --output off
kms list-keys --output text
kms audit tail --lines 5 | grep -o 'deletionStatus[^,]*SUCCESS'
