// Version 2 of the AWS SDK for JavaScript, which does not know AWS_ENDPOINT_URL.
const AWS = require("aws-sdk");

const at = (service) => {
  const endpoint = process.env[`MATRIX_${service}`];
  return endpoint ? { endpoint } : {};
};

exports.report = async (event) => {
  await new AWS.CodePipeline(at("CODEPIPELINE")).putJobSuccessResult({ jobId: event["CodePipeline.job"].id }).promise();
};

exports.copy = async (event) => {
  const { artifactCredentials: credentials, inputArtifacts, outputArtifacts } = event["CodePipeline.job"].data;
  const s3 = new AWS.S3({ ...at("S3"), credentials, s3ForcePathStyle: process.env.MATRIX_S3 !== undefined });
  const [source, target] = [inputArtifacts, outputArtifacts].map(([{ location }]) => location.s3Location);
  const { Body } = await s3.getObject({ Bucket: source.bucketName, Key: source.objectKey }).promise();
  await s3.putObject({ Bucket: target.bucketName, Key: target.objectKey, Body }).promise();
  await exports.report(event);
};
