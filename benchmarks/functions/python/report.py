"""Reports success with boto3, and answers how long its own run took."""

import time

import boto3

client = boto3.client("codepipeline")


def handler(event, context):
    started = time.perf_counter_ns()
    client.put_job_success_result(jobId=event["CodePipeline.job"]["id"])
    return {"ownNanos": time.perf_counter_ns() - started}
