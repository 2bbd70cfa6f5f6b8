#!/bin/bash
# A runtime of one loop around curl, which signs its calls itself. The handler's name says what is done with a job.
set -euo pipefail

api="http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation"
pipeline="${MATRIX_CODEPIPELINE:-$AWS_ENDPOINT_URL}"
storage="${MATRIX_S3:-$AWS_ENDPOINT_URL}"

# The value of a name's occurrence in JSON without escapes: value <name> <occurrence>.
value() { grep -o "\"$1\":\"[^\"]*\"" "$event" | sed -n "$2p" | cut -d'"' -f4; }

# Calls AWS: aws <service> <access key> <secret> <token> <arguments of curl>.
aws() {
  local service="$1" user="$2:$3" token="$4"
  shift 4
  curl -sS --fail-with-body --aws-sigv4 "aws:amz:${AWS_REGION}:${service}" --user "$user" -H "x-amz-security-token: $token" "$@"
}

report() {
  aws codepipeline "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" "$pipeline/" \
    -H "Content-Type: application/x-amz-json-1.1" -H "X-Amz-Target: CodePipeline_20150709.PutJobSuccessResult" \
    --data "{\"jobId\":\"$(value id 1)\"}"
}

# S3 wants to be told the hash that is signed, or that there is none.
aws_s3() {
  aws s3 "$(value accessKeyId 1)" "$(value secretAccessKey 1)" "$(value sessionToken 1)" \
    "$storage/$(value bucketName "$1")/$(value objectKey "$1")" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" "${@:2}"
}

copy() {
  aws_s3 1 -o "$HOME/content"
  aws_s3 2 -X PUT -H "Content-Type: application/zip" --data-binary "@$HOME/content"
  report
}

event="$HOME/event"
while true; do
  head="$(curl -sS --noproxy '*' -o "$event" -D - "$api/next")"
  id="$(tr -d '\r' <<<"$head" | sed -n 's/^lambda-runtime-aws-request-id: //Ip')"
  "${_HANDLER}"
  curl -sS --noproxy '*' -o /dev/null --data null "$api/$id/response"
done
