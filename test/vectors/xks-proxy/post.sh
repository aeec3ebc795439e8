# post TARGET BODY: sends a request to $URL, signed with $ID and $SECRET on the date of the golden sessions
# (AWS KMS External Key Store Proxy API Specification, Appendix A)

hash() { printf %s "$1" | openssl dgst -sha256 -r | cut -d ' ' -f 1; }
hmac() { printf %s "$2" | openssl dgst -sha256 -mac HMAC -macopt "$1" -r | cut -d ' ' -f 1; }

post() {
  local path=/kms/xks/v1/$1 host=${URL#*//} date=20260115 time=20260115T093000Z part key
  local scope=$date/us-east-1/kms-xks-proxy/aws4_request
  local request=$'POST\n'$path$'\n\nhost:'$host$'\nx-amz-date:'$time$'\n\nhost;x-amz-date\n'$(hash "$2")
  key=$(hmac "key:AWS4$SECRET" $date)
  for part in us-east-1 kms-xks-proxy aws4_request; do key=$(hmac "hexkey:$key" $part); done
  local signature=$(hmac "hexkey:$key" $'AWS4-HMAC-SHA256\n'$time$'\n'$scope$'\n'$(hash "$request"))
  curl -s "$URL$path" -H "X-Amz-Date: $time" -d "$2" \
    -H "Authorization: AWS4-HMAC-SHA256 Credential=$ID/$scope, SignedHeaders=host;x-amz-date, Signature=$signature"
  echo
}
