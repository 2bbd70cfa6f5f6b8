"""No SDK at all: requests signed by hand, sent with what Python itself has. Works on Python 3.6 and newer."""

import hashlib
import hmac
import json
import os
import re
from datetime import datetime
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import quote, urlsplit

REGION = os.environ["AWS_REGION"]


def endpoint(service):
    own = os.environ.get("MATRIX_" + service.upper())
    return urlsplit(own or "https://%s.%s.amazonaws.com" % (service, REGION))


def call(service, method, path, body, keys, headers):
    place = endpoint(service)
    digest = hashlib.sha256(body).hexdigest()
    now = datetime.utcnow().strftime("%Y%m%dT%H%M%SZ")
    signed = dict(headers, host=place.netloc)
    signed.update({"x-amz-date": now, "x-amz-content-sha256": digest, "x-amz-security-token": keys[2]})
    names = ";".join(sorted(signed))
    lines = "".join("%s:%s\n" % (name, signed[name]) for name in sorted(signed))
    canonical = "\n".join([method, path, "", lines, names, digest])
    scope = "/".join([now[:8], REGION, service, "aws4_request"])
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + keys[1]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
    signed["authorization"] = credential % (keys[0], scope, names, signature)
    connection = (HTTPSConnection if place.scheme == "https" else HTTPConnection)(place.netloc, timeout=10)
    connection.request(method, path, body, signed)
    response = connection.getresponse()
    answer = response.read()
    if response.status != 200:
        raise Exception("%s %s: %d %s" % (method, path, response.status, answer[:500]))
    return answer


def tell(operation, **said):
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "CodePipeline_20150709." + operation}
    call("codepipeline", "POST", "/", json.dumps(said).encode(), [os.environ[name] for name in names], headers)


def report(event, context):
    tell("PutJobSuccessResult", jobId=event["CodePipeline.job"]["id"])


def work(event, context):
    job = event["CodePipeline.job"]
    data = job["data"]
    said = dict(re.findall(r"(\w+)=(\d+)", data["actionConfiguration"]["configuration"]["UserParameters"]))
    keys = [data["artifactCredentials"][name] for name in ("accessKeyId", "secretAccessKey", "sessionToken")]
    contents = [call("s3", "GET", path(artifact), b"", keys, {}) for artifact in data["inputArtifacts"]]
    size = len(contents[-1])
    if said.get("size", str(size)) != str(size):
        details = {"type": "RevisionOutOfSync", "message": "size is %d but the variable says %s" % (size, said["size"])}
        tell("PutJobFailureResult", jobId=job["id"], failureDetails=details)
        return
    count = int(data.get("continuationToken", "0")) + 1
    if count < int(said["jobs"]):
        tell("PutJobSuccessResult", jobId=job["id"], continuationToken=str(count))
        return
    made = b"".join(contents)
    headers = {"content-type": "application/zip", "x-amz-server-side-encryption": "aws:kms"}
    call("s3", "PUT", path(data["outputArtifacts"][0]), made, keys, headers)
    tell("PutJobSuccessResult", jobId=job["id"], outputVariables={"Size": str(len(made))})


def path(artifact):
    location = artifact["location"]["s3Location"]
    return quote("/%s/%s" % (location["bucketName"], location["objectKey"]))
