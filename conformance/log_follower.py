"""Follows a log group with the calls of `aws logs tail --follow`, which only version 2 of the AWS CLI has.

Every line that comes in is one look; what is new since the last goes out as a line of JSON. As in the AWS CLI, a look
begins at the time of the newest event that was seen, reads all pages, and passes over the events that it knows.
"""

import json
import sys

import boto3

group, pattern = sys.argv[1:]
pages = boto3.client("logs").get_paginator("filter_log_events")
start_time = 0
known = set()
for line in sys.stdin:
    new = []
    arguments = {"logGroupName": group, "interleaved": True, "startTime": start_time}
    if pattern:
        arguments["filterPattern"] = pattern
    for page in pages.paginate(**arguments, PaginationConfig={"PageSize": 3}):
        for event in page["events"]:
            if event["eventId"] in known:
                continue
            known.add(event["eventId"])
            start_time = max(start_time, event["timestamp"])
            new.append(event["message"].rstrip("\n"))
    print(json.dumps(new), flush=True)
