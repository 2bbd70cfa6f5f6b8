#!/bin/bash
# A runtime of one loop around curl, which signs its calls itself. The handler's name says what is done with a job.
set -euo pipefail

api="http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation"
pipeline="${MATRIX_CODEPIPELINE:-$AWS_ENDPOINT_URL}"
storage="${MATRIX_S3:-$AWS_ENDPOINT_URL}"

# The value of a name's occurrence in JSON without escapes: value <name> <occurrence>.
value() { { grep -o "\"$1\":\"[^\"]*\"" "$event" || true; } | sed -n "$2p" | cut -d'"' -f4; }

# A number of the user parameters, or nothing: said <name>.
said() { value UserParameters 1 | { grep -o "$1=[0-9]*" || true; } | cut -d= -f2; }

# Calls AWS: aws <service> <access key> <secret> <token> <arguments of curl>.
aws() {
  local service="$1" user="$2:$3" token="$4"
  shift 4
  curl -sS --fail-with-body --aws-sigv4 "aws:amz:${AWS_REGION}:${service}" --user "$user" -H "x-amz-security-token: $token" "$@"
}

# Tells CodePipeline: tell <operation> <members beside the job's id>.
tell() {
  aws codepipeline "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" "$pipeline/" \
    -H "Content-Type: application/x-amz-json-1.1" -H "X-Amz-Target: CodePipeline_20150709.$1" \
    --data "{\"jobId\":\"$(value id 1)\"$2}"
}

report() { tell PutJobSuccessResult ""; }

# S3 wants to be told the hash that is signed, or that there is none: aws_s3 <which artifact> <arguments of curl>.
aws_s3() {
  aws s3 "$(value accessKeyId 1)" "$(value secretAccessKey 1)" "$(value sessionToken 1)" \
    "$storage/$(value bucketName "$1")/$(value objectKey "$1")" -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" "${@:2}"
}

work() {
  local artifacts made="$HOME/made" last="$HOME/last" size count
  artifacts="$(grep -o '"objectKey"' "$event" | wc -l)" # the inputs, and one output
  : >"$made"
  for ((artifact = 1; artifact < artifacts; artifact++)); do
    aws_s3 "$artifact" -o "$last"
    cat "$last" >>"$made"
  done
  size="$(stat -c %s "$last")"
  if [ -n "$(said size)" ] && [ "$(said size)" != "$size" ]; then
    tell PutJobFailureResult ",\"failureDetails\":{\"type\":\"RevisionOutOfSync\",\"message\":\"size is $size but the variable says $(said size)\"}"
    return
  fi
  count="$(($(value continuationToken 1) + 1))"
  if [ "$count" -lt "$(said jobs)" ]; then
    tell PutJobSuccessResult ",\"continuationToken\":\"$count\""
    return
  fi
  aws_s3 "$artifacts" -X PUT -H "Content-Type: application/zip" -H "x-amz-server-side-encryption: aws:kms" --data-binary "@$made"
  tell PutJobSuccessResult ",\"outputVariables\":{\"Size\":\"$(stat -c %s "$made")\"}"
}

event="$HOME/event"
while true; do
  head="$(curl -sS --noproxy '*' -o "$event" -D - "$api/next")"
  id="$(tr -d '\r' <<<"$head" | sed -n 's/^lambda-runtime-aws-request-id: //Ip')"
  "${_HANDLER}"
  curl -sS --noproxy '*' -o /dev/null --data null "$api/$id/response"
done
