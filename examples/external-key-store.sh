#!/usr/bin/env bash
# An experiment with an external key store: the key manager is another keyring behind a proxy of its own. It needs no
# network beyond this machine, and does not change your keyring. It uses openssl for the certificate of the proxy.
#
#   external-key-store.sh            in a temporary folder that is removed at the end
#   external-key-store.sh FOLDER     in a new folder that is kept
set -euo pipefail

folder=${1-}
proxy=
remove=
cleanup() {
  [[ -z $proxy ]] || kill "$proxy" 2>/dev/null || true
  [[ -z $remove ]] || rm -rf "$remove"
}
trap cleanup EXIT
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  remove=$folder
fi
umask 077
mkdir -p "$folder"
cd "$folder"
# trusted keyrings and the entries of kms xks add go here
export XDG_CONFIG_HOME=$PWD/config
account=111122223333
host=xks.example.com

say() { printf '\n# %s\n' "$*"; }
ours() { POCKET_KMS_KEYRING=$PWD/keyring kms "$@"; }
theirs() { POCKET_KMS_KEYRING=$PWD/manager kms "$@"; }

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
  ours decrypt --ciphertext-blob fileb://ciphertext --query Plaintext --output text | base64 -d
}

say 'The external key manager: a keyring with one key'
theirs init --account-id $account --key-file "$PWD/manager.key" --output off
external=$(theirs create-key --description 'the external key' --query KeyMetadata.KeyId --output text)

say 'Its proxy: a certificate, a credential, and a map from external keys to KMS keys'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout proxy.key -out proxy.crt \
  -subj "/CN=$host" -addext "subjectAltName=DNS:$host" 2>/dev/null
access_key=ABCDE234567ABCDEFGHIJ
secret=$(openssl rand -base64 32)
cat >credential.json <<EOF
{
  "XksProxyUriPath": "/example/kms/xks/v1",
  "XksProxyAuthenticationCredential": { "AccessKeyId": "$access_key", "RawSecretAccessKey": "$secret" }
}
EOF
cat >map.json <<EOF
{
  "Paths": [
    {
      "UriPath": "/example/kms/xks/v1",
      "Credentials": ["credential.json"],
      "Keys": [{ "XksKeyId": "external-key-1", "Key": "$external" }]
    }
  ]
}
EOF
POCKET_KMS_KEYRING=$PWD/manager kms xks-proxy --map map.json --listen 127.0.0.1:0 \
  --tls-cert proxy.crt --tls-key proxy.key --access-log access.log >address 2>proxy.log &
proxy=$!
until [[ -s address ]]; do
  kill -0 "$proxy" # it has not ended
  sleep 0.1
done
address=$(<address)

say 'The external key store. The host is an entry of the operator: no DNS knows it'
ours xks add $host --connect "${address#https://}" --ca proxy.crt --output off
ours init --account-id $account --key-file "$PWD/keyring.key" --output off
store=$(ours create-custom-key-store --custom-key-store-name experiment --custom-key-store-type EXTERNAL_KEY_STORE \
  --xks-proxy-connectivity PUBLIC_ENDPOINT --xks-proxy-uri-endpoint https://$host \
  --xks-proxy-uri-path /example/kms/xks/v1 \
  --xks-proxy-authentication-credential "AccessKeyId=$access_key,RawSecretAccessKey=$secret" \
  --query CustomKeyStoreId --output text)
ours connect-custom-key-store --custom-key-store-id "$store"
ours describe-custom-key-stores --query 'CustomKeyStores[].[CustomKeyStoreName,ConnectionState]' --output text

say 'A KMS key in it, and a value that both encrypt: the keyring first, then the external key'
key=$(ours create-key --origin EXTERNAL_KEY_STORE --custom-key-store-id "$store" --xks-key-id external-key-1 \
  --query KeyMetadata.KeyId --output text)
echo 'the payroll password' | ours encrypt --key-id "$key" --plaintext fileb:///dev/stdin \
  --query CiphertextBlob --output text | base64 -d >ciphertext
decrypted

say 'The key manager disables the external key: nothing of the KMS key can be decrypted, though it is enabled'
theirs disable-key --key-id "$external"
refused decrypted
theirs enable-key --key-id "$external"
decrypted

say 'The request that the proxy has logged last is the call that the keyring has logged last'
request=$(ours audit tail --lines 1 | grep -o '"requestID":"[^"]*"' | cut -d '"' -f 4)
tail -n 1 access.log | grep -o "\"kmsRequestId\":\"$request\"" | sed "s/$request/.../"

say 'The proxy is gone'
kill "$proxy"
wait "$proxy" || true
proxy=
refused decrypted

say 'The key store is disconnected: its keys are unavailable, and can still be managed'
ours disconnect-custom-key-store --custom-key-store-id "$store"
refused decrypted
ours describe-key --key-id "$key" --query KeyMetadata.KeyState --output text
