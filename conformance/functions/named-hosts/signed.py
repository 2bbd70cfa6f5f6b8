"""Signs by hand and asks the URL that it is given: no SDK, and no idea where Penstock is."""

import os
from urllib.parse import urlsplit

import with_urllib


def handler(event, context):
    place = urlsplit(event["url"])
    service, target = event["service"], event.get("target")
    os.environ["MATRIX_" + service.upper()] = "%s://%s" % (place.scheme, place.netloc)
    with_urllib.REGION = event["region"]
    keys = [os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target} if target else {}
    body = b"{}" if target else b""
    return "200 " + with_urllib.call(service, "POST" if target else "GET", place.path, body, keys, headers).decode()
