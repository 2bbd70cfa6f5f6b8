"""Writes its input artifact backwards as its output, with the job's credentials.

Tries on the way what these do not allow, and tells in output variables how that was refused.
"""

import boto3
from botocore.exceptions import ClientError

codepipeline = boto3.client("codepipeline")


def handler(event, context):
    job = event["CodePipeline.job"]
    data = job["data"]
    s3 = client("s3", data["artifactCredentials"])
    source = place(data["inputArtifacts"][0])
    target = place(data["outputArtifacts"][0])
    content = s3.get_object(**source)["Body"].read()
    refusals = {
        "OtherKey": refusal(lambda: s3.get_object(Bucket=source["Bucket"], Key="source.zip")),
        "List": refusal(lambda: s3.list_objects_v2(Bucket=source["Bucket"])),
        "Overwrite": refusal(lambda: s3.put_object(**source, Body=b"")),
        "Report": refusal(lambda: report(client("codepipeline", data["artifactCredentials"]), job["id"], {})),
    }
    key = data.get("encryptionKey")
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["id"]} if key else {}
    s3.put_object(**target, Body=content[::-1], **encryption)
    report(codepipeline, job["id"], {"Size": str(len(content)), **refusals})


def client(service, credentials):
    return boto3.client(
        service,
        aws_access_key_id=credentials["accessKeyId"],
        aws_secret_access_key=credentials["secretAccessKey"],
        aws_session_token=credentials["sessionToken"],
    )


def place(artifact):
    location = artifact["location"]["s3Location"]
    return {"Bucket": location["bucketName"], "Key": location["objectKey"]}


def report(reporter, job_id, variables):
    reporter.put_job_success_result(jobId=job_id, outputVariables=variables)


def refusal(call):
    try:
        call()
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return "allowed"
