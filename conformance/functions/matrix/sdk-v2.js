// Version 2 of the AWS SDK for JavaScript, which does not know AWS_ENDPOINT_URL.
const AWS = require("aws-sdk");

const at = (service) => {
  const endpoint = process.env[`MATRIX_${service}`];
  return endpoint ? { endpoint } : {};
};

exports.report = async (event) => {
  await new AWS.CodePipeline(at("CODEPIPELINE")).putJobSuccessResult({ jobId: event["CodePipeline.job"].id }).promise();
};

exports.work = async (event) => {
  const { id: jobId, data } = event["CodePipeline.job"];
  const said = Object.fromEntries(
    data.actionConfiguration.configuration.UserParameters.split(" ").map((pair) => pair.split("=")),
  );
  const { artifactCredentials: credentials } = data;
  const s3 = new AWS.S3({ ...at("S3"), credentials, s3ForcePathStyle: process.env.MATRIX_S3 !== undefined });
  const codePipeline = new AWS.CodePipeline(at("CODEPIPELINE"));
  const contents = [];
  for (const artifact of data.inputArtifacts) contents.push((await s3.getObject(placeOf(artifact)).promise()).Body);
  const size = String(contents.at(-1).length);
  if (said.size !== undefined && said.size !== size) {
    const failureDetails = {
      type: "RevisionOutOfSync",
      message: `size is ${size} but the variable says ${said.size}`,
    };
    await codePipeline.putJobFailureResult({ jobId, failureDetails }).promise();
    return;
  }
  const count = Number(data.continuationToken ?? 0) + 1;
  if (count < Number(said.jobs)) {
    await codePipeline.putJobSuccessResult({ jobId, continuationToken: String(count) }).promise();
    return;
  }
  const made = Buffer.concat(contents);
  const target = placeOf(data.outputArtifacts[0]);
  await s3.putObject({ ...target, Body: made, ServerSideEncryption: "aws:kms" }).promise();
  await codePipeline.putJobSuccessResult({ jobId, outputVariables: { Size: String(made.length) } }).promise();
};

function placeOf({ location: { s3Location } }) {
  return { Bucket: s3Location.bucketName, Key: s3Location.objectKey };
}
