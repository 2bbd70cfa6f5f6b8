import io
import json
import zipfile

import boto3

codepipeline = boto3.client("codepipeline")


def lambda_handler(event, context):
    job = event["CodePipeline.job"]
    try:
        words = run(job["data"])
    except Exception as error:  # Without a report the action would wait for twenty minutes.
        details = {"type": "JobFailed", "message": repr(error)[:5000]}
        codepipeline.put_job_failure_result(jobId=job["id"], failureDetails=details)
        return
    codepipeline.put_job_success_result(jobId=job["id"], outputVariables={"Words": str(words)})


def run(data):
    """Counts the words of the texts in the first input artifact, and writes the counts into the first output artifact."""
    s3 = s3_of(data["artifactCredentials"])
    zipped = s3.get_object(**place_of(data["inputArtifacts"][0]))["Body"].read()
    counts = count_words(texts_of(zipped))
    print(f"{len(counts)} texts have {sum(counts.values())} words")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("counts.json", json.dumps(counts))
    s3.put_object(**place_of(data["outputArtifacts"][0]), Body=buffer.getvalue(), ServerSideEncryption="aws:kms")
    return sum(counts.values())


def texts_of(zipped):
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".txt")}


def count_words(texts):
    if not texts:
        raise ValueError("The artifact has no .txt file.")
    return {name: len(text.split()) for name, text in texts.items()}


def s3_of(credentials):
    """Artifacts are read and written with the credentials of the job, not with those of the function's role."""
    return boto3.client(
        "s3",
        aws_access_key_id=credentials["accessKeyId"],
        aws_secret_access_key=credentials["secretAccessKey"],
        aws_session_token=credentials["sessionToken"],
    )


def place_of(artifact):
    location = artifact["location"]["s3Location"]
    return {"Bucket": location["bucketName"], "Key": location["objectKey"]}
