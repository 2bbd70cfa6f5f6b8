"""boto3, with its own idea of where AWS is, or with an endpoint that stands in the code."""

import os
import re

import boto3


def client(service, **session):
    return boto3.client(service, endpoint_url=os.environ.get("MATRIX_" + service.upper()), **session)


def report(event, context):
    client("codepipeline").put_job_success_result(jobId=event["CodePipeline.job"]["id"])


def work(event, context):
    job = event["CodePipeline.job"]
    data = job["data"]
    said = dict(re.findall(r"(\w+)=(\d+)", data["actionConfiguration"]["configuration"]["UserParameters"]))
    keys = data["artifactCredentials"]
    s3 = client(
        "s3",
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys["sessionToken"],
    )
    contents = [s3.get_object(**place(artifact))["Body"].read() for artifact in data["inputArtifacts"]]
    codepipeline = client("codepipeline")
    size = len(contents[-1])
    if said.get("size", str(size)) != str(size):
        details = {"type": "RevisionOutOfSync", "message": "size is %d but the variable says %s" % (size, said["size"])}
        codepipeline.put_job_failure_result(jobId=job["id"], failureDetails=details)
        return
    count = int(data.get("continuationToken", "0")) + 1
    if count < int(said["jobs"]):
        codepipeline.put_job_success_result(jobId=job["id"], continuationToken=str(count))
        return
    made = b"".join(contents)
    s3.put_object(Body=made, ServerSideEncryption="aws:kms", **place(data["outputArtifacts"][0]))
    codepipeline.put_job_success_result(jobId=job["id"], outputVariables={"Size": str(len(made))})


def place(artifact):
    location = artifact["location"]["s3Location"]
    return {"Bucket": location["bucketName"], "Key": location["objectKey"]}
