"""Makes boto3 calls for the conformance tests: one JSON line in, one JSON line out, in order.

A call names service, operation, input, region, credentials and perhaps S3's signature version; everything else boto3 finds in its environment.
Bytes travel as {"$bytes": base64}, times as {"$date": ISO 8601}, and an answered stream as {"$stream": base64}.
"""

import base64
import datetime
import functools
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody


def main():
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line, object_hook=revive)), default=mark), flush=True)


def answer(call):
    try:
        client = client_for(
            call["service"], call["region"], json.dumps(call["credentials"]), call.get("signatureVersion")
        )
        method = getattr(client, method_of(client, call["operation"]))
        return {"output": method(**call["input"])}
    except ClientError as error:
        told = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return {"error": {"code": told.get("Code", ""), "message": told.get("Message", ""), "status": status}}
    except BotoCoreError as error:
        return {"error": {"code": type(error).__name__, "message": str(error)}}


@functools.lru_cache(maxsize=64)
def client_for(service, region, credentials, signature_version):
    keys = json.loads(credentials)
    return boto3.client(
        service,
        region_name=region,
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys.get("sessionToken"),
        # What is wrong must reach the server, because its answer is tested.
        config=Config(parameter_validation=False, signature_version=signature_version),
    )


def method_of(client, operation):
    """boto3's own name for an operation, which is given in camel case."""
    for method, name in client.meta.method_to_api_mapping.items():
        if name.lower() == operation.lower():
            return method
    return operation


def revive(value):
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    if "$date" in value:
        return datetime.datetime.fromisoformat(value["$date"].replace("Z", "+00:00"))
    return value


def mark(value):
    if isinstance(value, StreamingBody):
        return {"$stream": base64.b64encode(value.read()).decode()}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$date": value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no form in JSON here")


main()
