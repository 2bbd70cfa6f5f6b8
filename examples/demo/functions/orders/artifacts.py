"""Artifacts of a job: zips in S3, read and written with the credentials that the job brings."""

import io
import zipfile

import boto3

from job import Refused


class Artifacts:
    """The artifacts of one job, by name."""

    def __init__(self, data):
        credentials = data["artifactCredentials"]
        # They open only this job's artifacts, and only for some minutes.
        self.s3 = boto3.client(
            "s3",
            aws_access_key_id=credentials["accessKeyId"],
            aws_secret_access_key=credentials["secretAccessKey"],
            aws_session_token=credentials["sessionToken"],
        )
        self.inputs = {artifact["name"]: place_of(artifact) for artifact in data["inputArtifacts"]}
        self.outputs = {artifact["name"]: place_of(artifact) for artifact in data["outputArtifacts"]}
        key = data.get("encryptionKey")
        self.encryption = {"ServerSideEncryption": "aws:kms", **({"SSEKMSKeyId": key["id"]} if key else {})}

    def read(self, artifact, file):
        """The text of a file in an input artifact."""
        body = self.s3.get_object(**named(self.inputs, artifact))["Body"].read()
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                return archive.read(file).decode("utf-8-sig")
        except zipfile.BadZipFile:
            raise Refused("RevisionUnavailable", f"artifact {artifact} is not a zip") from None
        except KeyError:
            raise Refused("RevisionUnavailable", f"artifact {artifact} has no file {file}") from None

    def write(self, artifact, file, text):
        """Makes a file the content of an output artifact."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            # A fixed date, so that the same content is the same bytes.
            archive.writestr(zipfile.ZipInfo(file, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
        place = named(self.outputs, artifact)
        self.s3.put_object(**place, Body=buffer.getvalue(), ContentType="application/zip", **self.encryption)


def place_of(artifact):
    location = artifact["location"]["s3Location"]
    return {"Bucket": location["bucketName"], "Key": location["objectKey"]}


def named(places, artifact):
    if artifact not in places:
        raise Refused("ConfigurationError", f"the action declares no artifact {artifact}; it declares {', '.join(places) or 'none'}")
    return places[artifact]
