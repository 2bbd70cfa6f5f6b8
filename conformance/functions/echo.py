"""Answers what it was given and where it runs; raises if asked to."""

import os


def handler(event, context):
    print("hello from the function")
    if event.get("raise"):
        raise ValueError(event["raise"])
    return {"event": event, "requestId": context.aws_request_id, "environment": dict(os.environ)}
