#!/usr/bin/env bash
# An experiment with a key policy, grants and time in a separate keyring. It needs no network and does not change your keyring.
#
#   experiment.sh            in a temporary folder that is removed at the end
#   experiment.sh FOLDER     in a new folder that is kept
set -euo pipefail

folder=${1-}
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  export XDG_CONFIG_HOME=$folder/config # kms init records there that you trust this keyring
fi
export POCKET_KMS_KEYRING=$folder/keyring POCKET_KMS_KEY_FILE=$folder/keyring.key
account=111122223333
reader=arn:aws:iam::$account:role/reader

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

open_as_reader() {
  kms decrypt --as "$reader" --ciphertext-blob "$sealed" --encryption-context "$1" --query Plaintext --output text "${@:2}" |
    base64 -d
}

say 'A key, and a value for the department IT'
kms init --account-id $account --key-file "$POCKET_KMS_KEY_FILE" --output off
key=$(kms create-key --query KeyMetadata.KeyId --output text)
sealed=$(echo 'the payroll password' | kms encrypt --key-id "$key" --plaintext fileb:///dev/stdin \
  --encryption-context Department=IT --query CiphertextBlob --output text)

say 'A role without any permission on the key is denied; --why explains the decision'
refused open_as_reader Department=IT --why

say 'The same decision without a call'
kms explain-access --principal "$reader" --action Decrypt --key-id "$key" --encryption-context Department=IT \
  --expect deny --query '[Answer, Reason]' --output text

say 'A grant lets it decrypt, for one encryption context'
grant=$(kms create-grant --key-id "$key" --grantee-principal "$reader" --operations Decrypt \
  --constraints EncryptionContextEquals={Department=IT} --query GrantId --output text)
open_as_reader Department=IT
kms explain-access --principal "$reader" --action Decrypt --key-id "$key" --encryption-context Department=HR \
  --expect deny --tree

say 'After the grant is revoked, the role is denied again'
kms revoke-grant --key-id "$key" --grant-id "$grant"
refused open_as_reader Department=IT

say 'A key policy that allows it; kms policy diff shows the effect before the change'
cat >"$folder/policy.json" <<JSON
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Account", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::$account:root" },
      "Action": "kms:*", "Resource": "*"
    },
    {
      "Sid": "Read", "Effect": "Allow", "Principal": { "AWS": "$reader" },
      "Action": "kms:Decrypt", "Resource": "*",
      "Condition": { "StringEquals": { "kms:EncryptionContext:Department": "IT" } }
    }
  ]
}
JSON
kms policy diff "$folder/policy.json" --key-id "$key" --text
kms put-key-policy --key-id "$key" --policy "file://$folder/policy.json"
kms explain-access --principal "$reader" --action Decrypt --key-id "$key" --encryption-context Department=IT \
  --expect allow --query '[Answer, Reason]' --output text
open_as_reader Department=IT

say 'The key is scheduled for deletion and cannot be used any more'
kms schedule-key-deletion --key-id "$key" --pending-window-in-days 7 --query KeyState --output text
refused open_as_reader Department=IT

say 'Eight days later it is deleted'
kms clock advance 8d --query Offset --output text
refused kms describe-key --key-id "$key"
kms audit lookup-events --query 'reverse(Events)[].[EventName, Username]' --output text
