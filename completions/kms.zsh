#compdef kms
# Made by scripts/generate.ts: changes here are lost.
_kms_commands() {
  reply=()
  case $1 in
    '') reply=(apply audit batch cancel-key-deletion clock configure connect-custom-key-store create-alias create-custom-key-store create-grant create-key decapsulate decrypt delete-alias delete-custom-key-store delete-imported-key-material derive-shared-secret describe-custom-key-stores describe-key disable-key disable-key-rotation disconnect-custom-key-store enable-key enable-key-rotation encapsulate encrypt env envelope explain-access generate-data-key generate-data-key-pair generate-data-key-pair-without-plaintext generate-data-key-without-plaintext generate-mac generate-random get-caller-identity get-key-last-usage get-key-policy get-key-rotation-status get-parameters-for-import get-public-key identity import-key-material init keyring lint list-aliases list-grants list-key-policies list-key-rotations list-keys list-resource-tags list-retirable-grants organization policy put-key-policy quickstart re-encrypt replicate-key retire-grant revoke-grant rotate-key-on-demand schedule-key-deletion serve shim sign tag-resource untag-resource update-alias update-custom-key-store update-key-description update-primary-region verify verify-mac wait what-can who-can help) ;;
    'audit') reply=(lookup-events restart tail verify help) ;;
    'clock') reply=(advance help) ;;
    'configure') reply=(get list set help) ;;
    'env') reply=(exec set help) ;;
    'envelope') reply=(decrypt encrypt help) ;;
    'identity') reply=(assume-role create-access-key delete delete-access-key disable-signature-verification enable-signature-verification get list list-access-keys put help) ;;
    'keyring') reply=(add-slot backup change-passphrase rekey remove-slot restore status trust verify help) ;;
    'organization') reply=(delete get put help) ;;
    'policy') reply=(check diff format generate help) ;;
    'shim') reply=(install help) ;;
  esac
}
_kms_options() {
  reply=()
  case $1 in
    'apply') reply=(--file --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'audit lookup-events') reply=(--lookup-attributes --start-time --end-time --max-results --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'audit restart'|'audit verify'|'clock'|'configure'|'configure list'|'get-caller-identity'|'identity disable-signature-verification'|'identity enable-signature-verification'|'identity list'|'identity list-access-keys'|'keyring rekey'|'keyring status'|'keyring verify'|'organization delete'|'organization get'|'quickstart'|'shim') reply=(--cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'audit tail') reply=(--lines --follow --no-follow --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'batch') reply=(--stop-on-error --no-stop-on-error --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'cancel-key-deletion'|'disable-key'|'disable-key-rotation'|'enable-key'|'get-key-last-usage'|'get-key-rotation-status'|'rotate-key-on-demand') reply=(--key-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'clock advance') reply=(--duration --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'configure get') reply=(--name --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'configure set') reply=(--name --value --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'connect-custom-key-store'|'delete-custom-key-store'|'disconnect-custom-key-store') reply=(--custom-key-store-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'create-alias'|'update-alias') reply=(--alias-name --target-key-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'create-custom-key-store') reply=(--custom-key-store-name --cloud-hsm-cluster-id --trust-anchor-certificate --key-store-password --custom-key-store-type --xks-proxy-uri-endpoint --xks-proxy-uri-path --xks-proxy-vpc-endpoint-service-name --xks-proxy-vpc-endpoint-service-owner --xks-proxy-authentication-credential --xks-proxy-connectivity --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'create-grant') reply=(--key-id --grantee-principal --retiring-principal --operations --constraints --grant-tokens --name --dry-run --no-dry-run --grantee-service-principal --retiring-service-principal --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'create-key') reply=(--policy --description --key-usage --customer-master-key-spec --key-spec --origin --custom-key-store-id --bypass-policy-lockout-safety-check --no-bypass-policy-lockout-safety-check --tags --multi-region --no-multi-region --xks-key-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'decapsulate') reply=(--key-id --shared-secret-ciphertext-blob --encapsulation-algorithm --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'decrypt') reply=(--ciphertext-blob --encryption-context --grant-tokens --key-id --encryption-algorithm --recipient --dry-run --no-dry-run --dry-run-modifiers --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'delete-alias') reply=(--alias-name --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'delete-imported-key-material') reply=(--key-id --key-material-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'derive-shared-secret') reply=(--key-id --key-agreement-algorithm --public-key --grant-tokens --dry-run --no-dry-run --recipient --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'describe-custom-key-stores') reply=(--custom-key-store-id --custom-key-store-name --limit --marker --cli-input-json --cli-input-yaml --starting-token --page-size --max-items --generate-cli-skeleton) ;;
    'describe-key'|'get-public-key') reply=(--key-id --grant-tokens --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'enable-key-rotation') reply=(--key-id --rotation-period-in-days --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'encapsulate') reply=(--key-id --encapsulation-algorithm --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'encrypt') reply=(--key-id --plaintext --encryption-context --grant-tokens --encryption-algorithm --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'env exec'|'keyring backup'|'keyring restore') reply=(--file --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'env set') reply=(--name --key-id --file --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'envelope decrypt'|'envelope encrypt') reply=(--key-ids --encryption-context --from --to --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'explain-access') reply=(--principal --action --key --encryption-context --context --exact --no-exact --tree --no-tree --expect --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'generate-data-key') reply=(--key-id --encryption-context --number-of-bytes --key-spec --grant-tokens --recipient --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'generate-data-key-pair') reply=(--encryption-context --key-id --key-pair-spec --grant-tokens --recipient --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'generate-data-key-pair-without-plaintext') reply=(--encryption-context --key-id --key-pair-spec --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'generate-data-key-without-plaintext') reply=(--key-id --encryption-context --key-spec --number-of-bytes --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'generate-mac') reply=(--message --key-id --mac-algorithm --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'generate-random') reply=(--number-of-bytes --custom-key-store-id --recipient --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'get-key-policy') reply=(--key-id --policy-name --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'get-parameters-for-import') reply=(--key-id --wrapping-algorithm --wrapping-key-spec --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'identity assume-role') reply=(--role-arn --role-session-name --duration-seconds --policy --tags --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'identity create-access-key') reply=(--principal-arn --from-file --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'identity delete'|'identity get') reply=(--arn --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'identity delete-access-key') reply=(--access-key-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'identity put') reply=(--arn --policy --policy-name --remove-policy --permissions-boundary --remove-boundary --no-remove-boundary --tags --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'import-key-material') reply=(--key-id --import-token --encrypted-key-material --valid-to --expiration-model --import-type --key-material-description --key-material-id --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'init') reply=(--account-id --passphrase --no-passphrase --project --no-project --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'keyring add-slot') reply=(--new-key-file --new-passphrase --no-new-passphrase --new-passphrase-file --new-passphrase-fd --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'keyring change-passphrase') reply=(--slot --new-passphrase-file --new-passphrase-fd --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'keyring remove-slot') reply=(--slot --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'keyring trust') reply=(--target --list --no-list --remove --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'lint') reply=(--files --key --all --no-all --policy-type --account-id --format --fail-on --select --ignore --fix --no-fix --unsafe-fixes --no-unsafe-fixes --diff --no-diff --config --baseline --known-findings --write-known-findings --explain --list-rules --no-list-rules --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'list-aliases'|'list-key-policies'|'list-resource-tags') reply=(--key-id --limit --marker --cli-input-json --cli-input-yaml --starting-token --page-size --max-items --generate-cli-skeleton) ;;
    'list-grants') reply=(--limit --marker --key-id --grant-id --grantee-principal --grantee-service-principal --cli-input-json --cli-input-yaml --starting-token --page-size --max-items --generate-cli-skeleton) ;;
    'list-key-rotations') reply=(--key-id --include-key-material --limit --marker --cli-input-json --cli-input-yaml --starting-token --page-size --max-items --generate-cli-skeleton) ;;
    'list-keys') reply=(--limit --marker --cli-input-json --cli-input-yaml --starting-token --page-size --max-items --generate-cli-skeleton) ;;
    'list-retirable-grants') reply=(--limit --marker --retiring-principal --retiring-service-principal --cli-input-json --cli-input-yaml --starting-token --page-size --max-items --generate-cli-skeleton) ;;
    'organization put') reply=(--organization-id --path --accounts --management-account --level --type --policy --policy-name --remove-policy --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'policy check') reply=(--policy --key --account-id --not-public --no-not-public --trusted-accounts --not-more-than --not-granted --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'policy diff') reply=(--old --new --key --account-id --text --no-text --fail-on-new-access --no-fail-on-new-access --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'policy format') reply=(--file --write --no-write --check --no-check --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'policy generate') reply=(--key --keep-administration --no-keep-administration --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'put-key-policy') reply=(--key-id --policy-name --policy --bypass-policy-lockout-safety-check --no-bypass-policy-lockout-safety-check --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    're-encrypt') reply=(--ciphertext-blob --source-encryption-context --source-key-id --destination-key-id --destination-encryption-context --source-encryption-algorithm --destination-encryption-algorithm --grant-tokens --dry-run --no-dry-run --dry-run-modifiers --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'replicate-key') reply=(--key-id --replica-region --policy --bypass-policy-lockout-safety-check --no-bypass-policy-lockout-safety-check --description --tags --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'retire-grant') reply=(--grant-token --key-id --grant-id --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'revoke-grant') reply=(--key-id --grant-id --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'schedule-key-deletion') reply=(--key-id --pending-window-in-days --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'serve') reply=(--listen --socket --tls-cert --tls-key --allow-plain-http --no-allow-plain-http --allow-host --verify-signatures --no-verify-signatures --credentials-file --ephemeral --no-ephemeral --account-id --seed --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'shim install') reply=(--directory --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'sign') reply=(--key-id --message --message-type --grant-tokens --signing-algorithm --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'tag-resource') reply=(--key-id --tags --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'untag-resource') reply=(--key-id --tag-keys --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'update-custom-key-store') reply=(--custom-key-store-id --new-custom-key-store-name --key-store-password --cloud-hsm-cluster-id --xks-proxy-uri-endpoint --xks-proxy-uri-path --xks-proxy-vpc-endpoint-service-name --xks-proxy-vpc-endpoint-service-owner --xks-proxy-authentication-credential --xks-proxy-connectivity --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'update-key-description') reply=(--key-id --description --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'update-primary-region') reply=(--key-id --primary-region --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'verify') reply=(--key-id --message --message-type --signature --signing-algorithm --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'verify-mac') reply=(--message --key-id --mac-algorithm --mac --grant-tokens --dry-run --no-dry-run --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'wait') reply=(--key-id --key-state --timeout --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'what-can') reply=(--principal --key --encryption-context --context --all --no-all --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
    'who-can') reply=(--action --key --encryption-context --context --all --no-all --cli-input-json --cli-input-yaml --generate-cli-skeleton) ;;
  esac
  reply+=(--debug --endpoint-url --no-verify-ssl --no-paginate --output --query --profile --region --version --color --no-sign-request --ca-bundle --cli-read-timeout --cli-connect-timeout --cli-binary-format --no-cli-pager --cli-auto-prompt --no-cli-auto-prompt --cli-error-format --keyring --key-file --passphrase-file --passphrase-fd --as --session-policy --session-tags --mfa --via-service --source-arn --source-account --source-ip --source-vpc --source-vpce --why --help --quiet)
}
_kms_values() {
  reply=()
  case "$1 $2" in
    'apply --generate-cli-skeleton'|'audit lookup-events --generate-cli-skeleton'|'audit restart --generate-cli-skeleton'|'audit tail --generate-cli-skeleton'|'audit verify --generate-cli-skeleton'|'batch --generate-cli-skeleton'|'cancel-key-deletion --generate-cli-skeleton'|'clock --generate-cli-skeleton'|'clock advance --generate-cli-skeleton'|'configure --generate-cli-skeleton'|'configure get --generate-cli-skeleton'|'configure list --generate-cli-skeleton'|'configure set --generate-cli-skeleton'|'connect-custom-key-store --generate-cli-skeleton'|'create-alias --generate-cli-skeleton'|'create-custom-key-store --generate-cli-skeleton'|'create-grant --generate-cli-skeleton'|'create-key --generate-cli-skeleton'|'decapsulate --generate-cli-skeleton'|'decrypt --generate-cli-skeleton'|'delete-alias --generate-cli-skeleton'|'delete-custom-key-store --generate-cli-skeleton'|'delete-imported-key-material --generate-cli-skeleton'|'derive-shared-secret --generate-cli-skeleton'|'describe-custom-key-stores --generate-cli-skeleton'|'describe-key --generate-cli-skeleton'|'disable-key --generate-cli-skeleton'|'disable-key-rotation --generate-cli-skeleton'|'disconnect-custom-key-store --generate-cli-skeleton'|'enable-key --generate-cli-skeleton'|'enable-key-rotation --generate-cli-skeleton'|'encapsulate --generate-cli-skeleton'|'encrypt --generate-cli-skeleton'|'env exec --generate-cli-skeleton'|'env set --generate-cli-skeleton'|'envelope decrypt --generate-cli-skeleton'|'envelope encrypt --generate-cli-skeleton'|'explain-access --generate-cli-skeleton'|'generate-data-key --generate-cli-skeleton'|'generate-data-key-pair --generate-cli-skeleton'|'generate-data-key-pair-without-plaintext --generate-cli-skeleton'|'generate-data-key-without-plaintext --generate-cli-skeleton'|'generate-mac --generate-cli-skeleton'|'generate-random --generate-cli-skeleton'|'get-caller-identity --generate-cli-skeleton'|'get-key-last-usage --generate-cli-skeleton'|'get-key-policy --generate-cli-skeleton'|'get-key-rotation-status --generate-cli-skeleton'|'get-parameters-for-import --generate-cli-skeleton'|'get-public-key --generate-cli-skeleton'|'identity assume-role --generate-cli-skeleton'|'identity create-access-key --generate-cli-skeleton'|'identity delete --generate-cli-skeleton'|'identity delete-access-key --generate-cli-skeleton'|'identity disable-signature-verification --generate-cli-skeleton'|'identity enable-signature-verification --generate-cli-skeleton'|'identity get --generate-cli-skeleton'|'identity list --generate-cli-skeleton'|'identity list-access-keys --generate-cli-skeleton'|'identity put --generate-cli-skeleton'|'import-key-material --generate-cli-skeleton'|'init --generate-cli-skeleton'|'keyring add-slot --generate-cli-skeleton'|'keyring backup --generate-cli-skeleton'|'keyring change-passphrase --generate-cli-skeleton'|'keyring rekey --generate-cli-skeleton'|'keyring remove-slot --generate-cli-skeleton'|'keyring restore --generate-cli-skeleton'|'keyring status --generate-cli-skeleton'|'keyring trust --generate-cli-skeleton'|'keyring verify --generate-cli-skeleton'|'lint --generate-cli-skeleton'|'list-aliases --generate-cli-skeleton'|'list-grants --generate-cli-skeleton'|'list-key-policies --generate-cli-skeleton'|'list-key-rotations --generate-cli-skeleton'|'list-keys --generate-cli-skeleton'|'list-resource-tags --generate-cli-skeleton'|'list-retirable-grants --generate-cli-skeleton'|'organization delete --generate-cli-skeleton'|'organization get --generate-cli-skeleton'|'organization put --generate-cli-skeleton'|'policy check --generate-cli-skeleton'|'policy diff --generate-cli-skeleton'|'policy format --generate-cli-skeleton'|'policy generate --generate-cli-skeleton'|'put-key-policy --generate-cli-skeleton'|'quickstart --generate-cli-skeleton'|'re-encrypt --generate-cli-skeleton'|'replicate-key --generate-cli-skeleton'|'retire-grant --generate-cli-skeleton'|'revoke-grant --generate-cli-skeleton'|'rotate-key-on-demand --generate-cli-skeleton'|'schedule-key-deletion --generate-cli-skeleton'|'serve --generate-cli-skeleton'|'shim --generate-cli-skeleton'|'shim install --generate-cli-skeleton'|'sign --generate-cli-skeleton'|'tag-resource --generate-cli-skeleton'|'untag-resource --generate-cli-skeleton'|'update-alias --generate-cli-skeleton'|'update-custom-key-store --generate-cli-skeleton'|'update-key-description --generate-cli-skeleton'|'update-primary-region --generate-cli-skeleton'|'verify --generate-cli-skeleton'|'verify-mac --generate-cli-skeleton'|'wait --generate-cli-skeleton'|'what-can --generate-cli-skeleton'|'who-can --generate-cli-skeleton') reply=(input output yaml-input) ;;
    'create-custom-key-store --custom-key-store-type') reply=(AWS_CLOUDHSM EXTERNAL_KEY_STORE) ;;
    'create-custom-key-store --xks-proxy-connectivity'|'update-custom-key-store --xks-proxy-connectivity') reply=(PUBLIC_ENDPOINT VPC_ENDPOINT_SERVICE) ;;
    'create-grant --operations') reply=(Decrypt Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo Sign Verify GetPublicKey CreateGrant RetireGrant DescribeKey GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateMac VerifyMac DeriveSharedSecret Encapsulate Decapsulate) ;;
    'create-key --key-usage') reply=(SIGN_VERIFY ENCRYPT_DECRYPT GENERATE_VERIFY_MAC KEY_AGREEMENT ENCAPSULATE_DECAPSULATE) ;;
    'create-key --customer-master-key-spec') reply=(RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 SYMMETRIC_DEFAULT HMAC_224 HMAC_256 HMAC_384 HMAC_512 SM2) ;;
    'create-key --key-spec') reply=(RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 SYMMETRIC_DEFAULT HMAC_224 HMAC_256 HMAC_384 HMAC_512 SM2 ML_DSA_44 ML_DSA_65 ML_DSA_87 ECC_NIST_EDWARDS25519 ML_KEM_512 ML_KEM_768 ML_KEM_1024) ;;
    'create-key --origin') reply=(AWS_KMS EXTERNAL AWS_CLOUDHSM EXTERNAL_KEY_STORE) ;;
    'decapsulate --encapsulation-algorithm'|'encapsulate --encapsulation-algorithm') reply=(ML_KEM) ;;
    'decrypt --encryption-algorithm'|'encrypt --encryption-algorithm'|'re-encrypt --source-encryption-algorithm'|'re-encrypt --destination-encryption-algorithm') reply=(SYMMETRIC_DEFAULT RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256 SM2PKE) ;;
    'decrypt --dry-run-modifiers'|'re-encrypt --dry-run-modifiers') reply=(IGNORE_CIPHERTEXT) ;;
    'derive-shared-secret --key-agreement-algorithm') reply=(ECDH) ;;
    'explain-access --expect') reply=(allow deny) ;;
    'generate-data-key --key-spec'|'generate-data-key-without-plaintext --key-spec') reply=(AES_256 AES_128) ;;
    'generate-data-key-pair --key-pair-spec'|'generate-data-key-pair-without-plaintext --key-pair-spec') reply=(RSA_2048 RSA_3072 RSA_4096 ECC_NIST_P256 ECC_NIST_P384 ECC_NIST_P521 ECC_SECG_P256K1 SM2 ECC_NIST_EDWARDS25519 ML_KEM_512 ML_KEM_768 ML_KEM_1024) ;;
    'generate-mac --mac-algorithm'|'verify-mac --mac-algorithm') reply=(HMAC_SHA_224 HMAC_SHA_256 HMAC_SHA_384 HMAC_SHA_512) ;;
    'get-parameters-for-import --wrapping-algorithm') reply=(RSAES_PKCS1_V1_5 RSAES_OAEP_SHA_1 RSAES_OAEP_SHA_256 RSA_AES_KEY_WRAP_SHA_1 RSA_AES_KEY_WRAP_SHA_256 SM2PKE) ;;
    'get-parameters-for-import --wrapping-key-spec') reply=(RSA_2048 RSA_3072 RSA_4096 SM2) ;;
    'import-key-material --expiration-model') reply=(KEY_MATERIAL_EXPIRES KEY_MATERIAL_DOES_NOT_EXPIRE) ;;
    'import-key-material --import-type') reply=(NEW_KEY_MATERIAL EXISTING_KEY_MATERIAL) ;;
    'lint --policy-type') reply=(key identity endpoint grant) ;;
    'lint --format') reply=(pretty concise json sarif github junit access-analyzer) ;;
    'lint --fail-on') reply=(error security warning hint) ;;
    'list-key-rotations --include-key-material') reply=(ALL_KEY_MATERIAL ROTATIONS_ONLY) ;;
    'organization put --type') reply=(SERVICE_CONTROL_POLICY RESOURCE_CONTROL_POLICY) ;;
    'sign --message-type'|'verify --message-type') reply=(RAW DIGEST EXTERNAL_MU) ;;
    'sign --signing-algorithm'|'verify --signing-algorithm') reply=(RSASSA_PSS_SHA_256 RSASSA_PSS_SHA_384 RSASSA_PSS_SHA_512 RSASSA_PKCS1_V1_5_SHA_256 RSASSA_PKCS1_V1_5_SHA_384 RSASSA_PKCS1_V1_5_SHA_512 ECDSA_SHA_256 ECDSA_SHA_384 ECDSA_SHA_512 SM2DSA ML_DSA_SHAKE_256 ED25519_SHA_512 ED25519_PH_SHA_512) ;;
    'wait --key-state') reply=(Creating Enabled Disabled PendingDeletion PendingImport PendingReplicaDeletion Unavailable Updating) ;;
    *' --output') reply=(json text table yaml yaml-stream off) ;;
    *' --color') reply=(on off auto) ;;
    *' --cli-binary-format') reply=(base64 raw-in-base64-out) ;;
    *' --cli-error-format') reply=(legacy json yaml text table enhanced) ;;
  esac
}
# how many words follow an option: nothing, one, many, or one that names a file
_kms_takes() {
  case $1 in
    --debug|--no-verify-ssl|--no-paginate|--version|--no-sign-request|--no-cli-pager|--cli-auto-prompt|--no-cli-auto-prompt|--mfa|--why|--help|--quiet|--dry-run|--no-dry-run|--generate-cli-skeleton|--follow|--no-follow|--stop-on-error|--no-stop-on-error|--bypass-policy-lockout-safety-check|--no-bypass-policy-lockout-safety-check|--multi-region|--no-multi-region|--exact|--no-exact|--tree|--no-tree|--remove-boundary|--no-remove-boundary|--passphrase|--no-passphrase|--project|--no-project|--new-passphrase|--no-new-passphrase|--list|--no-list|--all|--no-all|--fix|--no-fix|--unsafe-fixes|--no-unsafe-fixes|--diff|--no-diff|--list-rules|--no-list-rules|--not-public|--no-not-public|--text|--no-text|--fail-on-new-access|--no-fail-on-new-access|--write|--no-write|--check|--no-check|--keep-administration|--no-keep-administration|--allow-plain-http|--no-allow-plain-http|--verify-signatures|--no-verify-signatures|--ephemeral|--no-ephemeral) reply=nothing ;;
    --lookup-attributes|--operations|--grant-tokens|--tags|--dry-run-modifiers|--key-ids|--files|--select|--ignore|--accounts|--trusted-accounts|--not-granted|--allow-host|--tag-keys) reply=many ;;
    --ca-bundle|--keyring|--key-file|--passphrase-file|--file|--from-file|--new-key-file|--new-passphrase-file|--credentials-file) reply=file ;;
    *) reply=one ;;
  esac
}
# what kms itself knows the values of
_kms_asks() {
  reply=""
  case $1 in
    --profile) reply=profile ;;
    --region) reply=region ;;
    --key-id) reply=key ;;
    --alias-name) reply=alias ;;
    --target-key-id) reply=key-id ;;
  esac
}
_kms_takes_file() {
  case $1 in
    'apply'|'keyring backup'|'keyring restore'|'policy format') return 0 ;;
  esac
  return 1
}
# from the words before the cursor: the command in $place, and in $option the option whose value comes next
_kms_where() {
  place= option=
  local word takes=nothing reply
  for word in "$@"; do
    if [[ $word == --*=* ]]; then
      takes=nothing option=
    elif [[ $word == --* ]]; then
      _kms_takes "$word"
      takes=$reply option=$word
    elif [[ $takes == one || $takes == file ]]; then
      takes=nothing option=
    elif [[ $takes != many ]]; then
      option=
      _kms_commands "$place"
      [[ " ${(j: :)reply} " == *" $word "* && $word != help ]] && place=${place:+$place }$word
    fi
  done
  [[ $takes == nothing ]] && option=
  return 0
}
_kms_described() {
  case $1 in
    '') found=(
      'apply:Brings the keyring to what a file says'
      'audit:The audit log\: verify, watch, search'
      'batch:Answers many calls in one process, one JSON line each'
      'cancel-key-deletion:Stops the deletion of a KMS key'
      'clock:Shows the clock of the keyring'
      'configure:Asks for the settings of a profile, one by one'
      'connect-custom-key-store:Connects a custom key store, so that its keys can be used'
      'create-alias:Gives a KMS key a name'
      'create-custom-key-store:Creates a custom key store'
      'create-grant:Lets a principal use a KMS key in certain operations'
      'create-key:Creates a KMS key'
      'decapsulate:Recovers a shared secret from its encapsulated form with an ML-KEM key'
      'decrypt:Decrypts a ciphertext blob'
      'delete-alias:Takes a name away from a KMS key'
      'delete-custom-key-store:Deletes a custom key store that is empty and disconnected'
      'delete-imported-key-material:Deletes imported key material at once'
      'derive-shared-secret:Agrees on a shared secret with the owner of another key pair (ECDH)'
      'describe-custom-key-stores:Lists custom key stores and their connection states'
      'describe-key:Tells everything about a KMS key that is not its policy or its tags'
      'disable-key:Switches a KMS key off, so that nothing can be done with it until it is enabled'
      'disable-key-rotation:Switches automatic rotation of a KMS key off'
      'disconnect-custom-key-store:Disconnects a custom key store; its keys cannot be used meanwhile'
      'enable-key:Switches a KMS key on'
      'enable-key-rotation:Switches automatic rotation of a KMS key on, or changes its period'
      'encapsulate:Makes a shared secret and its encapsulated form for an ML-KEM key'
      'encrypt:Encrypts up to 4096 bytes under a KMS key'
      'env:Secrets of programs, as ciphertexts in an env file'
      'envelope:Data of any size, as AWS Encryption SDK messages'
      'explain-access:Tells whether a caller may do something, why, and what would change it'
      'generate-data-key:Makes a data key, in plaintext and encrypted under a KMS key'
      'generate-data-key-pair:Makes a data key pair; the private key also encrypted under a KMS key'
      'generate-data-key-pair-without-plaintext:Makes a data key pair; the private key only encrypted under a KMS key'
      'generate-data-key-without-plaintext:Makes a data key and gives it out only encrypted under a KMS key'
      'generate-mac:Computes a message authentication code (HMAC) with a KMS key'
      'generate-random:Gives random bytes that are fit for cryptography'
      'get-caller-identity:Tells whom calls are made as'
      'get-key-last-usage:Tells when a KMS key was last used successfully, and for what'
      'get-key-policy:Prints the key policy of a KMS key'
      'get-key-rotation-status:Tells whether and when a KMS key rotates'
      'get-parameters-for-import:Gives the wrapping key and the import token for an import of key material'
      'get-public-key:Gives the public key of an asymmetric KMS key'
      'identity:Users, roles and sessions\: what is known of them, and their access keys'
      'import-key-material:Puts your own key material into a KMS key'
      'init:Makes a keyring'
      'keyring:The keyring\: status, unlock slots, verification, copies'
      'lint:Finds what is wrong with key policies, identity policies and grants'
      'list-aliases:Lists the aliases of the account and Region, or of one key'
      'list-grants:Lists the grants of a KMS key'
      'list-key-policies:Lists the names of the key policies of a KMS key'
      'list-key-rotations:Lists the rotations of a KMS key'
      'list-keys:Lists the KMS keys of the account and Region'
      'list-resource-tags:Lists the tags of a KMS key'
      'list-retirable-grants:Lists the grants that a principal may retire'
      'organization:The organization\: accounts and control policies'
      'policy:Key policies\: compared, made from use, laid out'
      'put-key-policy:Replaces the key policy of a KMS key'
      'quickstart:A guided tour in a temporary keyring'
      're-encrypt:Decrypts a ciphertext and encrypts it anew, without showing the plaintext'
      'replicate-key:Makes a replica of a multi-Region key in another Region'
      'retire-grant:Ends a grant, by those who made or use it'
      'revoke-grant:Ends a grant, by those who manage the KMS key'
      'rotate-key-on-demand:Gives a KMS key new key material now'
      'schedule-key-deletion:Deletes a KMS key when a waiting period is over'
      'serve:Answers the KMS API over HTTP'
      'shim:Prints a shell function aws that sends aws kms to kms'
      'sign:Signs a message with an asymmetric KMS key'
      'tag-resource:Adds tags to a KMS key, or changes their values'
      'untag-resource:Removes tags from a KMS key'
      'update-alias:Points an alias to another KMS key'
      'update-custom-key-store:Changes a custom key store'
      'update-key-description:Changes the description of a KMS key'
      'update-primary-region:Makes the replica key in another Region the primary key'
      'verify:Verifies a signature with an asymmetric KMS key'
      'verify-mac:Verifies a message authentication code (HMAC) with a KMS key'
      'wait:Waits until a KMS key is in a key state'
      'what-can:Lists what a caller may do with a key'
      'who-can:Lists who may use a key for an action'
      'help:Tells about the commands'
    ) ;;
    'audit') found=(
      'lookup-events:Finds events in the audit log'
      'restart:Puts a damaged audit log aside and begins a new file'
      'tail:Prints the last lines of the audit log, and those to come'
      'verify:Verifies the audit log from its first line to its last'
      'help:Tells about the commands'
    ) ;;
    'clock') found=(
      'advance:Moves the clock of the keyring forward for good, to see what time does'
      'help:Tells about the commands'
    ) ;;
    'configure') found=(
      'get:Prints one setting of a profile'
      'list:Lists all profiles and their settings'
      'set:Changes one setting of a profile'
      'help:Tells about the commands'
    ) ;;
    'env') found=(
      'exec:Runs a program with the values of an env file, decrypted'
      'set:Encrypts a value into an env file'
      'help:Tells about the commands'
    ) ;;
    'envelope') found=(
      'decrypt:Decrypts an AWS Encryption SDK message of any size'
      'encrypt:Encrypts data of any size as an AWS Encryption SDK message'
      'help:Tells about the commands'
    ) ;;
    'identity') found=(
      'assume-role:Makes credentials of a session of a role'
      'create-access-key:Makes an access key for a user'
      'delete:Lets the keyring forget a user, a role or a session'
      'delete-access-key:Deletes an access key'
      'disable-signature-verification:Takes any credentials of callers of a socket'
      'enable-signature-verification:Asks callers of a socket for signatures'
      'get:Tells what the keyring knows of a user, a role or a session'
      'list:Lists the users, roles and sessions that the keyring knows'
      'list-access-keys:Lists the access keys'
      'put:Tells the keyring of a user, a role or a session, or changes what it knows'
      'help:Tells about the commands'
    ) ;;
    'keyring') found=(
      'add-slot:Adds a way to unlock the keyring'
      'backup:Copies the keyring to a file while others may be using it'
      'change-passphrase:Changes the passphrase of an unlock slot'
      'rekey:Begins a new domain key, which seals every record from now on'
      'remove-slot:Takes a way to unlock the keyring away'
      'restore:Brings a keyring back from a backup'
      'status:Tells where the keyring is and what unlocks it'
      'trust:Trusts a keyring that others made'
      'verify:Opens every record of the keyring and lists what is wrong'
      'help:Tells about the commands'
    ) ;;
    'organization') found=(
      'delete:Lets the keyring forget the organization and its control policies'
      'get:Tells what the keyring knows of the organization'
      'put:Tells the keyring of an organization and its control policies, or changes them'
      'help:Tells about the commands'
    ) ;;
    'policy') found=(
      'check:Proves that a key policy gives no more than it may'
      'diff:Tells who gains and who loses access when a key policy is replaced'
      'format:Prints a policy in its canonical form'
      'generate:Makes the smallest key policy that would have allowed what was done with a key'
      'help:Tells about the commands'
    ) ;;
    'shim') found=(
      'install:Puts a program aws into a folder that sends aws kms to kms'
      'help:Tells about the commands'
    ) ;;
  esac
}
_kms() {
  local place option reply current=$words[CURRENT] description
  local -a found
  _kms_where "${(@)words[2,CURRENT-1]}"
  if [[ $current == --*=* ]]; then
    option=${current%%=*}
    compset -P '*='
    current=${current#*=}
  elif [[ $current == -* ]]; then
    _kms_options "$place"
    compadd -a reply
    return
  fi
  if [[ $current == file://* || $current == fileb://* ]]; then
    compset -P '*://'
    _files
  elif [[ -n $option ]]; then
    _kms_values "$place" "$option"
    if (( $#reply )); then
      compadd -a reply
    else
      _kms_takes "$option"
      if [[ $reply == file ]]; then
        _files
      elif _kms_asks "$option" && [[ -n $reply ]]; then
        found=("${(@f)$(command kms __complete $reply "${(@)words[2,CURRENT-1]}" 2>/dev/null </dev/null)}")
        local -a values=("${(@)found%%$'\t'*}") shown=("${(@)found/$'\t'/  -- }")
        compadd -d shown -a values
      else
        compadd -S '' file:// fileb://
      fi
    fi
  else
    _kms_described "$place"
    _describe -t commands command found
    _kms_takes_file "$place" && _files
  fi
}
_kms "$@"
