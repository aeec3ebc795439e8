#!/bin/sh
# Keeps the secrets of a deployment in files that can be committed, with the AWS CLI.
#
#   deploy-secrets.sh setup                    makes the KMS key and its alias, once
#   deploy-secrets.sh seal STAGE NAME <VALUE   encrypts standard input into secrets/STAGE/NAME.enc
#   deploy-secrets.sh open STAGE NAME          decrypts it to standard output
#   deploy-secrets.sh deploy STAGE FOLDER      decrypts all secrets of a stage into FOLDER, or none
#
# With kms in place of AWS, unchanged, after kms init:
#
#   kms shim install shim && PATH=$PWD/shim:$PATH ./deploy-secrets.sh setup
#   sh -c 'eval "$(kms shim)"; . ./deploy-secrets.sh' deploy-secrets.sh setup
set -eu
umask 077
key=${DEPLOY_KEY:-alias/deploy}
secrets=${DEPLOY_SECRETS:-secrets}

fail() {
  echo "deploy-secrets: $1" >&2
  exit 1
}

setup() {
  if answer=$(aws kms describe-key --key-id "$key" 2>&1); then fail "$key is there already"; fi
  case $answer in
    *'(NotFoundException)'*) ;;
    *) fail "cannot ask for $key: $answer" ;;
  esac
  id=$(aws kms create-key --description 'secrets of deployments' --query KeyMetadata.KeyId --output text)
  aws kms create-alias --alias-name "$key" --target-key-id "$id"
  aws kms enable-key-rotation --key-id "$id"
  echo "$key is $id"
}

# The encryption context binds a ciphertext to its stage and name: if it is renamed or moved to another stage, decryption fails.
seal() {
  mkdir -p "$secrets/$1"
  sealed=$(aws kms encrypt --key-id "$key" --plaintext fileb:///dev/stdin \
    --encryption-context "stage=$1,name=$2" --query CiphertextBlob --output text) || fail "$2 was not encrypted"
  printf '%s' "$sealed" | base64 -d >"$secrets/$1/$2.enc"
}

# The output is decoded in a second step, because the status of a pipe is that of its last command.
open() {
  opened=$(aws kms decrypt --ciphertext-blob "fileb://$secrets/$1/$2.enc" \
    --encryption-context "stage=$1,name=$2" --query Plaintext --output text) || return
  printf '%s' "$opened" | base64 -d
}

deploy() {
  [ -d "$secrets/$1" ] || fail "there are no secrets for $1"
  [ ! -e "$2" ] || fail "$2 is there already"
  new=$2.new
  trap 'rm -rf "$new"' EXIT
  mkdir "$new"
  for file in "$secrets/$1"/*.enc; do
    name=$(basename "$file" .enc)
    open "$1" "$name" >"$new/$name" || fail "$name was not decrypted, nothing was deployed"
  done
  mv "$new" "$2"
}

case "${1-} $#" in
  'setup 1') setup ;;
  'seal 3') seal "$2" "$3" ;;
  'open 3') open "$2" "$3" ;;
  'deploy 3') deploy "$2" "$3" ;;
  *)
    echo 'usage: deploy-secrets.sh setup | seal STAGE NAME | open STAGE NAME | deploy STAGE FOLDER' >&2
    exit 2
    ;;
esac
