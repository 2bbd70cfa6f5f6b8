import boto3

client = boto3.client('codepipeline')

def lambda_handler(event, context):
    # get codepipeline job id from event
    job_id = event['CodePipeline.job']['id']

    # codepipeline job successful
    client.put_job_success_result(jobId=job_id)

    # codepipeline job failed
    client.put_job_failure_result(
        jobId=job_id,
        failureDetails={
            'type': 'JobFailed'|'ConfigurationError'|'PermissionError'|'RevisionOutOfSync'|'RevisionUnavailable'|'SystemUnavailable',
            'message': ''
        }
    )
