"""A function of another account than its pipeline's.

Reads its input and an object of its own account, writes both as its output with the account of the job, and reports with a role of the
pipeline's account, because a job is known there alone.
"""

import os

import boto3
from botocore.exceptions import ClientError


def handler(event, context):
    job = event["CodePipeline.job"]
    reporter = reporter_of()
    try:
        work(job["data"], f", for {job['accountId']}".encode())
    except ClientError as error:
        told = error.response["Error"]
        details = {"type": "JobFailed", "message": f"{told['Code']}: {told['Message']}"}
        reporter.put_job_failure_result(jobId=job["id"], failureDetails=details)
        return
    reporter.put_job_success_result(jobId=job["id"])


def reporter_of():
    """Without a role to report with, the function's own."""
    if "REPORTER_ROLE" not in os.environ:
        return boto3.client("codepipeline")
    answer = boto3.client("sts").assume_role(RoleArn=os.environ["REPORTER_ROLE"], RoleSessionName="reporter")
    keys = answer["Credentials"]
    return client("codepipeline", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def work(data, end):
    keys = data["artifactCredentials"]
    artifacts = client("s3", keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])
    content = read(artifacts, **place(data["inputArtifacts"][0]))
    own = read(boto3.client("s3"), Bucket=os.environ["OWN_BUCKET"], Key="own")
    key = data.get("encryptionKey")
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["id"]} if key else {}
    artifacts.put_object(**place(data["outputArtifacts"][0]), Body=content + own + end, **encryption)


def client(service, access_key, secret_key, token):
    return boto3.client(
        service, aws_access_key_id=access_key, aws_secret_access_key=secret_key, aws_session_token=token
    )


def read(s3, **source):
    return s3.get_object(**source)["Body"].read()


def place(artifact):
    location = artifact["location"]["s3Location"]
    return {"Bucket": location["bucketName"], "Key": location["objectKey"]}
