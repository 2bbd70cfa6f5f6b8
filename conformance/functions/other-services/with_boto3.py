import boto3
from botocore.exceptions import ClientError


def handler(event, context):
    try:
        return boto3.client("dynamodb").list_tables()["TableNames"]
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
