"""How these functions answer CodePipeline: every job gets one result, whatever happens.

Lambda may deliver a job twice. The functions here make of the same event the same bytes and the same result, and
CodePipeline accepts a result that it already has.
"""

import logging

import boto3
from botocore.exceptions import ClientError

MESSAGE_CHARACTERS_MAX = 5000  # CodePipeline's limit

FAILURE_TYPES = {
    "NoSuchKey": "RevisionUnavailable",
    "NoSuchBucket": "RevisionUnavailable",
    "AccessDenied": "PermissionError",
    "ExpiredToken": "PermissionError",
    "SlowDown": "SystemUnavailable",
    "InternalError": "SystemUnavailable",
    "ServiceUnavailable": "SystemUnavailable",
}

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)
codepipeline = boto3.client("codepipeline")


class Refused(Exception):
    """The input is not what a function can work with. `failure_type` is one of CodePipeline's six."""

    def __init__(self, failure_type, message):
        super().__init__(message)
        self.failure_type = failure_type


def answer(event, work):
    """Reports what `work` makes of the job's data: the arguments of PutJobSuccessResult, or an error."""
    # The event holds credentials: log parts of it, never the whole.
    job = event["CodePipeline.job"]
    try:
        result = work(job["data"])
    except Exception as error:  # Unreported, it would leave the action waiting for twenty minutes.
        logger.exception("job %s failed", job["id"])
        details = {"type": failure_type(error), "message": (str(error) or repr(error))[:MESSAGE_CHARACTERS_MAX]}
        codepipeline.put_job_failure_result(jobId=job["id"], failureDetails=details)
        return
    codepipeline.put_job_success_result(jobId=job["id"], **result)


def failure_type(error):
    if isinstance(error, Refused):
        return error.failure_type
    if isinstance(error, ClientError):
        return FAILURE_TYPES.get(error.response["Error"]["Code"], "JobFailed")
    return "JobFailed"
