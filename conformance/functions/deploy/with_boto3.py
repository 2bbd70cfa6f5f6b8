"""Deploys a function out of the job's artifacts, as many do it: create, and update where it is there already."""

import boto3

functions = boto3.client("lambda")
codepipeline = boto3.client("codepipeline")


def handler(event, context):
    job = event["CodePipeline.job"]
    configuration = job["data"]["actionConfiguration"]["configuration"]
    name, role = configuration["UserParameters"].split(" ")
    code, layer = [place(artifact) for artifact in job["data"]["inputArtifacts"]]
    layer_arn = functions.publish_layer_version(LayerName=name + "-words", Content=layer)["LayerVersionArn"]
    settings = {
        "FunctionName": name,
        "Runtime": "nodejs22.x",
        "Role": role,
        "Handler": "index.handler",
        "Environment": {"Variables": {"DEPLOYED_BY": job["id"]}},
        "Layers": [layer_arn],
    }
    try:
        functions.create_function(Code=code, **settings)
        did = "created"
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
    except functions.exceptions.ResourceConflictException as error:
        did = error.response["Error"]["Message"]
        functions.update_function_code(FunctionName=name, **code)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        functions.update_function_configuration(**settings)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    version = functions.publish_version(FunctionName=name)["Version"]
    move_alias(name, version)
    codepipeline.put_job_success_result(jobId=job["id"], outputVariables={"Version": version, "Did": did})


def move_alias(name, version):
    """Half of the calls go to the version before, if there is one."""
    try:
        functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    except functions.exceptions.ResourceConflictException:
        before = functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        weights = {"AdditionalVersionWeights": {before: 0.5}}
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version, RoutingConfig=weights)


def place(artifact):
    location = artifact["location"]["s3Location"]
    return {"S3Bucket": location["bucketName"], "S3Key": location["objectKey"]}
